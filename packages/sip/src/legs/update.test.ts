import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { bodyOf, header, request, response, SDP, tagOf } from '../core/test-support/messages.ts';
import { hurrySipJs } from '../core/test-support/quick-time.ts';
import type { RawUdpPeer } from '../core/test-support/raw-peer.ts';
import { type IncomingCall, Notes, type Party, Scene, untilIdle } from '../core/test-support/scene.ts';

const scene = new Scene();
afterEach(() => scene.close());
beforeAll(() => hurrySipJs());

let calls = 0;

interface Ringing {
  readonly us: Party;
  readonly raw: RawUdpPeer;
  readonly call: IncomingCall;
  readonly parts: { uri: string; port: number; callId: string };
}

/** The raw peer calls us; nothing is answered yet. */
async function ringing(sdp: string | undefined = SDP('raw')): Promise<Ringing> {
  const us = await scene.party();
  const raw = await scene.rawUdp(us.port);
  const parts = { uri: 'sip:tok@127.0.0.1', port: raw.port, callId: `update-${++calls}` };
  raw.send(request('INVITE', { ...parts, ...(sdp === undefined ? {} : { sdp }) }));
  return { us, raw, call: await us.nextCall(), parts };
}

async function talking(sdp?: string) {
  const { us, raw, call, parts } = await ringing(sdp);
  call.leg.accept(SDP('us'));
  const toTag = tagOf(header(await raw.next('SIP/2.0 200'), 'To'));
  raw.send(request('ACK', { ...parts, toTag }));
  await call.notes.next('acknowledged');
  return { us, raw, call, parts: { ...parts, toTag } };
}

const answered = (status: number, cseq: number, method = 'UPDATE'): RegExp =>
  new RegExp(`^SIP/2\\.0 ${status}[\\s\\S]*CSeq: ${cseq} ${method}`);

describe('an UPDATE of the peer (RFC 3311)', () => {
  it('with an offer: told as such, answered with ours, our Contact and Allow; no ACK', async () => {
    const { raw, call, parts } = await talking();
    raw.send(request('UPDATE', { ...parts, cseq: 2, sdp: SDP('raw2') }));
    const { reoffer } = await call.notes.next('reoffered');
    expect(reoffer).toMatchObject({ method: 'UPDATE', sdp: SDP('raw2') });
    reoffer.accept(SDP('us2'));
    reoffer.reject(488);
    const ok = await raw.next(answered(200, 2));
    expect(bodyOf(ok)).toBe(SDP('us2'));
    expect(header(ok, 'Contact')).toContain('sip:sordino@127.0.0.1');
    expect(header(ok, 'Allow')).toContain('UPDATE');
    raw.send(request('UPDATE', { ...parts, cseq: 3, sdp: SDP('raw3') }));
    (await call.notes.next('reoffered')).reoffer.reject(488, [['Warning', '399 us "no"']]);
    expect(header(await raw.next(answered(488, 3)), 'Warning')).toBe('399 us "no"');
    expect(call.leg.state).toBe('confirmed');
  });

  it('without an offer is answered by the stack, and its Contact is where our BYE goes', async () => {
    const { us, raw, call, parts } = await talking();
    const moved = await scene.rawUdp(us.port);
    const headers = [`Contact: <sip:raw@127.0.0.1:${moved.port}>`];
    raw.send(request('UPDATE', { ...parts, cseq: 2, headers }));
    const ok = await raw.next(answered(200, 2));
    expect(bodyOf(ok)).toBe('');
    call.leg.hangup();
    moved.send(response(await moved.next('BYE'), 200));
    await call.notes.next('ended');
    expect(call.notes.types).toEqual(['acknowledged', 'ended']);
    await untilIdle(us);
  });

  it('that is refused moves nothing', async () => {
    const { us, raw, call, parts } = await talking();
    const elsewhere = await scene.rawUdp(us.port);
    const headers = [`Contact: <sip:raw@127.0.0.1:${elsewhere.port}>`];
    raw.send(request('UPDATE', { ...parts, cseq: 2, headers, sdp: SDP('raw2') }));
    (await call.notes.next('reoffered')).reoffer.reject(488);
    await raw.next(answered(488, 2));
    call.leg.hangup();
    await raw.next('BYE');
    expect(elsewhere.count('BYE')).toBe(0);
  });

  it('repeated on the wire is one UPDATE, and one out of order is 500', async () => {
    const { raw, call, parts } = await talking();
    const update = request('UPDATE', { ...parts, cseq: 5, sdp: SDP('raw2') });
    raw.send(update);
    raw.send(update);
    (await call.notes.next('reoffered')).reoffer.accept(SDP('us2'));
    await raw.next(answered(200, 5));
    raw.send(update);
    await raw.next(answered(200, 5));
    expect(call.notes.types.filter((type) => type === 'reoffered')).toHaveLength(1);
    raw.send(request('UPDATE', { ...parts, cseq: 4 }));
    await raw.next(answered(500, 4));
  });

  it('with an offer while our own is open: 491; while the last one of the peer is: 500 with Retry-After', async () => {
    const { raw, call, parts } = await talking();
    const outcome = call.leg.reoffer(SDP('us2'));
    const invite = await raw.next('INVITE');
    raw.send(request('UPDATE', { ...parts, cseq: 2, sdp: SDP('raw2') }));
    await raw.next(answered(491, 2));
    // Without one there is nothing to collide.
    raw.send(request('UPDATE', { ...parts, cseq: 3 }));
    await raw.next(answered(200, 3));
    raw.send(response(invite, 200, { contact: `<sip:raw@127.0.0.1:${raw.port}>`, sdp: SDP('raw3') }));
    await outcome;
    raw.send(request('INVITE', { ...parts, cseq: 4, sdp: SDP('raw4') }));
    const { reoffer } = await call.notes.next('reoffered');
    raw.send(request('UPDATE', { ...parts, cseq: 5, sdp: SDP('raw5') }));
    expect(header(await raw.next(answered(500, 5)), 'Retry-After')).toMatch(/^\d+$/);
    reoffer.accept(SDP('us4'));
    await raw.next(answered(200, 4, 'INVITE'));
    raw.send(request('ACK', { ...parts, cseq: 4 }));
    raw.send(request('UPDATE', { ...parts, cseq: 6, sdp: SDP('raw6') }));
    (await call.notes.next('reoffered')).reoffer.accept(SDP('us6'));
    await raw.next(answered(200, 6));
  });

  it('with an offer before our 200 is acknowledged: 491; before the INVITE is answered: 500, and without an offer 200', async () => {
    const { raw, call, parts } = await ringing();
    call.leg.ring(180);
    const toTag = tagOf(header(await raw.next('SIP/2.0 180'), 'To'));
    raw.send(request('UPDATE', { ...parts, toTag, cseq: 2, sdp: SDP('raw2') }));
    expect(header(await raw.next(answered(500, 2)), 'Retry-After')).toMatch(/^\d+$/);
    raw.send(request('UPDATE', { ...parts, toTag, cseq: 3 }));
    await raw.next(answered(200, 3));
    call.leg.accept(SDP('us'));
    await raw.next(answered(200, 1, 'INVITE'));
    raw.send(request('UPDATE', { ...parts, toTag, cseq: 4, sdp: SDP('raw4') }));
    await raw.next(answered(491, 4));
    raw.send(request('ACK', { ...parts, toTag }));
    await call.notes.next('acknowledged');
    expect(call.notes.types).toEqual(['acknowledged']);
  });

  it('while our INVITE rings: 491 with an offer, 200 without, and the BYE goes to where it said', async () => {
    const us = await scene.party();
    const raw = await scene.rawUdp(us.port);
    const notes = new Notes();
    const leg = us.sip.invite(
      { target: `sip:raw@127.0.0.1:${raw.port}`, offer: SDP('us'), answerTimeoutMs: 170_000 },
      notes.handlers,
    );
    const invite = await raw.next('INVITE');
    raw.send(response(invite, 180, { contact: `<sip:raw@127.0.0.1:${raw.port}>` }));
    await notes.next('progress');
    const parts = { uri: 'sip:sordino@127.0.0.1', port: raw.port, callId: leg.callId };
    const tags = { toTag: tagOf(header(invite, 'From')), fromTag: 'rawtag' };
    raw.send(request('UPDATE', { ...parts, ...tags, cseq: 1, sdp: SDP('raw') }));
    await raw.next(answered(491, 1));
    raw.send(request('UPDATE', { ...parts, ...tags, cseq: 2 }));
    await raw.next(answered(200, 2));
    expect(leg.state).toBe('early');
  });

  it('that nobody handles is 488, and one whose media we do not understand is 415', async () => {
    const us = await scene.party('udp', {
      onInvite: (leg) => {
        queueMicrotask(() => leg.accept(SDP('us')));
        return { ended: () => {} };
      },
    });
    const raw = await scene.rawUdp(us.port);
    const parts = { uri: 'sip:tok@127.0.0.1', port: raw.port, callId: 'nobody' };
    raw.send(request('INVITE', { ...parts, sdp: SDP('raw') }));
    const toTag = tagOf(header(await raw.next('SIP/2.0 200'), 'To'));
    raw.send(request('ACK', { ...parts, toTag }));
    raw.send(request('UPDATE', { ...parts, toTag, cseq: 2, sdp: SDP('raw2') }));
    await raw.next(answered(488, 2));
    const headers = ['Content-Type: text/plain'];
    raw.send(request('UPDATE', { ...parts, toTag, cseq: 3, headers, body: 'hello' }));
    await raw.next(answered(415, 3));
  });

  it('that the application never answers gets 500 after 25 s', async () => {
    const { raw, call, parts } = await talking();
    raw.send(request('UPDATE', { ...parts, cseq: 2, sdp: SDP('raw2') }));
    await call.notes.next('reoffered');
    await raw.next(answered(500, 2));
  });

  it('that is pending when the leg ends is answered 487', async () => {
    const { us, raw, call, parts } = await talking();
    raw.send(request('UPDATE', { ...parts, cseq: 2, sdp: SDP('raw2') }));
    await call.notes.next('reoffered');
    raw.send(request('BYE', { ...parts, cseq: 3 }));
    await raw.next(answered(487, 2));
    await raw.next(answered(200, 3, 'BYE'));
    await untilIdle(us);
  });
});
