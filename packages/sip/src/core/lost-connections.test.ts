import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { header, request, response, SDP, tagOf } from './test-support/messages.ts';
import { hurrySipJs, until } from './test-support/quick-time.ts';
import type { RawTcpPeer } from './test-support/raw-peer.ts';
import { type IncomingCall, Notes, type Party, Scene } from './test-support/scene.ts';

const scene = new Scene();
afterEach(() => scene.close());
beforeAll(() => hurrySipJs());

/** A new connection may take a busy machine longer than a BYE is usually waited for. */
const timing = { byeAnswerMs: 100_000 };

const HOWS = ['closed', 'reset'] as const;
const WHENS = ['long ago', 'this moment'] as const;
const ROWS = HOWS.flatMap((how) => WHENS.map((when) => [how, when] as const));

/** An RST that has been sent is not always one that has been seen. */
const pass = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

/** The peer has its second connection: what it sends goes over that. */
const second = (peer: RawTcpPeer): Promise<void> =>
  until(
    () => 'we have connected again',
    () => peer.connections === 2,
  );

describe.each(['tcp', 'tls'] as const)('in a call over %s', (protocol) => {
  const via = protocol.toUpperCase();
  const contactOf = (peer: RawTcpPeer): string => `<sip:raw@127.0.0.1:${peer.port};transport=${protocol}>`;

  /** A confirmed leg of ours to a listening peer. */
  async function outgoing(): Promise<{
    peer: RawTcpPeer;
    notes: Notes;
    leg: ReturnType<Party['sip']['invite']>;
    us: Party;
    invite: string;
  }> {
    const us = await scene.party(protocol, { timing });
    const peer = await scene.rawTcp(undefined, protocol);
    const notes = new Notes();
    const target = `sip:raw@127.0.0.1:${peer.port};transport=${protocol}`;
    const leg = us.sip.invite({ target, offer: SDP('us'), answerTimeoutMs: 60_000 }, notes.handlers);
    const invite = await peer.next('INVITE');
    peer.send(response(invite, 200, { contact: contactOf(peer), sdp: SDP('raw') }));
    await notes.next('answered');
    await peer.next('ACK');
    return { us, peer, notes, leg, invite };
  }

  /** A confirmed leg of a peer that dialled us and listens elsewhere, as platforms do. */
  async function incoming(): Promise<{
    us: Party;
    dialled: RawTcpPeer;
    listens: RawTcpPeer;
    call: IncomingCall;
    toTag: string;
  }> {
    const us = await scene.party(protocol, { timing });
    const listens = await scene.rawTcp(undefined, protocol);
    const dialled = await scene.rawTcp(us.port, protocol);
    const parts = {
      uri: 'sip:tok@127.0.0.1',
      port: listens.port,
      callId: 'lost',
      transport: via,
      contact: contactOf(listens),
    };
    dialled.send(request('INVITE', { ...parts, sdp: SDP('raw') }));
    const call = await us.nextCall();
    call.leg.accept(SDP('us'));
    const toTag = tagOf(header(await dialled.next('SIP/2.0 200'), 'To'));
    dialled.send(request('ACK', { ...parts, toTag }));
    await call.notes.next('acknowledged');
    return { us, dialled, listens, call, toTag };
  }

  it.each(ROWS)('our BYE arrives after the peer %s the connection %s', async (how, when) => {
    const { peer, leg, notes } = await outgoing();
    peer.drop(how);
    if (when === 'long ago') await pass();
    leg.hangup();
    const bye = await peer.next('BYE');
    await second(peer);
    peer.send(response(bye, 200));
    expect((await notes.next('ended')).end).toMatchObject({ by: 'us', how: 'bye', status: 200 });
  });

  it.each(ROWS)('our re-INVITE arrives after the peer %s the connection %s', async (how, when) => {
    const { peer, leg } = await outgoing();
    peer.drop(how);
    if (when === 'long ago') await pass();
    const reoffered = leg.reoffer(SDP('again'));
    const invite = await peer.next('INVITE');
    await second(peer);
    peer.send(response(invite, 200, { contact: contactOf(peer), sdp: SDP('raw') }));
    expect(await reoffered).toMatchObject({ ok: true });
    await peer.next('ACK');
  });

  it.each(HOWS)('what was under way when the peer %s the connection is sent again', async (how) => {
    const { peer, leg, notes } = await outgoing();
    leg.hangup();
    const bye = await peer.next('BYE');
    peer.drop(how);
    const again = await peer.next('BYE');
    expect(header(again, 'Via')).toBe(header(bye, 'Via'));
    peer.send(response(again, 200));
    expect((await notes.next('ended')).end).toMatchObject({ status: 200 });
  });

  it.each(HOWS)('we call the peer back when it %s the connection it had made', async (how) => {
    const { dialled, listens, call } = await incoming();
    dialled.drop(how);
    call.leg.hangup();
    listens.send(response(await listens.next('BYE'), 200));
    expect((await call.notes.next('ended')).end).toMatchObject({ by: 'us', status: 200 });
  });

  it.each(HOWS)('a peer that %s its connection speaks on over another, and hangs up', async (how) => {
    const { us, dialled, call, toTag } = await incoming();
    dialled.drop(how);
    const again = await scene.rawTcp(us.port, protocol);
    const parts = { uri: 'sip:sordino@127.0.0.1', port: again.port, callId: 'lost', transport: via, toTag };
    again.send(request('INVITE', { ...parts, cseq: 2, sdp: SDP('new') }));
    const { reoffer } = await call.notes.next('reoffered');
    reoffer.accept(SDP('us'));
    await again.next('SIP/2.0 200');
    again.send(request('ACK', { ...parts, cseq: 2 }));
    again.send(request('BYE', { ...parts, cseq: 3 }));
    await again.next((message) => message.startsWith('SIP/2.0 200') && message.includes('BYE'));
    expect((await call.notes.next('ended')).end).toMatchObject({ by: 'peer', how: 'bye' });
  });

  it('a peer behind a NAT, whose Contact leads nowhere, is found where it last spoke', async () => {
    const { us, dialled, listens, call, toTag } = await incoming();
    await listens.close();
    dialled.drop('reset');
    const again = await scene.rawTcp(us.port, protocol);
    again.send(
      request('INFO', {
        uri: 'sip:sordino@127.0.0.1',
        port: again.port,
        callId: 'lost',
        transport: via,
        toTag,
        cseq: 2,
      }),
    );
    await again.next('SIP/2.0 200');
    call.leg.hangup();
    again.send(response(await again.next('BYE'), 200));
    expect((await call.notes.next('ended')).end).toMatchObject({ by: 'us', status: 200 });
  });

  it('a peer that is gone for good ends the leg, and nothing else', async () => {
    const { us, peer, leg, notes } = await outgoing();
    await peer.close();
    leg.hangup();
    expect((await notes.next('ended')).end).toMatchObject({ by: 'us', status: undefined });
    await until(
      () => `nothing is left: ${JSON.stringify(us.sip.diagnostics())}`,
      () => us.sip.diagnostics().legs === 0,
    );
    expect(us.log.filter((line) => line.startsWith('error'))).toEqual([]);
  });
});
