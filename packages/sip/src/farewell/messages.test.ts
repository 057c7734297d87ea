import { describe, expect, it } from '@jest/globals';
import { header } from '../core/test-support/messages.ts';
import { parseSipMessage } from '../ingress/parse-message.ts';
import { ackOf, ackOfRefusal, answerTo, byeOf, cancelOf, refusalOf } from './messages.ts';
import { aStoredLeg } from './test-support/stored-legs.ts';

const flow = {
  protocol: 'udp',
  local: { host: '192.0.2.1', port: 5060 },
  remote: { host: '192.0.2.7', port: 5060 },
} as const;
const routesOf = (text: string): string[] =>
  [...text.matchAll(/\r\nRoute: ([^\r\n]+)/g)].map(([, route]) => route ?? '');

function parsed(text: string) {
  const result = parseSipMessage(new TextEncoder().encode(text), flow);
  if (result.kind !== 'message') throw new Error(`not a message: ${JSON.stringify(result)}`);
  return result.message;
}

describe('messages of a farewell', () => {
  it.each<[string, string]>([
    ['BYE', byeOf(aStoredLeg(), 'UDP 192.0.2.1:5060').text],
    ['ACK', ackOf(aStoredLeg(), 'UDP 192.0.2.1:5060').text],
    ['CANCEL', cancelOf(aStoredLeg())],
    ['503', refusalOf(aStoredLeg())],
  ])('are what a strict parser takes: %s', (_what, text) => {
    const { callId, from, to } = parsed(text);
    expect([callId, from.params.has('tag'), to.params.has('tag')]).toEqual(['call-1', true, true]);
  });

  it('number a BYE well above what was written down, and an ACK as its INVITE', () => {
    expect(parsed(byeOf(aStoredLeg({ cseq: 3 }), 'UDP x').text).cseq).toEqual({
      number: 1_003,
      method: 'BYE',
    });
    expect(parsed(ackOf(aStoredLeg(), 'UDP x').text).cseq).toEqual({ number: 17, method: 'ACK' });
  });

  it('repeat every Via of the INVITE in the refusal, in order', () => {
    const vias = [
      'SIP/2.0/TLS proxy.example;branch=z9hG4bKb;received=192.0.2.9',
      'SIP/2.0/UDP pbx;branch=z9hG4bKa',
    ];
    const text = refusalOf(aStoredLeg({ vias }));
    expect([...text.matchAll(/\r\nVia: ([^\r\n]+)/g)].map(([, via]) => via)).toEqual(vias);
    expect(header(text, 'From')).toBe(aStoredLeg().remote);
  });

  it.each<[string, readonly string[], string, readonly string[]]>([
    ['no route', [], 'sip:pbx@192.0.2.7:5080', []],
    [
      'loose routers',
      ['<sip:a;lr>', '<sip:b;lr=on>'],
      'sip:pbx@192.0.2.7:5080',
      ['<sip:a;lr>', '<sip:b;lr=on>'],
    ],
    [
      'a strict router (RFC 3261 §12.2.1.1)',
      ['<sip:a>', '<sip:b;lr>'],
      'sip:a',
      ['<sip:b;lr>', '<sip:pbx@192.0.2.7:5080>'],
    ],
    ['a parameter that only begins like lr', ['<sip:a;lrx>'], 'sip:a;lrx', ['<sip:pbx@192.0.2.7:5080>']],
  ])('follow the route set: %s', (_what, routes, uri, written) => {
    const { text } = byeOf(aStoredLeg({ routes }), 'UDP 192.0.2.1:5060');
    expect(text.split(' ')[1]).toBe(uri);
    expect(routesOf(text)).toEqual(written);
  });

  it('acknowledge a refusal with its To and the Via of the INVITE', () => {
    const leg = aStoredLeg({ role: 'uac', vias: ['SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours'] });
    const refusal = refusalOf({ ...leg, local: '<sip:e-91@192.0.2.7>;tag=end' });
    const response = parsed(refusal);
    if (response.kind !== 'response') throw new Error('not a response');
    const ack = ackOfRefusal(leg, response);
    expect(header(ack, 'Via')).toBe(leg.vias[0]);
    expect(header(ack, 'To')).toBe('<sip:e-91@192.0.2.7>;tag=end');
  });

  it('answer a request with what it said, and a tag where it had none', () => {
    const request = parsed(cancelOf(aStoredLeg({ remote: '<sip:x@192.0.2.7>' })));
    if (request.kind !== 'request') throw new Error('not a request');
    const answer = answerTo(request, '481 Call/Transaction Does Not Exist');
    expect(header(answer, 'To')).toMatch(/^<sip:x@192.0.2.7>;tag=\w+$/);
    expect(header(answer, 'Retry-After')).toBeUndefined();
    expect(header(answerTo(request, '503 Service Unavailable'), 'Retry-After')).toBe('5');
  });
});
