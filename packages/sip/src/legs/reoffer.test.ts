import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { SipLeg } from '@sordino/interception';
import { bodyOf, header, request, response, SDP, tagOf } from '../core/test-support/messages.ts';
import { hurrySipJs } from '../core/test-support/quick-time.ts';
import type { RawUdpPeer } from '../core/test-support/raw-peer.ts';
import { type IncomingCall, Notes, type Party, Scene, untilIdle } from '../core/test-support/scene.ts';

const scene = new Scene();
afterEach(() => scene.close());
beforeAll(() => hurrySipJs());

interface Established {
  readonly alice: Party;
  readonly bob: Party;
  readonly leg: SipLeg;
  readonly caller: Notes;
  readonly call: IncomingCall;
}

async function established(): Promise<Established> {
  const [alice, bob] = [await scene.party(), await scene.party()];
  const caller = new Notes();
  const leg = alice.sip.invite(
    { target: `sip:bob@127.0.0.1:${bob.port}`, offer: SDP('alice'), answerTimeoutMs: 170_000 },
    caller.handlers,
  );
  const call = await bob.nextCall();
  call.leg.accept(SDP('bob'));
  await call.notes.next('acknowledged');
  await caller.next('answered');
  return { alice, bob, leg, caller, call };
}

describe('a re-INVITE between two endpoints', () => {
  it('with an offer, from either side', async () => {
    const { leg, caller, call } = await established();
    const byCaller = leg.reoffer(SDP('alice2'));
    const { reoffer } = await call.notes.next('reoffered');
    expect(reoffer.sdp).toBe(SDP('alice2'));
    reoffer.accept(SDP('bob2'));
    expect(await byCaller).toMatchObject({ ok: true, sdp: SDP('bob2') });

    const byCallee = call.leg.reoffer(SDP('bob3'));
    const { reoffer: second } = await caller.next('reoffered');
    second.accept(SDP('alice3'));
    expect(await byCallee).toMatchObject({ ok: true, sdp: SDP('alice3') });
    expect([leg.state, call.leg.state]).toEqual(['confirmed', 'confirmed']);
  });

  it('without an offer: the peer offers, the answer goes in the ACK', async () => {
    const { leg, call } = await established();
    const outcome = leg.reoffer(undefined);
    const { reoffer } = await call.notes.next('reoffered');
    expect(reoffer.sdp).toBeUndefined();
    reoffer.accept(SDP('bob2'));
    const offered = await outcome;
    if (!offered.ok) throw new Error('refused');
    expect(offered.sdp).toBe(SDP('bob2'));
    offered.acknowledge(SDP('alice2'));
    expect(await call.notes.next('acknowledged')).toMatchObject({ sdp: SDP('alice2') });
  });

  it('is refused: the session stays', async () => {
    const { leg, call } = await established();
    const outcome = leg.reoffer(SDP('alice2'));
    const { reoffer } = await call.notes.next('reoffered');
    reoffer.reject(488);
    reoffer.accept(SDP('too late'));
    expect(await outcome).toEqual({ ok: false, status: 488 });
    expect(leg.state).toBe('confirmed');
    const again = leg.reoffer(SDP('alice3'));
    (await call.notes.next('reoffered')).reoffer.accept(SDP('bob3'));
    expect(await again).toMatchObject({ ok: true, sdp: SDP('bob3') });
  });

  it('is answered 488 where nobody handles it', async () => {
    const alice = await scene.party();
    const bob = await scene.party('udp', {
      onInvite: (leg) => {
        queueMicrotask(() => leg.accept(SDP('bob')));
        return { ended: () => {} };
      },
    });
    const caller = new Notes();
    const leg = alice.sip.invite(
      { target: `sip:bob@127.0.0.1:${bob.port}`, offer: SDP('alice'), answerTimeoutMs: 170_000 },
      caller.handlers,
    );
    await caller.next('answered');
    expect(await leg.reoffer(SDP('alice2'))).toEqual({ ok: false, status: 488 });
  });

  it('one at a time, and none without a session', async () => {
    const { leg, call, caller } = await established();
    const first = leg.reoffer(SDP('alice2'));
    expect(await leg.reoffer(SDP('alice3'))).toEqual({ ok: false, status: 491 });
    (await call.notes.next('reoffered')).reoffer.accept(SDP('bob2'));
    await first;
    leg.hangup();
    expect(await leg.reoffer(SDP('alice4'))).toEqual({ ok: false, status: 481 });
    await caller.next('ended');
    expect(await leg.reoffer(SDP('alice5'))).toEqual({ ok: false, status: 481 });
  });

  it('that meets a BYE ends with the leg, and its INVITE is answered 487', async () => {
    const { alice, bob, leg, call } = await established();
    const outcome = leg.reoffer(SDP('alice2'));
    await call.notes.next('reoffered');
    call.leg.hangup();
    expect(await outcome).toMatchObject({ ok: false });
    await call.notes.next('ended');
    expect(
      bob.trace.some(({ direction, text }) => direction === 'out' && text.startsWith('SIP/2.0 487')),
    ).toBe(true);
    await Promise.all([untilIdle(alice), untilIdle(bob)]);
  });

  it('glare: both sides at once get 491 and try again (RFC 3261 §14.1)', async () => {
    const { alice, bob, leg, caller, call } = await established();
    const [fromAlice, fromBob] = [leg.reoffer(SDP('alice2')), call.leg.reoffer(SDP('bob2'))];
    // Whichever side comes first: the waiting times are drawn by lot.
    const answers = [
      call.notes.next('reoffered').then(({ reoffer }) => reoffer.accept(SDP('bob3'))),
      caller.next('reoffered').then(({ reoffer }) => reoffer.accept(SDP('alice3'))),
    ];
    await Promise.all(answers);
    expect(caller.types).toContain('glared');
    expect(call.notes.types).toContain('glared');
    expect(await fromAlice).toMatchObject({ ok: true, sdp: SDP('bob3') });
    expect(await fromBob).toMatchObject({ ok: true, sdp: SDP('alice3') });
    const glares = [...alice.trace, ...bob.trace].filter(
      ({ direction, text }) => direction === 'out' && text.startsWith('SIP/2.0 491'),
    );
    expect(glares.length).toBeGreaterThanOrEqual(2);
  });
});

describe('a re-INVITE with a raw peer', () => {
  /** We are the UAC; the raw peer answered from `contact`. */
  async function withRawCallee(): Promise<{
    us: Party;
    raw: RawUdpPeer;
    leg: SipLeg;
    notes: Notes;
    invite: string;
  }> {
    const us = await scene.party();
    const raw = await scene.rawUdp(us.port);
    const notes = new Notes();
    const leg = us.sip.invite(
      { target: `sip:raw@127.0.0.1:${raw.port}`, offer: SDP('us'), answerTimeoutMs: 170_000 },
      notes.handlers,
    );
    const invite = await raw.next('INVITE');
    raw.send(response(invite, 200, { sdp: SDP('raw'), contact: `<sip:raw@127.0.0.1:${raw.port}>` }));
    await raw.next('ACK');
    return { us, raw, leg, notes, invite };
  }

  const inDialog = (invite: string, raw: RawUdpPeer, method: string, parts: object = {}): string =>
    request(method, {
      uri: 'sip:sordino@127.0.0.1',
      port: raw.port,
      callId: header(invite, 'Call-ID') ?? '',
      fromTag: 'rawtag',
      toTag: tagOf(header(invite, 'From')),
      ...parts,
    });

  it('carries our Contact, and so does our 200', async () => {
    const { us, raw, leg, notes, invite } = await withRawCallee();
    const outcome = leg.reoffer(SDP('us2'));
    const ours = await raw.next('INVITE');
    expect(header(ours, 'Contact')).toBe(`<sip:sordino@127.0.0.1:${us.port}>`);
    expect(header(ours, 'CSeq')).toBe('2 INVITE');
    raw.send(response(ours, 200, { sdp: SDP('raw2'), contact: `<sip:raw@127.0.0.1:${raw.port}>` }));
    await raw.next('ACK');
    await outcome;

    raw.send(inDialog(invite, raw, 'INVITE', { sdp: SDP('raw3'), cseq: 7 }));
    (await notes.next('reoffered')).reoffer.accept(SDP('us3'));
    const ok = await raw.next('SIP/2.0 200');
    expect(header(ok, 'Contact')).toBe(`<sip:sordino@127.0.0.1:${us.port}>`);
    expect(bodyOf(ok)).toBe(SDP('us3'));
  });

  it.each([481, 408])('answered %i ends the leg with a BYE', async (status) => {
    const { raw, leg, notes } = await withRawCallee();
    const outcome = leg.reoffer(SDP('us2'));
    raw.send(response(await raw.next('INVITE'), status));
    expect(await outcome).toEqual({ ok: false, status });
    const bye = await raw.next('BYE');
    raw.send(response(bye, 200));
    expect((await notes.next('ended')).end).toMatchObject({ by: 'peer', how: 'lost' });
  });

  it('that is answered 100 and no more ends the leg, and leaves nothing behind (C9)', async () => {
    const { us, raw, leg, notes } = await withRawCallee();
    const outcome = leg.reoffer(SDP('us2'));
    raw.send(response(await raw.next('INVITE'), 100));
    expect(await outcome).toEqual({ ok: false, status: 408 });
    raw.send(response(await raw.next('BYE'), 200));
    expect((await notes.next('ended')).end).toMatchObject({ by: 'timeout', how: 'lost' });
    await untilIdle(us);
  });

  it('491 for longer than we try: given up, the session stays', async () => {
    const { raw, leg } = await withRawCallee();
    let running = true;
    const outcome = leg.reoffer(SDP('us2')).finally(() => {
      running = false;
    });
    const refusals = (async () => {
      for (;;) {
        const invite = await Promise.race([raw.next('INVITE'), outcome.then(() => undefined)]);
        if (invite === undefined || !running) return;
        raw.send(response(invite, 491));
      }
    })();
    expect(await outcome).toEqual({ ok: false, status: 491 });
    expect(leg.state).toBe('confirmed');
    expect(raw.count('INVITE')).toBeGreaterThan(3);
    await refusals.catch(() => {});
  });

  it('of the peer: two identical ones 25 ms apart, and one before BYE', async () => {
    const { raw, notes, invite } = await withRawCallee();
    raw.send(inDialog(invite, raw, 'INVITE', { sdp: SDP('customer'), cseq: 7 }));
    raw.send(inDialog(invite, raw, 'INVITE', { sdp: SDP('customer'), cseq: 8 }));
    // RFC 3261 §14.2: the second one before the first is done.
    const early = await raw.next('SIP/2.0 500');
    expect(header(early, 'Retry-After')).toMatch(/^\d+$/);
    (await notes.next('reoffered')).reoffer.accept(SDP('us2'));
    const ok = await raw.next('SIP/2.0 200');
    raw.send(inDialog(invite, raw, 'ACK', { cseq: 7, toTag: tagOf(header(ok, 'To')) }));
    raw.send(inDialog(invite, raw, 'INVITE', { sdp: SDP('platform'), cseq: 9 }));
    const { reoffer } = await notes.next('reoffered');
    raw.send(inDialog(invite, raw, 'BYE', { cseq: 10 }));
    expect((await notes.next('ended')).end).toMatchObject({ by: 'peer', how: 'bye' });
    reoffer.accept(SDP('too late'));
    await raw.next(/^SIP\/2\.0 487[\s\S]*CSeq: 9 INVITE/);
  });

  it('of the peer that it cancels is answered 487, and the session stays', async () => {
    const { raw, leg, notes, invite } = await withRawCallee();
    const branch = 'z9hG4bKcancelled';
    raw.send(inDialog(invite, raw, 'INVITE', { sdp: SDP('raw2'), cseq: 7, branch }));
    await notes.next('reoffered');
    raw.send(inDialog(invite, raw, 'CANCEL', { cseq: 7, branch }));
    await raw.next(/^SIP\/2\.0 200[\s\S]*CSeq: 7 CANCEL/);
    await raw.next(/^SIP\/2\.0 487[\s\S]*CSeq: 7 INVITE/);
    expect(leg.state).toBe('confirmed');
  });

  it('of the peer that nobody answers gets 500 after 25 s', async () => {
    const { us, raw, notes, invite } = await withRawCallee();
    raw.send(inDialog(invite, raw, 'INVITE', { sdp: SDP('raw2'), cseq: 7 }));
    await notes.next('reoffered');
    await raw.next(/^SIP\/2\.0 500[\s\S]*CSeq: 7 INVITE/);
    expect(us.log.join('\n')).toContain('an offer of the peer was not answered by the application');
  });

  it('of the peer whose 200 is never acknowledged ends the leg with a BYE', async () => {
    const { raw, notes, invite } = await withRawCallee();
    raw.send(inDialog(invite, raw, 'INVITE', { sdp: SDP('raw2'), cseq: 7 }));
    (await notes.next('reoffered')).reoffer.accept(SDP('us2'));
    raw.send(response(await raw.next('BYE'), 200));
    expect((await notes.next('ended')).end).toMatchObject({ by: 'timeout', how: 'no_ack' });
    expect(
      raw.received.filter((text) => /^SIP\/2\.0 200[\s\S]*CSeq: 7 INVITE/.test(text)).length,
    ).toBeGreaterThan(3);
  });

  it('offerless, whose offer we never answer: refused streams in the ACK, then BYE', async () => {
    const { raw, leg, notes } = await withRawCallee();
    const outcome = leg.reoffer(undefined);
    const ours = await raw.next('INVITE');
    expect(bodyOf(ours)).toBe('');
    raw.send(response(ours, 200, { sdp: SDP('raw2'), contact: `<sip:raw@127.0.0.1:${raw.port}>` }));
    expect(await outcome).toMatchObject({ ok: true, sdp: SDP('raw2') });
    leg.hangup();
    expect(bodyOf(await raw.next(/^ACK[\s\S]*CSeq: 2 ACK/))).toContain('m=audio 0 RTP/AVP 0');
    raw.send(response(await raw.next('BYE'), 200));
    await notes.next('ended');
  });
});
