import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { header, request, response, SDP, tagOf } from './test-support/messages.ts';
import { hurrySipJs } from './test-support/quick-time.ts';
import { Notes, Scene, untilIdle } from './test-support/scene.ts';

const scene = new Scene();
afterEach(() => scene.close());
beforeAll(() => hurrySipJs());

/** True for the first `count` messages that match. */
function firstOf(count: number, pattern: RegExp): (message: string) => boolean {
  let left = count;
  return (message) => pattern.test(message) && left-- > 0;
}

describe('UDP that loses messages', () => {
  it('our INVITE is repeated until any response comes, and not after', async () => {
    const us = await scene.party();
    const raw = await scene.rawUdp(us.port);
    raw.lose = firstOf(2, /^INVITE/);
    const notes = new Notes();
    us.sip.invite(
      { target: `sip:raw@127.0.0.1:${raw.port}`, offer: SDP('us'), answerTimeoutMs: 170_000 },
      notes.handlers,
    );
    const invite = await raw.next('INVITE');
    raw.send(response(invite, 100));
    raw.send(response(invite, 486));
    await notes.next('ended');
    await untilIdle(us);
    expect(raw.count('INVITE')).toBe(1);
    expect(us.trace.filter(({ text }) => text.startsWith('INVITE')).length).toBe(3);
  });

  it('the peer lost our ACK and repeats its 200: we acknowledge each, and tell the application once', async () => {
    const us = await scene.party();
    const raw = await scene.rawUdp(us.port);
    const notes = new Notes();
    us.sip.invite(
      { target: `sip:raw@127.0.0.1:${raw.port}`, offer: SDP('us'), answerTimeoutMs: 170_000 },
      notes.handlers,
    );
    const ok = response(await raw.next('INVITE'), 200, {
      sdp: SDP('raw'),
      contact: `<sip:raw@127.0.0.1:${raw.port}>`,
    });
    for (let copy = 0; copy < 3; copy++) {
      raw.send(ok);
      await raw.next('ACK');
    }
    expect(notes.types).toEqual(['answered']);
  });

  it('the peer repeats its 486: we acknowledge each (timer D)', async () => {
    const us = await scene.party();
    const raw = await scene.rawUdp(us.port);
    const notes = new Notes();
    us.sip.invite(
      { target: `sip:raw@127.0.0.1:${raw.port}`, offer: SDP('us'), answerTimeoutMs: 170_000 },
      notes.handlers,
    );
    const busy = response(await raw.next('INVITE'), 486);
    for (let copy = 0; copy < 3; copy++) {
      raw.send(busy);
      await raw.next('ACK');
    }
    expect(notes.types).toEqual(['ended']);
  });

  it('our 200 is lost: it is repeated until the ACK', async () => {
    const us = await scene.party();
    const raw = await scene.rawUdp(us.port);
    raw.lose = firstOf(2, /^SIP\/2\.0 200/);
    const parts = { uri: 'sip:t@127.0.0.1', port: raw.port, callId: 'lost200' };
    raw.send(request('INVITE', { ...parts, sdp: SDP('raw') }));
    const call = await us.nextCall();
    call.leg.accept(SDP('us'));
    const toTag = tagOf(header(await raw.next('SIP/2.0 200'), 'To'));
    raw.send(request('ACK', { ...parts, toTag }));
    await call.notes.next('acknowledged');
    expect(call.leg.state).toBe('confirmed');
  });

  it('our refusal is lost: it is repeated until the ACK (timer G), and a repeated INVITE gets it again', async () => {
    const us = await scene.party();
    const raw = await scene.rawUdp(us.port);
    raw.lose = firstOf(2, /^SIP\/2\.0 486/);
    const parts = { uri: 'sip:t@127.0.0.1', port: raw.port, callId: 'lost486', branch: 'z9hG4bKlost486' };
    const invite = request('INVITE', { ...parts, sdp: SDP('raw') });
    raw.send(invite);
    raw.send(invite);
    const call = await us.nextCall();
    call.leg.reject(486);
    const busy = await raw.next('SIP/2.0 486');
    raw.send(request('ACK', { ...parts, toTag: tagOf(header(busy, 'To')) }));
    await untilIdle(us);
    expect(us.calls).toHaveLength(1);
  });

  it('an answer without a transaction is not repeated: a forged source is sent one, not ten', async () => {
    const us = await scene.party();
    const raw = await scene.rawUdp(us.port);
    raw.send(
      request('INVITE', {
        uri: 'sip:t@127.0.0.1',
        port: raw.port,
        callId: 'forged',
        headers: ['Require: x'],
      }),
    );
    const first = await raw.next('SIP/2.0 420');
    expect(us.sip.diagnostics()).toMatchObject({ repetitions: 0, timers: 0, servers: 0 });
    raw.send(
      request('INVITE', {
        uri: 'sip:t@127.0.0.1',
        port: raw.port,
        callId: 'forged',
        headers: ['Require: x'],
        branch: /branch=([^;\s]+)/.exec(first)?.[1] ?? '',
      }),
    );
    // RFC 3261 §8.2.7: the same To tag for each repetition.
    expect(header(await raw.next('SIP/2.0 420'), 'To')).toBe(header(first, 'To'));
  });

  it('our BYE is lost: it is repeated until the answer', async () => {
    const us = await scene.party();
    const raw = await scene.rawUdp(us.port);
    raw.lose = firstOf(2, /^BYE/);
    const notes = new Notes();
    const leg = us.sip.invite(
      { target: `sip:raw@127.0.0.1:${raw.port}`, offer: SDP('us'), answerTimeoutMs: 170_000 },
      notes.handlers,
    );
    raw.send(
      response(await raw.next('INVITE'), 200, {
        sdp: SDP('raw'),
        contact: `<sip:raw@127.0.0.1:${raw.port}>`,
      }),
    );
    await raw.next('ACK');
    leg.hangup();
    raw.send(response(await raw.next('BYE'), 200));
    expect((await notes.next('ended')).end).toMatchObject({ by: 'us', how: 'bye', status: 200 });
  });

  it('the answer to a BYE is lost and the BYE repeated: 200 again, not 481 (timer J)', async () => {
    const us = await scene.party();
    const raw = await scene.rawUdp(us.port);
    const parts = { uri: 'sip:t@127.0.0.1', port: raw.port, callId: 'byetwice' };
    raw.send(request('INVITE', { ...parts, sdp: SDP('raw') }));
    const call = await us.nextCall();
    call.leg.accept(SDP('us'));
    const toTag = tagOf(header(await raw.next('SIP/2.0 200'), 'To'));
    raw.send(request('ACK', { ...parts, toTag }));
    await call.notes.next('acknowledged');
    const bye = request('BYE', { ...parts, toTag, cseq: 2 });
    raw.send(bye);
    await raw.next(/^SIP\/2\.0 200[\s\S]*CSeq: 2 BYE/);
    raw.send(bye);
    await raw.next(/^SIP\/2\.0 200[\s\S]*CSeq: 2 BYE/);
    expect(call.notes.types).toEqual(['acknowledged', 'ended']);
  });
});
