import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { header, request, response, SDP, tagOf } from '../core/test-support/messages.ts';
import { hurrySipJs } from '../core/test-support/quick-time.ts';
import { Notes, Scene, untilIdle } from '../core/test-support/scene.ts';

const scene = new Scene();
afterEach(() => scene.close());
beforeAll(() => hurrySipJs());

let calls = 0;

describe('a caller that requires 100rel (RFC 3262)', () => {
  async function calledBy(headers: readonly string[]) {
    const us = await scene.party();
    const raw = await scene.rawUdp(us.port);
    const parts = { uri: 'sip:tok@127.0.0.1', port: raw.port, callId: `rel-${++calls}` };
    raw.send(request('INVITE', { ...parts, headers, sdp: SDP('raw') }));
    const call = await us.nextCall();
    return { us, raw, call, parts };
  }

  it('gets a numbered 180, again and again until its PRACK, then the next number', async () => {
    const { raw, call, parts, us } = await calledBy(['Require: 100rel']);
    call.leg.ring(180);
    const first = await raw.next('SIP/2.0 180');
    await raw.next('SIP/2.0 180');
    expect(header(first, 'Require')).toBe('100rel');
    const rseq = Number(header(first, 'RSeq'));
    expect(rseq).toBeGreaterThan(0);
    // RFC 3262 §3: not while the first one is open.
    call.leg.ring(183);
    const toTag = tagOf(header(first, 'To'));
    const prack = (cseq: number, rack: string): string =>
      request('PRACK', { ...parts, toTag, cseq, headers: [`RAck: ${rack}`] });
    for (const [cseq, rack] of [
      [2, `${rseq + 1} 1 INVITE`],
      [3, `${rseq} 2 INVITE`],
      [4, `${rseq} 1 OPTIONS`],
      [5, 'nonsense'],
    ] as const) {
      raw.send(prack(cseq, rack));
      await raw.next(new RegExp(`^SIP/2\\.0 481[\\s\\S]*CSeq: ${cseq} PRACK`));
    }
    raw.send(prack(6, `${rseq} 1 INVITE`));
    await raw.next(/^SIP\/2\.0 200[\s\S]*CSeq: 6 PRACK/);
    expect(raw.count('SIP/2.0 183')).toBe(0);
    call.leg.ring(183);
    expect(Number(header(await raw.next('SIP/2.0 183'), 'RSeq'))).toBe(rseq + 1);
    call.leg.accept(SDP('us'));
    await raw.next(/^SIP\/2\.0 200[\s\S]*CSeq: 1 INVITE/);
    raw.send(request('ACK', { ...parts, toTag }));
    await call.notes.next('acknowledged');
    // The 200 overtook the PRACK, which is answered all the same.
    raw.send(prack(7, `${rseq + 1} 1 INVITE`));
    await raw.next(/^SIP\/2\.0 200[\s\S]*CSeq: 7 PRACK/);
    call.leg.hangup();
    raw.send(response(await raw.next('BYE'), 200));
    await untilIdle(us);
  });

  it('and never sends a PRACK: 504 after 64*T1', async () => {
    const { us, raw, call } = await calledBy(['Require: 100rel']);
    call.leg.ring(180);
    await raw.next('SIP/2.0 504');
    expect(raw.count('SIP/2.0 180')).toBeGreaterThan(5);
    expect((await call.notes.next('ended')).end).toMatchObject({
      by: 'timeout',
      how: 'no_answer',
      status: 504,
    });
    await untilIdle(us);
  });

  it('and cancels, or is refused, while a PRACK is due: nothing is left', async () => {
    const { us, raw, call, parts } = await calledBy(['Require: 100rel']);
    call.leg.ring(180);
    await raw.next('SIP/2.0 180');
    call.leg.reject(486);
    const toTag = tagOf(header(await raw.next('SIP/2.0 486'), 'To'));
    raw.send(request('PRACK', { ...parts, toTag, cseq: 2, headers: ['RAck: 1 1 INVITE'] }));
    await untilIdle(us);
    const before = raw.count('SIP/2.0 180');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(raw.count('SIP/2.0 180')).toBe(before);
  });

  it('an offer in its PRACK is refused, and the 180 is taken as acknowledged', async () => {
    const { raw, call, parts } = await calledBy(['Require: 100rel']);
    call.leg.ring(180);
    const ringing = await raw.next('SIP/2.0 180');
    const toTag = tagOf(header(ringing, 'To'));
    const headers = [`RAck: ${header(ringing, 'RSeq')} 1 INVITE`];
    raw.send(request('PRACK', { ...parts, toTag, cseq: 2, headers, sdp: SDP('raw2') }));
    await raw.next(/^SIP\/2\.0 488[\s\S]*CSeq: 2 PRACK/);
    call.leg.accept(SDP('us'));
    await raw.next(/^SIP\/2\.0 200[\s\S]*CSeq: 1 INVITE/);
  });

  it('one that merely supports it gets a plain 180', async () => {
    const { raw, call } = await calledBy(['Supported: 100rel']);
    call.leg.ring(180);
    expect(header(await raw.next('SIP/2.0 180'), 'RSeq')).toBeUndefined();
  });
});

describe('a callee that answers reliably', () => {
  async function calling(offer: string | undefined) {
    const us = await scene.party();
    const raw = await scene.rawUdp(us.port);
    const notes = new Notes();
    const leg = us.sip.invite(
      { target: `sip:raw@127.0.0.1:${raw.port}`, offer, answerTimeoutMs: 170_000 },
      notes.handlers,
    );
    const invite = await raw.next('INVITE');
    const contact = `<sip:raw@127.0.0.1:${raw.port}>`;
    const provisional = (status: number, rseq: number | string, sdp?: string): void =>
      raw.send(
        response(invite, status, {
          contact,
          headers: ['Require: 100rel', `RSeq: ${rseq}`],
          ...(sdp === undefined ? {} : { sdp }),
        }),
      );
    return { us, raw, notes, leg, invite, contact, provisional };
  }

  it('gets one PRACK for each, in order; repetitions and gaps get none', async () => {
    const { raw, notes, invite, provisional } = await calling(SDP('us'));
    expect(header(invite, 'Supported')).toContain('100rel');
    provisional(180, 700);
    const first = await raw.next('PRACK');
    expect(header(first, 'RAck')).toBe('700 1 INVITE');
    expect(header(first, 'CSeq')).toBe('2 PRACK');
    raw.send(response(first, 200));
    provisional(180, 700);
    provisional(183, 703);
    provisional(183, 701);
    const second = await raw.next('PRACK');
    expect(header(second, 'RAck')).toBe('701 1 INVITE');
    raw.send(response(second, 200));
    await notes.next('progress');
    expect(await notes.next('progress')).toMatchObject({ status: 183 });
    expect(notes.types).toEqual(['progress', 'progress']);
    expect(raw.count('PRACK')).toBe(2);
  });

  it('with the answer in the 183: it is told as early media, and counts only when the 200 comes, which may be without', async () => {
    const { us, raw, notes, leg, invite, contact, provisional } = await calling(SDP('us'));
    provisional(183, 1, SDP('early'));
    raw.send(response(await raw.next('PRACK'), 200));
    expect(await notes.next('progress')).toMatchObject({ status: 183, sdp: SDP('early') });
    expect(notes.types).toEqual(['progress']);
    raw.send(response(invite, 200, { contact }));
    expect(header(await raw.next('ACK'), 'CSeq')).toBe('1 ACK');
    expect(await notes.next('answered')).toMatchObject({ sdp: SDP('early') });
    leg.hangup();
    const bye = await raw.next('BYE');
    expect(header(bye, 'CSeq')).toBe('3 BYE');
    raw.send(response(bye, 200));
    await untilIdle(us);
  });

  it('an unreliable 183 is no answer: its description stands for nothing in a 200 without one', async () => {
    const { raw, notes, invite, contact } = await calling(SDP('us'));
    raw.send(response(invite, 183, { contact, sdp: SDP('early') }));
    await notes.next('progress');
    raw.send(response(invite, 200, { contact }));
    expect(await notes.next('answered')).toMatchObject({ sdp: undefined });
    expect(raw.count('PRACK')).toBe(0);
  });

  it('an RSeq that is no number is ignored, not answered', async () => {
    const { raw, notes, provisional } = await calling(SDP('us'));
    provisional(180, 'many');
    await notes.next('progress');
    expect(raw.count('PRACK')).toBe(0);
  });

  it('is not asked to where we have no offer: its own could only be answered in a PRACK', async () => {
    const { invite } = await calling(undefined);
    expect(header(invite, 'Supported')).toBe('timer');
  });
});
