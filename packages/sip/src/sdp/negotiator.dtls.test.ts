import { describe, expect, it } from '@jest/globals';
import type { LocalMedia } from '@sordino/interception';
import {
  answered,
  attributesOf,
  customer,
  lines,
  mediaOf,
  refused,
  side,
} from './test-support/descriptions.ts';

const ours: LocalMedia = {
  ...customer,
  crypto: 'dtls',
  dtls: {
    fingerprint: { algorithm: 'sha-256', digest: 'AB:CD' },
    ice: { ufrag: 'ours', password: 'a/password/of/twenty/two' },
  },
};
const SHA256 = Array.from({ length: 32 }, (_, octet) => (octet + 160).toString(16)).join(':');

/** As Chromium writes it, before it has gathered a candidate; some lines that mean nothing to us left out. */
const browser = (changes: Readonly<Record<string, string>> = {}): string =>
  lines(
    ...[
      'v=0',
      'o=- 4962303333179871722 2 IN IP4 127.0.0.1',
      's=-',
      't=0 0',
      'a=group:BUNDLE 0',
      'a=extmap-allow-mixed',
      'm=audio 9 UDP/TLS/RTP/SAVPF 0 110',
      'c=IN IP4 0.0.0.0',
      'a=rtcp:9 IN IP4 0.0.0.0',
      'a=ice-ufrag:ETEn',
      'a=ice-pwd:OtSK0WpNtpUjkY4+86js7ZQl',
      'a=ice-options:trickle',
      `a=fingerprint:sha-256 ${SHA256.toUpperCase()}`,
      'a=setup:actpass',
      'a=mid:0',
      'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
      'a=sendrecv',
      'a=rtcp-mux',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:110 telephone-event/8000',
    ].map((line) => changes[line.split(':')[0] ?? ''] ?? line),
  );

describe('an offer with DTLS-SRTP', () => {
  it('is answered as the passive, lite side, on one port', () => {
    const { sdp, peer } = answered(browser(), ours);
    expect(mediaOf(sdp)).toEqual(['m=audio 20000 UDP/TLS/RTP/SAVPF 0 110']);
    expect(attributesOf(sdp)).toEqual([
      'a=ice-lite',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:110 telephone-event/8000',
      'a=fmtp:110 0-15',
      'a=setup:passive',
      'a=ptime:20',
      'a=sendrecv',
      'a=ice-ufrag:ours',
      'a=ice-pwd:a/password/of/twenty/two',
      'a=fingerprint:sha-256 AB:CD',
      'a=candidate:1 1 udp 2130706431 198.51.100.7 20000 typ host',
      'a=end-of-candidates',
      'a=rtcp-mux',
    ]);
    expect(peer).toMatchObject({
      direction: 'sendrecv',
      rtp: { host: '0.0.0.0', port: 9 },
      rtcp: { host: '0.0.0.0', port: 9 },
      eventPayloadType: 110,
      dtls: { fingerprints: [{ algorithm: 'sha-256', digest: SHA256.toUpperCase() }], iceUfrag: 'ETEn' },
    });
  });

  it('may come without ICE, with SAVP, and with its attributes for the whole session', () => {
    const gateway = lines(
      'v=0',
      'o=- 1 1 IN IP4 192.0.2.1',
      's=-',
      'c=IN IP4 192.0.2.1',
      't=0 0',
      'a=setup:active',
      'a=fingerprint:sha-1 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13',
      `a=fingerprint:SHA-256 ${SHA256}`,
      'm=audio 7000 UDP/TLS/RTP/SAVP 8',
      'a=rtcp-mux',
    );
    const { sdp, peer } = answered(gateway, ours);
    expect(mediaOf(sdp)).toEqual(['m=audio 20000 UDP/TLS/RTP/SAVP 8']);
    expect(attributesOf(sdp)).toEqual([
      'a=rtpmap:8 PCMA/8000',
      'a=setup:passive',
      'a=ptime:20',
      'a=sendrecv',
      'a=fingerprint:sha-256 AB:CD',
      'a=rtcp-mux',
    ]);
    expect(peer.rtcp).toEqual({ host: '192.0.2.1', port: 7_000 });
    expect(peer.dtls).toEqual({
      fingerprints: [{ algorithm: 'sha-256', digest: SHA256 }],
      iceUfrag: undefined,
    });
  });

  it.each<[string, Record<string, string>, string]>([
    ['no fingerprint', { 'a=fingerprint': 'a=x' }, 'needs an a=fingerprint'],
    [
      'a fingerprint that can be forged',
      { 'a=fingerprint': `a=fingerprint:sha-1 ${SHA256}` },
      'needs an a=fingerprint',
    ],
    [
      'a fingerprint cut short',
      { 'a=fingerprint': `a=fingerprint:sha-256 ${SHA256.slice(3)}` },
      'needs an a=fingerprint',
    ],
    [
      'a fingerprint that is no digest',
      { 'a=fingerprint': 'a=fingerprint:sha-256 hello' },
      'needs an a=fingerprint',
    ],
    ['a server like us', { 'a=setup': 'a=setup:passive' }, 'passive side'],
    ['a connection on hold', { 'a=setup': 'a=setup:holdconn' }, 'passive side'],
    ['nobody to begin', { 'a=setup': 'a=x' }, 'passive side'],
    ['two ports', { 'a=rtcp-mux': 'a=x' }, 'a=rtcp-mux'],
    ['half of its ICE credentials', { 'a=ice-pwd': 'a=x' }, 'a=ice-pwd'],
    ['a short password', { 'a=ice-pwd': 'a=ice-pwd:short' }, 'a=ice-pwd'],
    ['ICE lite like us', { 'a=mid': 'a=ice-lite' }, 'both sides are ICE lite'],
    [
      'no encryption',
      { 'm=audio 9 UDP/TLS/RTP/SAVPF 0 110': 'm=audio 9 RTP/AVP 0 110' },
      'UDP/TLS/RTP/SAVPF',
    ],
  ])('is refused with %s', (_, changes, why) => {
    const problem = refused(browser(changes), ours);
    expect(problem.code).toBe('no_common_crypto');
    expect(problem.message).toContain(why);
  });

  it('is refused where the platform is configured without', () => {
    expect(refused(browser()).code).toBe('no_common_crypto');
  });
});

describe('an offer of ours with DTLS-SRTP', () => {
  it('is passive too, and takes an active answer', () => {
    const by = side();
    const offer = by.offer(ours);
    expect(mediaOf(offer)).toEqual(['m=audio 20000 UDP/TLS/RTP/SAVPF 0 8 101']);
    expect(attributesOf(offer)).toEqual(
      expect.arrayContaining(['a=ice-lite', 'a=setup:passive', 'a=ice-ufrag:ours']),
    );
    const answer = by.readAnswer(browser({ 'a=setup': 'a=setup:active' }));
    expect(answer.ok && answer.value.dtls?.iceUfrag).toBe('ETEn');
  });

  it('is none at all where the bridge has no DTLS: never one in the clear', () => {
    const { dtls: _, ...without } = ours;
    expect(() => side().offer(without)).toThrow('without DTLS');
    expect(() => side().answer(browser(), without)).toThrow('without DTLS');
  });

  it('does not take an answer in the clear', () => {
    const by = side();
    by.offer(ours);
    const plain = browser({ 'm=audio 9 UDP/TLS/RTP/SAVPF 0 110': 'm=audio 9 RTP/AVP 0 110' });
    expect(by.readAnswer(plain)).toMatchObject({ ok: false, problem: { code: 'no_common_crypto' } });
  });
});
