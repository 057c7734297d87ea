import { describe, expect, it } from '@jest/globals';
import { egressOf } from './egress.ts';

describe('where the requests of a connector may go', () => {
  it.each([
    ['a named gateway, live', 'https://api.gateway.example/v1', true, false, 'public'],
    ['a named gateway, test', 'https://test.gateway.example/v1', false, false, 'public'],
    ['a simulator', 'http://127.0.0.1:8090/x', false, true, 'loopback'],
    ['a service of the operator, live', 'https://pay.inside.example/x', true, true, 'any'],
  ] as const)('%s', (_what, url, livemode, configured, reach) => {
    expect(egressOf(url, { livemode, configured })).toEqual({ origins: [new URL(url).origin], reach });
  });
});
