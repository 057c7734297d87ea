import { describe, expect, it } from '@jest/globals';
import { parseSipMessage } from '../ingress/parse-message.ts';
import type { ParsedMessage } from '../ingress/parse-result.ts';
import { Unanswered } from './unanswered.ts';

const THERE = { host: '192.0.2.1', port: 5061 };
const clock = { ms: 0 };
const scheduler = { monotonicMs: () => clock.ms, wallMs: () => clock.ms, after: () => () => {} };

const head = (start: string, branch: string, method: string): string =>
  [
    start,
    `Via: SIP/2.0/TCP 192.0.2.9:5060;branch=z9hG4bK${branch}`,
    'From: <sip:a@h>;tag=a',
    'To: <sip:b@h>;tag=b',
    'Call-ID: c',
    `CSeq: 1 ${method}`,
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
const request = (method: string, branch: string): string => head(`${method} sip:b@h SIP/2.0`, branch, method);

function answer(status: number, method: string, branch: string): ParsedMessage {
  const flow = { protocol: 'tcp', local: THERE, remote: THERE } as const;
  const raw = new TextEncoder().encode(head(`SIP/2.0 ${status} Fine`, branch, method));
  const result = parseSipMessage(raw, flow);
  if (result.kind !== 'message') throw new Error(result.problem);
  return result.message;
}

describe('requests without an answer on a stream', () => {
  it('are taken for another try once, in their order, for the peer that is lost', () => {
    const unanswered = new Unanswered(scheduler);
    unanswered.sent(request('BYE', '1'), THERE);
    unanswered.sent(request('INFO', '2'), { ...THERE, port: 5062 });
    unanswered.sent(request('INVITE', '3'), THERE);
    expect(unanswered.takeFor(THERE).map(({ text }) => text.split(' ', 1)[0])).toEqual(['BYE', 'INVITE']);
    expect(unanswered.takeFor(THERE)).toEqual([]);
  });

  it.each([100, 180, 200, 486])('are done with at a %i', (status) => {
    const unanswered = new Unanswered(scheduler);
    unanswered.sent(request('INVITE', '1'), THERE);
    unanswered.sent(request('CANCEL', '1'), THERE);
    unanswered.received(answer(status, 'INVITE', '1'));
    expect(unanswered.takeFor(THERE).map(({ text }) => text.split(' ', 1)[0])).toEqual(['CANCEL']);
  });

  it.each([request('ACK', '1'), head('SIP/2.0 200 OK', '1', 'INVITE'), 'nonsense', ''])(
    'are none that nobody answers: %j',
    (text) => {
      const unanswered = new Unanswered(scheduler);
      unanswered.sent(text, THERE);
      expect(unanswered.takeFor(THERE)).toEqual([]);
    },
  );

  it('are forgotten with their transaction', () => {
    const unanswered = new Unanswered(scheduler);
    unanswered.sent(request('BYE', '1'), THERE);
    clock.ms += 31_999;
    unanswered.sent(request('BYE', '2'), THERE);
    clock.ms += 1;
    expect(unanswered.takeFor(THERE).map(({ text }) => /branch=(\S+)/.exec(text)?.[1])).toEqual(['z9hG4bK2']);
  });
});
