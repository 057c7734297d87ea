import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { bodyOf, header, request, response, SDP, tagOf } from '../core/test-support/messages.ts';
import { hurrySipJs } from '../core/test-support/quick-time.ts';
import type { RawUdpPeer } from '../core/test-support/raw-peer.ts';
import { type IncomingCall, Notes, type Party, Scene, untilIdle } from '../core/test-support/scene.ts';

const scene = new Scene();
afterEach(() => scene.close());
beforeAll(() => hurrySipJs());

let calls = 0;

interface Talking {
  readonly us: Party;
  readonly raw: RawUdpPeer;
  readonly call: IncomingCall;
  readonly parts: { uri: string; port: number; callId: string; toTag: string };
}

/** The raw peer has called us. */
async function talking(headers: readonly string[] = [], timing = {}): Promise<Talking> {
  const us = await scene.party('udp', { timing });
  const raw = await scene.rawUdp(us.port);
  const parts = { uri: 'sip:tok@127.0.0.1', port: raw.port, callId: `life-${++calls}` };
  raw.send(request('INVITE', { ...parts, headers, sdp: SDP('raw') }));
  const call = await us.nextCall();
  call.leg.accept(SDP('us'));
  const toTag = tagOf(header(await raw.next('SIP/2.0 200'), 'To'));
  raw.send(request('ACK', { ...parts, toTag }));
  await call.notes.next('acknowledged');
  return { us, raw, call, parts: { ...parts, toTag } };
}

/** We have called the raw peer. */
async function calling() {
  const us = await scene.party();
  const raw = await scene.rawUdp(us.port);
  const notes = new Notes();
  const leg = us.sip.invite(
    { target: `sip:raw@127.0.0.1:${raw.port}`, offer: SDP('us'), answerTimeoutMs: 170_000 },
    notes.handlers,
  );
  const invite = await raw.next('INVITE');
  raw.send(response(invite, 200, { contact: contactOf(raw), sdp: SDP('raw') }));
  await raw.next('ACK');
  const callId = leg.callId;
  const parts = { uri: 'sip:us@127.0.0.1', port: raw.port, callId, toTag: tagOf(header(invite, 'From')) };
  return { us, raw, leg, notes, parts };
}

const contactOf = (peer: RawUdpPeer): string => `<sip:raw@127.0.0.1:${peer.port}>`;

describe('the target of a dialog is where the peer said last (RFC 3261 §12.2)', () => {
  it.each(['a leg that came in', 'a leg of ours'])(
    '%s: the re-INVITE of the peer moves it',
    async (which) => {
      const { us, raw, parts, leg, notes } =
        which === 'a leg of ours'
          ? await calling()
          : await talking().then((all) => ({ ...all, leg: all.call.leg, notes: all.call.notes }));
      const moved = await scene.rawUdp(us.port);
      raw.send(request('INVITE', { ...parts, cseq: 7, contact: contactOf(moved), sdp: SDP('moved') }));
      (await notes.next('reoffered')).reoffer.accept(SDP('us2'));
      await raw.next(/^SIP\/2\.0 200[\s\S]*CSeq: 7 INVITE/);
      raw.send(request('ACK', { ...parts, cseq: 7 }));
      leg.hangup();
      moved.send(response(await moved.next('BYE'), 200));
      await notes.next('ended');
      expect(raw.count('BYE')).toBe(0);
      await untilIdle(us);
    },
  );

  it.each(['INVITE', 'UPDATE'])('so does the answer to our %s', async (method) => {
    const allow = method === 'UPDATE' ? ['Allow: INVITE, UPDATE'] : [];
    const timing = { minSeS: 6, sessionExpiresS: 12 };
    const { us, raw, call } = await talking(['Supported: timer', ...allow], timing);
    const moved = await scene.rawUdp(us.port);
    const refresh = await raw.next(method);
    raw.send(
      response(refresh, 200, {
        contact: contactOf(moved),
        ...(allow.length === 0 ? { sdp: SDP('raw') } : {}),
      }),
    );
    if (method === 'INVITE') await moved.next('ACK');
    moved.send(response(await moved.next(method), 200, { contact: contactOf(moved), sdp: SDP('raw') }));
    call.leg.hangup();
    moved.send(response(await moved.next('BYE'), 200));
    await call.notes.next('ended');
    await untilIdle(us);
  });
});

describe('re-INVITEs of the peer', () => {
  it('within some ms: the second overtakes the ACK of the first, and both are answered', async () => {
    const { us, raw, call, parts } = await talking();
    raw.send(request('INVITE', { ...parts, cseq: 2, sdp: SDP('customer') }));
    (await call.notes.next('reoffered')).reoffer.accept(SDP('us'));
    await raw.next(/^SIP\/2\.0 200[\s\S]*CSeq: 2 INVITE/);
    raw.send(request('INVITE', { ...parts, cseq: 3, sdp: SDP('customer') }));
    (await call.notes.next('reoffered')).reoffer.accept(SDP('us'));
    await raw.next(/^SIP\/2\.0 200[\s\S]*CSeq: 3 INVITE/);
    for (const cseq of [2, 3]) raw.send(request('ACK', { ...parts, cseq }));
    call.leg.hangup();
    raw.send(response(await raw.next('BYE'), 200));
    expect((await call.notes.next('ended')).end).toMatchObject({ by: 'us', how: 'bye' });
    await untilIdle(us);
  });

  it('after one without an offer: not before its ACK, which has the answer', async () => {
    const { raw, call, parts } = await talking();
    raw.send(request('INVITE', { ...parts, cseq: 2 }));
    (await call.notes.next('reoffered')).reoffer.accept(SDP('us2'));
    await raw.next(/^SIP\/2\.0 200[\s\S]*CSeq: 2 INVITE/);
    raw.send(request('INVITE', { ...parts, cseq: 3, sdp: SDP('raw3') }));
    await raw.next(/^SIP\/2\.0 500[\s\S]*CSeq: 3 INVITE/);
    raw.send(request('UPDATE', { ...parts, cseq: 4, sdp: SDP('raw4') }));
    await raw.next(/^SIP\/2\.0 491[\s\S]*CSeq: 4 UPDATE/);
    raw.send(
      request('ACK', { ...parts, cseq: 2, headers: ['Content-Type: application/sdp'], body: SDP('raw2') }),
    );
    expect(await call.notes.next('acknowledged')).toMatchObject({ sdp: SDP('raw2') });
  });
});

describe('re-INVITEs of ours', () => {
  it('wait for a refresh that is under way, and are not refused', async () => {
    const { raw, call } = await talking([], { minSeS: 6, sessionExpiresS: 12 });
    const refresh = await raw.next('INVITE');
    const outcome = call.leg.reoffer(SDP('us2'));
    raw.send(response(refresh, 200, { contact: contactOf(raw), sdp: SDP('raw') }));
    await raw.next('ACK');
    const own = await raw.next('INVITE');
    expect(bodyOf(own)).toBe(SDP('us2'));
    raw.send(response(own, 200, { contact: contactOf(raw), sdp: SDP('raw2') }));
    expect(await outcome).toMatchObject({ ok: true, sdp: SDP('raw2') });
    // What the peer has taken is what the next refresh repeats.
    expect(bodyOf(await raw.next('INVITE'))).toBe(SDP('us2'));
  });

  it.each([404, 408, 410, 416, 480, 481, 482, 483, 484, 485, 502, 604])(
    'answered %i: the dialog is gone (RFC 5057), and the leg with it',
    async (status) => {
      const { raw, call } = await talking();
      const outcome = call.leg.reoffer(SDP('us2'));
      raw.send(response(await raw.next('INVITE'), status));
      expect(await outcome).toEqual({ ok: false, status });
      const bye = await raw.next('BYE');
      expect(header(bye, 'Reason')).toBe(`SIP;cause=${status};text="re-INVITE: ${status}"`);
      raw.send(response(bye, 481));
      expect((await call.notes.next('ended')).end).toMatchObject({ how: 'lost', status });
    },
  );

  it.each([400, 403, 488, 500, 503, 603])('answered %i: the session stays', async (status) => {
    const { raw, call } = await talking();
    const outcome = call.leg.reoffer(SDP('us2'));
    raw.send(response(await raw.next('INVITE'), status));
    expect(await outcome).toEqual({ ok: false, status });
    expect(call.leg.state).toBe('confirmed');
  });

  it('answered 422: once more with the interval of the peer', async () => {
    const { raw, call } = await talking([], { minSeS: 6, sessionExpiresS: 600 });
    const outcome = call.leg.reoffer(SDP('us2'));
    const first = await raw.next('INVITE');
    expect(header(first, 'Session-Expires')).toBe('600;refresher=uac');
    raw.send(response(first, 422, { headers: ['Min-SE: 700'] }));
    const second = await raw.next(/^INVITE[\s\S]*Session-Expires: 700/);
    raw.send(response(second, 200, { contact: contactOf(raw), sdp: SDP('raw2') }));
    expect(await outcome).toMatchObject({ ok: true });
  });
});

describe('timer C', () => {
  it('a callee that rings for ever is canceled after three minutes, whatever the application would bear', async () => {
    const us = await scene.party('udp', { timing: { timerCMs: 6_000 } });
    const raw = await scene.rawUdp(us.port);
    const notes = new Notes();
    us.sip.invite(
      { target: `sip:raw@127.0.0.1:${raw.port}`, offer: SDP('us'), answerTimeoutMs: 100_000_000 },
      notes.handlers,
    );
    raw.send(response(await raw.next('INVITE'), 180, { contact: contactOf(raw) }));
    await raw.next('CANCEL');
    expect((await notes.next('ended')).end).toMatchObject({ by: 'timeout', how: 'no_answer' });
    // It answers neither: the transaction is thrown out all the same.
    await untilIdle(us);
  });

  it('a leg that nobody ends is ended at the longest call duration, with a BYE that says so', async () => {
    const { us, raw, call } = await talking([], { callMs: 6_000 });
    const bye = await raw.next('BYE');
    expect(header(bye, 'Reason')).toBe('SIP;cause=408;text="longest call duration"');
    raw.send(response(bye, 200));
    expect((await call.notes.next('ended')).end).toMatchObject({ by: 'timeout', how: 'bye' });
    await untilIdle(us);
  });
});
