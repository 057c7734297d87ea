import { describe, expect, it } from '@jest/globals';
import type { PlatformProfile } from '../platform/profile.ts';
import { leg7Target } from './leg7-target.ts';

const platform = { returnUri: 'sip:{call_id}@10.0.0.1:5060;transport=tcp' } as PlatformProfile;

describe('the target of leg 7', () => {
  it.each([
    ['e-91', 'sip:e-91@10.0.0.1:5060;transport=tcp'],
    ['a b', 'sip:a%20b@10.0.0.1:5060;transport=tcp'],
    ['x@evil.example;transport=udp', 'sip:x%40evil.example%3Btransport%3Dudp@10.0.0.1:5060;transport=tcp'],
    ['é\r\nVia: x', 'sip:%C3%A9%0D%0AVia%3A%20x@10.0.0.1:5060;transport=tcp'],
  ])('escapes the call id %j', (callId, uri) => {
    expect(leg7Target(platform, callId)).toBe(uri);
  });
});
