import { afterEach, describe, expect, it } from '@jest/globals';
import { header, request, response, SDP, tagOf } from '../core/test-support/messages.ts';
import { hurrySipJs, until } from '../core/test-support/quick-time.ts';
import { Notes, type Party, Scene } from '../core/test-support/scene.ts';
import type { StoredChange, StoredLeg } from '../farewell/stored-leg.ts';

hurrySipJs();

const scene = new Scene();
afterEach(() => scene.close());

/** What would be left behind, and how often it was written. */
async function bookedParty(): Promise<{
  party: Party;
  legs: Map<string, StoredLeg>;
  writes: StoredChange[][];
}> {
  const legs = new Map<string, StoredLeg>();
  const writes: StoredChange[][] = [];
  const write = (changes: readonly StoredChange[]): void => {
    writes.push([...changes]);
    for (const change of changes) {
      if ('leg' in change) legs.set(change.leg.id, change.leg);
      if ('over' in change) legs.delete(change.over);
    }
  };
  const party = await scene.party('udp', { dialogs: { write } });
  return { party, legs, writes };
}

const only = (legs: Map<string, StoredLeg>): StoredLeg => {
  const [leg] = legs.values();
  if (leg === undefined || legs.size !== 1) throw new Error(`${legs.size} legs are written down`);
  return leg;
};

describe('the book of legs', () => {
  it('says first where the endpoint listens', async () => {
    const { party, writes } = await bookedParty();
    const listen = [{ protocol: 'udp', host: '127.0.0.1', port: party.port }];
    expect(writes).toEqual([[{ endpoint: { listen } }]]);
  });

  it('has an INVITE of ours before it leaves, then its dialog, its new target, and nothing when it is over', async () => {
    const { party, legs } = await bookedParty();
    const peer = await scene.rawUdp(party.port);
    const notes = new Notes();
    const call = { target: `sip:e-91@127.0.0.1:${peer.port}`, offer: SDP('us'), answerTimeoutMs: 100_000 };
    const leg = party.sip.invite(call, { ...notes.handlers, label: { call: 'ses_1', role: 'leg7_out' } });
    const invite = await peer.next('INVITE');
    expect(only(legs)).toMatchObject({
      role: 'uac',
      state: 'unanswered',
      label: { call: 'ses_1', role: 'leg7_out' },
      address: { host: '127.0.0.1', port: peer.port },
      callId: header(invite, 'Call-ID'),
      vias: [header(invite, 'Via')],
      remoteTag: '',
      target: call.target,
      cseq: 1,
    });

    const contact = `<sip:first@127.0.0.1:${peer.port}>`;
    const route = `<sip:127.0.0.1:${peer.port};lr>`;
    peer.send(
      response(invite, 200, {
        toTag: 'them',
        contact,
        headers: [`Record-Route: ${route}`],
        sdp: SDP('them'),
      }),
    );
    await peer.next('ACK');
    expect(only(legs)).toMatchObject({
      state: 'confirmed',
      remoteTag: 'them',
      remote: `<${call.target}>;tag=them`,
      target: `sip:first@127.0.0.1:${peer.port}`,
      routes: [route],
    });

    const dialog = { port: peer.port, callId: leg.callId, fromTag: 'them', toTag: only(legs).localTag };
    const uri = 'sip:sordino@127.0.0.1';
    const second = `<sip:second@127.0.0.1:${peer.port}>`;
    peer.send(request('INVITE', { uri, ...dialog, cseq: 2, contact: second, sdp: SDP('them') }));
    const { reoffer } = await notes.next('reoffered');
    reoffer.accept(SDP('us'));
    await peer.next('SIP/2.0 200');
    await until(
      () => 'the new target is written down',
      () => only(legs).target === `sip:second@127.0.0.1:${peer.port}`,
    );

    leg.hangup();
    peer.send(response(await peer.next('BYE'), 200));
    await until(
      () => 'the leg is off the book',
      () => legs.size === 0,
    );
  });

  it('has an INVITE that came in, with all that an answer needs, until it is refused', async () => {
    const { party, legs } = await bookedParty();
    const peer = await scene.rawUdp(party.port);
    const uri = 'sip:tok_1@127.0.0.1';
    peer.send(
      request('INVITE', { uri, port: peer.port, callId: 'in', branch: 'z9hG4bKin', sdp: SDP('them') }),
    );
    const { leg } = await party.nextCall();
    const stored = only(legs);
    expect(stored).toMatchObject({ role: 'uas', state: 'unanswered', remoteTag: 'rawtag', inviteCseq: 1 });
    expect(stored.vias[0]).toContain('branch=z9hG4bKin');
    leg.ring(180);
    expect(tagOf(header(await peer.next('SIP/2.0 180'), 'To'))).toBe(stored.localTag);
    leg.reject(486);
    await peer.next('SIP/2.0 486');
    await until(
      () => 'the leg is off the book',
      () => legs.size === 0,
    );
  });

  it('knows that a 2xx has left before its ACK is here', async () => {
    const { party, legs } = await bookedParty();
    const peer = await scene.rawUdp(party.port);
    const uri = 'sip:tok_1@127.0.0.1';
    peer.send(request('INVITE', { uri, port: peer.port, callId: 'in', sdp: SDP('them') }));
    const { leg, notes } = await party.nextCall();
    leg.accept(SDP('us'));
    const toTag = tagOf(header(await peer.next('SIP/2.0 200'), 'To'));
    expect(only(legs).state).toBe('accepted');
    peer.send(request('ACK', { uri, port: peer.port, callId: 'in', toTag }));
    await notes.next('acknowledged');
    await until(
      () => 'the ACK is written down',
      () => only(legs).state === 'confirmed',
    );
  });

  it('writes once a message, not once a change', async () => {
    const { party, writes } = await bookedParty();
    const peer = await scene.rawUdp(party.port);
    const notes = new Notes();
    const call = { target: `sip:e-91@127.0.0.1:${peer.port}`, offer: SDP('us'), answerTimeoutMs: 100_000 };
    party.sip.invite(call, notes.handlers);
    const invite = await peer.next('INVITE');
    const contact = `<sip:first@127.0.0.1:${peer.port}>`;
    peer.send(response(invite, 200, { toTag: 'them', contact, sdp: SDP('them') }));
    await notes.next('answered');
    await new Promise((resolve) => setTimeout(resolve, 20));
    // Where it listens, the INVITE, the ACK, and once more when all had settled.
    expect(writes.length).toBeLessThanOrEqual(4);
  });
});
