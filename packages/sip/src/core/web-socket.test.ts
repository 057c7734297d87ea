import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { header, type RequestParts, request, response, SDP, tagOf } from './test-support/messages.ts';
import { hurrySipJs } from './test-support/quick-time.ts';
import type { RawWsPeer } from './test-support/raw-peer.ts';
import { type IncomingCall, type Party, Scene, untilIdle } from './test-support/scene.ts';

const scene = new Scene();
afterEach(() => scene.close());
beforeAll(() => hurrySipJs());

/** RFC 7118 §5: a browser has no address to name, so it makes one up. */
const fromBrowser = (method: string, parts: RequestParts): string =>
  request(method, parts).replace(' 127.0.0.1:9;branch', ' df7jal23ls0d.invalid;branch');

const CONTACT = '<sip:alice@df7jal23ls0d.invalid;transport=ws>';

describe.each(['ws', 'wss'] as const)('a browser over %s', (protocol) => {
  const transport = protocol.toUpperCase();

  /** A confirmed call from a browser. */
  async function call(): Promise<{ us: Party; alice: RawWsPeer; in: IncomingCall; toTag: string }> {
    const us = await scene.party(protocol);
    const alice = await scene.rawWs(us.port, protocol === 'wss');
    const parts = { port: alice.port, callId: 'web', transport, contact: CONTACT };
    alice.send(fromBrowser('INVITE', { ...parts, uri: 'sip:tok@example.com', sdp: SDP('alice') }));
    const incoming = await us.nextCall();
    expect(incoming.invite.source.transport).toBe(protocol);
    incoming.leg.accept(SDP('us'));
    const ok = await alice.next('SIP/2.0 200');
    expect(header(ok, 'Via')).toMatch(new RegExp(`^SIP/2.0/${transport} .*;received=127.0.0.1$`));
    expect(header(ok, 'Contact')).toBe(`<sip:sordino@127.0.0.1:${us.port};transport=ws>`);
    const toTag = tagOf(header(ok, 'To'));
    alice.send(fromBrowser('ACK', { ...parts, uri: `sip:sordino@127.0.0.1:${us.port}`, toTag }));
    await incoming.notes.next('acknowledged');
    return { us, alice, in: incoming, toTag };
  }

  it('is answered, re-INVITEd and hung up on over the connection it made', async () => {
    const { us, alice, in: incoming } = await call();
    const reoffered = incoming.leg.reoffer(SDP('again'));
    const invite = await alice.next('INVITE');
    expect(invite).toMatch(/^INVITE sip:alice@df7jal23ls0d\.invalid;transport=ws SIP/);
    expect(header(invite, 'Via')).toMatch(new RegExp(`^SIP/2.0/${transport} 127.0.0.1:${us.port};`));
    alice.send(response(invite, 200, { contact: CONTACT, sdp: SDP('alice') }));
    expect(await reoffered).toMatchObject({ ok: true, sdp: SDP('alice') });
    await alice.next('ACK');
    incoming.leg.hangup();
    alice.send(response(await alice.next('BYE'), 200));
    expect((await incoming.notes.next('ended')).end).toMatchObject({ by: 'us', how: 'bye', status: 200 });
    await untilIdle(us);
  });

  it('that lost its connection comes back over another, and is found there', async () => {
    const { us, alice, in: incoming, toTag } = await call();
    await alice.close();
    const again = await scene.rawWs(us.port, protocol === 'wss');
    again.send(
      fromBrowser('INFO', {
        uri: `sip:sordino@127.0.0.1:${us.port}`,
        port: 9,
        callId: 'web',
        transport,
        toTag,
        cseq: 2,
      }),
    );
    await again.next('SIP/2.0 200');
    incoming.leg.hangup();
    again.send(response(await again.next('BYE'), 200));
    expect((await incoming.notes.next('ended')).end).toMatchObject({ by: 'us', how: 'bye', status: 200 });
  });

  it('that is gone for good costs no more than its own call', async () => {
    const { us, alice, in: incoming } = await call();
    await alice.close();
    incoming.leg.hangup();
    expect((await incoming.notes.next('ended')).end).toMatchObject({ by: 'us', status: undefined });
    await untilIdle(us);
    expect(us.log.filter((line) => line.startsWith('error'))).toEqual([]);
  });

  it('gets no answer to what is not SIP, and is served all the same', async () => {
    const us = await scene.party(protocol);
    const alice = await scene.rawWs(us.port, protocol === 'wss');
    alice.send('hello');
    alice.send(new Uint8Array([0xff, 0xfe, 0]));
    alice.send(fromBrowser('OPTIONS', { uri: 'sip:us@h', port: 9, callId: 'o', transport }));
    expect(await alice.next('SIP/2.0')).toMatch(/^SIP\/2\.0 200 /);
    expect(alice.received).toHaveLength(1);
  });
});
