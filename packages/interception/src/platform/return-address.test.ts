import { describe, expect, it } from '@jest/globals';
import { returnAddress, whyNotReturnTo, withCallId } from './return-address.ts';

const platform = {
  returnUri: 'sip:{call_id}@10.0.0.1:5060;transport=tcp',
  returnHosts: ['pbx2.example.com', '[2001:db8::2]', 'narrow.example.com:5070'],
  returnHeader: 'X-Return-Address',
};
/** Where leg 7 goes, with a header of INVITE 5 and a session that say so. */
const sentTo = (
  { header = [], session }: { readonly header?: readonly string[]; readonly session?: string },
  profile: Parameters<typeof returnAddress>[0] = platform,
) => returnAddress(profile, { callId: 'e-91', session, invite: { header: () => header } });

describe('the address of leg 7', () => {
  it.each([
    ['configuration alone', {}, 'sip:e-91@10.0.0.1:5060;transport=tcp'],
    [
      'session before configuration',
      { session: 'sip:{call_id}@pbx2.example.com' },
      'sip:e-91@pbx2.example.com',
    ],
    [
      'header before session',
      { session: 'sip:a@pbx2.example.com', header: ['<sip:b@PBX2.example.com:5080;transport=udp>;x=1'] },
      'sip:b@PBX2.example.com:5080;transport=udp',
    ],
    ['a bare URI in the header', { header: [' sip:b@[2001:DB8::2]:5060 '] }, 'sip:b@[2001:DB8::2]:5060'],
    ['the host alone', { header: ['sip:10.0.0.1'] }, 'sip:10.0.0.1'],
    [
      'a host that is known on one port',
      { header: ['sip:x@narrow.example.com:5070'] },
      'sip:x@narrow.example.com:5070',
    ],
  ])('is that of %s', (_which, given, uri) => {
    expect(sentTo(given)).toEqual({ ok: true, value: uri });
  });

  it.each([
    ['an unknown host', 'sip:x@evil.example'],
    ['a known host on another port than the one known', 'sip:x@narrow.example.com:5071'],
    ['a known host as user', 'sip:10.0.0.1@evil.example'],
    ['a known host in front of the real one', 'sip:10.0.0.1;x=@evil.example'],
    ['two at signs', 'sip:a@10.0.0.1@evil.example'],
    ['a host that only begins alike', 'sip:x@10.0.0.1.evil.example'],
    ['maddr', 'sip:x@10.0.0.1;maddr=192.0.2.66'],
    ['headers', 'sip:x@10.0.0.1?Route=%3Csip:evil.example%3E'],
    ['another scheme', 'tel:+442039000417'],
    ['a line break', 'sip:x@10.0.0.1\r\nVia: x'],
    ['nothing', ''],
    ['far too much', `sip:${'x'.repeat(600)}@10.0.0.1`],
  ])('is refused with %s, from a header and from a session alike', (_what, uri) => {
    expect(sentTo({ header: [uri] })).toMatchObject({
      ok: false,
      problem: { from: 'header' },
    });
    expect(sentTo({ session: uri })).toMatchObject({
      ok: false,
      problem: { from: 'session' },
    });
  });

  it('is refused when two headers name it', () => {
    const header = ['sip:a@10.0.0.1', 'sip:b@10.0.0.1'];
    expect(sentTo({ header }).ok).toBe(false);
  });

  it('is not read from a header that the profile does not name', () => {
    const without = { ...platform, returnHeader: undefined };
    expect(sentTo({ header: ['sip:x@evil.example'] }, without)).toEqual({
      ok: true,
      value: 'sip:e-91@10.0.0.1:5060;transport=tcp',
    });
  });

  it('of the configuration is always known', () => {
    expect(whyNotReturnTo(platform, platform.returnUri)).toBeUndefined();
  });

  it.each([
    ['e-91', 'sip:e-91@10.0.0.1:5060;transport=tcp'],
    ['a b', 'sip:a%20b@10.0.0.1:5060;transport=tcp'],
    ['x@evil.example;transport=udp', 'sip:x%40evil.example%3Btransport%3Dudp@10.0.0.1:5060;transport=tcp'],
    ['é\r\nVia: x', 'sip:%C3%A9%0D%0AVia%3A%20x@10.0.0.1:5060;transport=tcp'],
  ])('escapes the call id %j', (callId, uri) => {
    expect(withCallId(platform.returnUri, callId)).toBe(uri);
  });
});
