import { describe, expect, it } from '@jest/globals';
import { parseVia } from '../ingress/via.ts';
import { routeResponse } from './response-route.ts';

describe('routeResponse', () => {
  it.each([
    ['sent-by', 'SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1', '192.0.2.1:5070', undefined],
    ['the default port', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1', '192.0.2.1:5060', undefined],
    ['received', 'SIP/2.0/UDP pc.example.com:5070;received=192.0.2.9', '192.0.2.9:5070', undefined],
    [
      'received and rport',
      'SIP/2.0/UDP 10.0.0.1:5070;received=192.0.2.9;rport=40000',
      '192.0.2.9:40000',
      undefined,
    ],
    ['sent-by where rport has no value', 'SIP/2.0/UDP 192.0.2.1:5070;rport', '192.0.2.1:5070', undefined],
    [
      'sent-by where rport is nonsense',
      'SIP/2.0/UDP 192.0.2.1:5070;rport=70000',
      '192.0.2.1:5070',
      undefined,
    ],
    ['the source, never maddr', 'SIP/2.0/UDP 192.0.2.1;maddr=203.0.113.9', '192.0.2.1:5060', undefined],
    ['IPv6', 'SIP/2.0/UDP [2001:db8::1]:5070', '2001:db8::1:5070', undefined],
    [
      'the connection, then sent-by',
      'SIP/2.0/TCP h;received=192.0.2.9;rport=40000',
      '192.0.2.9:40000',
      '192.0.2.9:5060',
    ],
  ])('goes to %s', (_, text, address, fallback) => {
    const via = parseVia(text);
    if (!via.ok) throw new Error(via.problem);
    const route = routeResponse(via.value.via);
    expect(`${route.address.host}:${route.address.port}`).toBe(address);
    expect(route.fallback && `${route.fallback.host}:${route.fallback.port}`).toBe(fallback);
  });
});
