import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { header, request, response, SDP, tagOf } from '../core/test-support/messages.ts';
import { hurrySipJs } from '../core/test-support/quick-time.ts';
import { Notes, Scene, untilIdle } from '../core/test-support/scene.ts';

const scene = new Scene();
afterEach(() => scene.close());
beforeAll(() => hurrySipJs());

const NIL = '0'.repeat(32);
const THEIRS = 'ab30317f1a784dc48ff824d0d3715d86';
const OTHER = '47755a9de7794ba387653f2099600ef2';

describe('Session-ID (RFC 7989)', () => {
  it('is in every message of a leg that came in: our half and, once heard, that of the peer', async () => {
    const us = await scene.party();
    const raw = await scene.rawUdp(us.port);
    const parts = { uri: 'sip:tok@127.0.0.1', port: raw.port, callId: 'sid' };
    raw.send(
      request('INVITE', { ...parts, headers: [`Session-ID: ${THEIRS};remote=${NIL}`], sdp: SDP('raw') }),
    );
    const call = await us.nextCall();
    call.leg.ring(180);
    const ringing = await raw.next('SIP/2.0 180');
    const own = call.leg.sessionUuid;
    expect(own).toMatch(/^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
    expect(header(ringing, 'Session-ID')).toBe(`${own};remote=${THEIRS}`);
    call.leg.accept(SDP('us'));
    const ok = await raw.next('SIP/2.0 200');
    expect(header(ok, 'Session-ID')).toBe(`${own};remote=${THEIRS}`);
    const toTag = tagOf(header(ok, 'To'));
    raw.send(request('ACK', { ...parts, toTag }));
    await call.notes.next('acknowledged');
    // The peer was transferred: its half changes (§8). What is no UUID changes nothing.
    for (const [cseq, value] of [
      [2, `${OTHER.toUpperCase()};remote=${own}`],
      [3, 'nonsense'],
    ] as const) {
      raw.send(request('INFO', { ...parts, toTag, cseq, headers: [`Session-ID: ${value}`] }));
      const answer = await raw.next(new RegExp(`CSeq: ${cseq} INFO`));
      expect(header(answer, 'Session-ID')).toBe(`${own};remote=${OTHER}`);
    }
    call.leg.hangup();
    const bye = await raw.next('BYE');
    expect(header(bye, 'Session-ID')).toBe(`${own};remote=${OTHER}`);
    raw.send(response(bye, 200));
    await untilIdle(us);
  });

  it('is in every message of a leg of ours, with the half of the leg that it belongs to', async () => {
    const us = await scene.party();
    const raw = await scene.rawUdp(us.port);
    const notes = new Notes();
    const leg = us.sip.invite(
      {
        target: `sip:raw@127.0.0.1:${raw.port}`,
        offer: SDP('us'),
        answerTimeoutMs: 170_000,
        sessionUuid: OTHER,
      },
      notes.handlers,
    );
    const invite = await raw.next('INVITE');
    expect(leg.sessionUuid).toBe(OTHER);
    expect(header(invite, 'Session-ID')).toBe(`${OTHER};remote=${NIL}`);
    const contact = `<sip:raw@127.0.0.1:${raw.port}>`;
    raw.send(
      response(invite, 200, { contact, headers: [`Session-ID: ${THEIRS};remote=${OTHER}`], sdp: SDP('raw') }),
    );
    expect(header(await raw.next('ACK'), 'Session-ID')).toBe(`${OTHER};remote=${THEIRS}`);
    leg.hangup();
    const bye = await raw.next('BYE');
    expect(header(bye, 'Session-ID')).toBe(`${OTHER};remote=${THEIRS}`);
    raw.send(response(bye, 200));
    await untilIdle(us);
  });

  it('is in a refusal each time that it is sent, though the leg is gone', async () => {
    const us = await scene.party();
    const raw = await scene.rawUdp(us.port);
    const branch = 'z9hG4bKrefused';
    const parts = { uri: 'sip:tok@127.0.0.1', port: raw.port, callId: 'refused', branch };
    const headers = [`Session-ID: ${THEIRS};remote=${NIL}`];
    const invite = request('INVITE', { ...parts, headers, sdp: SDP('raw') });
    raw.send(invite);
    const call = await us.nextCall();
    call.leg.reject(486);
    const refusal = await raw.next('SIP/2.0 486');
    expect(header(refusal, 'Session-ID')).toBe(`${call.leg.sessionUuid};remote=${THEIRS}`);
    // Once for the INVITE that comes again, and twice by its own timer.
    raw.send(invite);
    for (let again = 0; again < 3; again += 1) expect(await raw.next('SIP/2.0 486')).toBe(refusal);
    raw.send(request('ACK', { ...parts, toTag: tagOf(header(refusal, 'To')) }));
    await untilIdle(us);
  });

  it('is in the CANCEL too', async () => {
    const us = await scene.party();
    const raw = await scene.rawUdp(us.port);
    const leg = us.sip.invite(
      { target: `sip:raw@127.0.0.1:${raw.port}`, offer: SDP('us'), answerTimeoutMs: 170_000 },
      new Notes().handlers,
    );
    raw.send(response(await raw.next('INVITE'), 180, { contact: `<sip:raw@127.0.0.1:${raw.port}>` }));
    leg.hangup({ protocol: 'SIP', cause: 487, text: 'enough' });
    const cancel = await raw.next('CANCEL');
    expect(header(cancel, 'Session-ID')).toBe(`${leg.sessionUuid};remote=${NIL}`);
    expect(header(cancel, 'Reason')).toBe('SIP;cause=487;text="enough"');
  });
});
