import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeScheduler } from '@sordino/core/testing';
import { parseSipMessage } from '../ingress/parse-message.ts';
import type { ParsedMessage } from '../ingress/parse-result.ts';
import { Retransmissions } from './retransmission.ts';

const headers = (method: string, branch: string): string =>
  `Via: SIP/2.0/UDP 127.0.0.1:5060;branch=${branch}\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>;tag=2\r\n` +
  `Call-ID: c\r\nCSeq: 1 ${method}\r\nContent-Length: 0\r\n\r\n`;
const request = (method: string, cseqMethod = method, branch = 'z9hG4bK1'): string =>
  `${method} sip:b@h SIP/2.0\r\n${headers(cseqMethod, branch)}`;
const response = (status: number, method: string, branch = 'z9hG4bK1'): string =>
  `SIP/2.0 ${status} X\r\n${headers(method, branch)}`;

function parsed(text: string): ParsedMessage {
  const flow = {
    protocol: 'udp',
    local: { host: '127.0.0.1', port: 5060 },
    remote: { host: '127.0.0.1', port: 5060 },
  } as const;
  const result = parseSipMessage(new TextEncoder().encode(text), flow);
  if (result.kind !== 'message') throw new Error(result.problem);
  return result.message;
}

describe('Retransmissions', () => {
  let time: FakeScheduler;
  let shim: Retransmissions;
  let sentAtMs: number[];
  const send = (message: string): void => shim.sent(message, () => sentAtMs.push(time.monotonicMs()));
  beforeEach(() => {
    time = new FakeScheduler();
    shim = new Retransmissions(time);
    sentAtMs = [];
  });

  it('timer A: an INVITE is repeated at doubling intervals until timer B', () => {
    send(request('INVITE'));
    time.advance(60_000 - time.monotonicMs());
    expect(sentAtMs).toEqual([500, 1_500, 3_500, 7_500, 15_500, 31_500]);
    expect(shim.size).toBe(0);
  });

  it('timer E: a BYE is repeated at most every T2 until timer F', () => {
    send(request('BYE'));
    time.advance(60_000 - time.monotonicMs());
    expect(sentAtMs).toEqual([500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    expect(shim.size).toBe(0);
  });

  it('timer G: a final response to INVITE is repeated at most every T2 until timer H', () => {
    send(response(486, 'INVITE'));
    time.advance(60_000 - time.monotonicMs());
    expect(sentAtMs).toEqual([500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
  });

  it.each([100, 180, 200, 486])('%i ends timer A', (status) => {
    send(request('INVITE'));
    time.advance(600 - time.monotonicMs());
    shim.received(parsed(response(status, 'INVITE')));
    time.advance(60_000 - time.monotonicMs());
    expect(sentAtMs).toEqual([500]);
    expect(shim.size).toBe(0);
  });

  it('a provisional response slows timer E to T2, a final one ends it', () => {
    send(request('INFO'));
    time.advance(600 - time.monotonicMs());
    shim.received(parsed(response(100, 'INFO')));
    time.advance(9_000 - time.monotonicMs());
    expect(sentAtMs).toEqual([500, 4_600, 8_600]);
    shim.received(parsed(response(200, 'INFO')));
    time.advance(60_000 - time.monotonicMs());
    expect(sentAtMs).toHaveLength(3);
  });

  it('the ACK ends timer G', () => {
    send(response(486, 'INVITE'));
    time.advance(600 - time.monotonicMs());
    shim.received(parsed(request('ACK')));
    time.advance(60_000 - time.monotonicMs());
    expect(sentAtMs).toEqual([500]);
  });

  it('a response to CANCEL leaves the INVITE of the same branch alone', () => {
    send(request('INVITE'));
    send(request('CANCEL'));
    expect(shim.size).toBe(2);
    shim.received(parsed(response(200, 'CANCEL')));
    expect(shim.size).toBe(1);
    time.advance(600 - time.monotonicMs());
    expect(sentAtMs).toEqual([500]);
  });

  it.each([
    ['another branch', response(200, 'BYE', 'z9hG4bKother')],
    ['another method', response(200, 'INFO')],
    ['a request', request('BYE')],
  ])('%s does not end timer E', (_, text) => {
    send(request('BYE'));
    shim.received(parsed(text));
    expect(shim.size).toBe(1);
  });

  it('the ACK of another peer with the same branch does not end timer G', () => {
    send(response(486, 'INVITE'));
    shim.received(parsed(request('ACK').replace('127.0.0.1:5060', '127.0.0.1:5061')));
    expect(shim.size).toBe(1);
  });

  it.each([
    ['an ACK', request('ACK')],
    ['a provisional response', response(180, 'INVITE')],
    ['a 2xx to INVITE, which the dialog repeats', response(200, 'INVITE')],
    ['a final response to BYE', response(200, 'BYE')],
    ['a message without branch', request('BYE').replace(';branch=z9hG4bK1', '')],
    ['what is not SIP', 'hello'],
  ])('%s is not repeated', (_, text) => {
    send(text);
    expect(shim.size).toBe(0);
  });

  it('a response that the core sends again keeps the timer it has', () => {
    send(response(486, 'INVITE'));
    time.advance(400 - time.monotonicMs());
    send(response(486, 'INVITE'));
    time.advance(1_400 - time.monotonicMs());
    expect(sentAtMs).toEqual([500]);
  });

  it('stop ends everything', () => {
    send(request('INVITE'));
    send(request('BYE'));
    shim.stop();
    time.advance(60_000 - time.monotonicMs());
    expect(sentAtMs).toEqual([]);
  });
});
