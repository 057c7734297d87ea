/**
 * 100 000 messages, each a real one that was bent, against an endpoint with calls up: nothing throws, what deserves an answer gets
 * one, memory comes back, and the calls go on. The seeds are what crossed the wire in a call of this test.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SipLegHandlers } from '@sordino/interception';
import fc from 'fast-check';
import { memoryHeld } from './test-support/heap.ts';
import { request, SDP } from './test-support/messages.ts';
import { hurrySipJs, until } from './test-support/quick-time.ts';
import { Notes, type Party, Scene } from './test-support/scene.ts';
import { mutationOf, StormPeer } from './test-support/storm.ts';

const MESSAGES = 100_000;
/** Sent in one go, then looked at. */
const BATCH = 100;
/** The same storm every time; each batch has a seed of its own, counted from here. */
const SEED = 20_261_122;
/** Octets. What V8 keeps of compiled code and of its own tables after 90 000 messages; one octet kept of each would be 90 KB. */
const HEAP_GROWTH_MAX = 6 * 1_048_576;
const LIVE_CALLS = 5;
const HOST = `127.46.${(process.pid >> 8) & 0xff}.${process.pid & 0xff}`;

const scene = new Scene();
let storm: StormPeer | undefined;
beforeAll(() => hurrySipJs());
afterAll(async () => {
  storm?.close();
  await scene.close();
});

/** Messages of one call with everything in it, as the side under test got them; then what no call of ours sends. */
async function recordSeeds(): Promise<string[]> {
  const [us, them] = [await scene.party(), await scene.party()];
  const target = `sip:us@127.0.0.1:${us.port}`;
  const outgoing = new Notes();
  const leg = them.sip.invite({ target, offer: SDP('them'), answerTimeoutMs: 30_000 }, outgoing.handlers);
  const { leg: other, notes } = await us.nextCall();
  other.ring(180);
  other.accept(SDP('us'));
  await notes.next('acknowledged');
  const reoffered = leg.reoffer(SDP('them again'));
  (await notes.next('reoffered')).reoffer.accept(SDP('us again'));
  await reoffered;
  const answered = other.reoffer(SDP('us a third time'));
  (await outgoing.next('reoffered')).reoffer.accept(SDP('them a third time'));
  await answered;
  leg.hangup({ protocol: 'Q.850', cause: 16, text: 'over' });
  await notes.next('ended');
  const received = us.trace.filter(({ direction }) => direction === 'in').map(({ text }) => text);
  const parts = { uri: 'sip:us@127.0.0.1', port: 5060, callId: 'seed', toTag: 'seed' };
  const refer = [
    'Refer-To: <sip:c@127.0.0.1?Replaces=a%3Bto-tag%3D1>',
    'Target-Dialog: a;local-tag=b;remote-tag=c',
  ];
  const session = [
    'Session-Expires: 1800;refresher=uac',
    'Supported: timer, 100rel',
    'RSeq: 1',
    'RAck: 1 1 INVITE',
  ];
  return [
    ...new Set(received),
    request('INVITE', { ...parts, headers: [...session, 'User-to-User: 00a1;encoding=hex'], sdp: SDP('a') }),
    request('CANCEL', parts),
    request('REFER', { ...parts, headers: refer }),
    request('NOTIFY', { ...parts, headers: ['Event: refer;id=1', 'Subscription-State: active'], body: '' }),
    request('UPDATE', { ...parts, headers: session, sdp: SDP('a') }),
    request('PRACK', { ...parts, headers: session }),
    request('INFO', { ...parts, headers: ['Content-Type: application/dtmf-relay'], body: 'Signal=5\r\n' }),
    request('OPTIONS', { ...parts, headers: ['Accept: application/sdp'] }),
    request('REGISTER', parts),
  ];
}

describe('a storm of 100 000 bent messages', () => {
  it('throws nothing, owes nothing, keeps nothing, and leaves the calls alone', async () => {
    const seeds = await recordSeeds();
    expect(new Set(seeds.map((seed) => seed.split(' ', 1)[0])).size).toBeGreaterThanOrEqual(11);
    let offered = 0;
    let taken = 0;
    const us = await scene.party('udp', {
      trace: () => {},
      onInvite: (leg, invite): SipLegHandlers => {
        offered += 1;
        const [contact = ''] = invite.header('Contact');
        if (offered % 4 !== 0 || !contact.includes(`@${HOST}:${storm?.port}>`)) leg.reject(486);
        else {
          taken += 1;
          leg.accept(SDP('us'));
        }
        return { acknowledged: () => leg.hangup(), ended: () => {} };
      },
    });
    storm = await StormPeer.open(us.port, HOST);
    const ours = seeds.map((seed) =>
      seed.replace(/Contact: <[^>]*>/, `Contact: <sip:storm@${HOST}:${storm?.port}>`),
    );
    const them = await scene.party();
    // One after another: of calls that come at once, nothing says which is whose.
    const calls: Awaited<ReturnType<typeof aCall>>[] = [];
    while (calls.length < LIVE_CALLS) calls.push(await aCall(us, them));
    await until(
      () => 'the INVITEs of the calls are forgotten',
      () => us.sip.diagnostics().clients === 0,
    );
    const before = us.sip.diagnostics();

    let heldBefore = 0;
    for (let batch = 0; batch < MESSAGES / BATCH; batch += 1) {
      const mutations = fc.sample(mutationOf(ours), { seed: SEED + batch, numRuns: BATCH });
      for (const mutation of mutations) storm.send(mutation);
      await storm.settle();
      expect(us.log.filter((line) => line.startsWith('error'))).toEqual([]);
      us.log.length = 0;
      expect(storm.malformed).toBeUndefined();
      await until(
        () => `all is answered, but of seed ${SEED + batch}: ${storm?.owed.join('\n')}`,
        () => storm?.owed.length === 0,
      );
      if (batch === MESSAGES / BATCH / 10) heldBefore = memoryHeld();
    }

    await until(
      () => `all is forgotten: ${JSON.stringify(us.sip.diagnostics())}, was ${JSON.stringify(before)}`,
      () => JSON.stringify(us.sip.diagnostics()) === JSON.stringify(before),
    );
    const grown = memoryHeld() - heldBefore;
    console.log(
      `seed ${SEED}: ${storm.sent} messages, ${offered} calls offered, ${taken} taken, heap grown by ${grown}`,
    );
    expect(grown).toBeLessThan(HEAP_GROWTH_MAX);
    expect(taken).toBeGreaterThan(100);
    for (const call of calls) await call.proveAlive();
  }, 300_000);
});

/** A call of `us` towards `them` that can still be changed and ended in good order. */
async function aCall(us: Party, them: Party): Promise<{ proveAlive(): Promise<void> }> {
  const notes = new Notes();
  const target = `sip:them@127.0.0.1:${them.port}`;
  const leg = us.sip.invite({ target, offer: SDP('us'), answerTimeoutMs: 30_000 }, notes.handlers);
  const call = await them.nextCall();
  call.leg.accept(SDP('them'));
  await notes.next('answered');
  await call.notes.next('acknowledged');
  return {
    proveAlive: async () => {
      expect(notes.types).toEqual(['answered']);
      const changed = leg.reoffer(SDP('us again'));
      (await call.notes.next('reoffered')).reoffer.accept(SDP('them again'));
      expect(await changed).toMatchObject({ ok: true, sdp: SDP('them again') });
      call.leg.hangup();
      expect((await notes.next('ended')).end).toMatchObject({ by: 'peer', how: 'bye' });
    },
  };
}
