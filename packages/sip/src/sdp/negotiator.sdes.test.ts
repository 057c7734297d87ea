import { describe, expect, it } from '@jest/globals';
import type { LocalMedia, MediaDescription, SdpProblem, SdpSide } from '@sordino/interception';
import {
  answered,
  attributesOf,
  clean,
  customer,
  mediaOf,
  sdp,
  side,
  versionOf,
  zoom,
} from './test-support/descriptions.ts';

const sdes: LocalMedia = { ...customer, crypto: 'sdes' };
const optional: LocalMedia = { ...customer, crypto: 'sdes_optional' };

/** base64 of so many octets 1, 2, 3, … */
const inline = (octets: number, first = 1): string =>
  Buffer.from(Array.from({ length: octets }, (_, at) => first + at)).toString('base64');
const KEY_30 = inline(30);
const CM_80 = `1 AES_CM_128_HMAC_SHA1_80 inline:${KEY_30}`;

const secure = (...crypto: string[]): string =>
  sdp(
    'm=audio 4000 RTP/SAVP 0 101',
    'a=rtpmap:101 telephone-event/8000',
    ...crypto.map((line) => `a=crypto:${line}`),
  );
const cryptoOf = (text: string): string[] =>
  attributesOf(text).filter((line) => line.startsWith('a=crypto:'));
const refusal = (offer: string, local = sdes): SdpProblem => {
  const result = side().answer(offer, local);
  if (result.ok) throw new Error('accepted');
  return result.problem;
};
const bytesOf = ({ srtp }: MediaDescription, direction: 'local' | 'remote'): string =>
  Buffer.concat([
    srtp?.[direction].masterKey ?? Buffer.alloc(0),
    srtp?.[direction].masterSalt ?? Buffer.alloc(0),
  ]).toString('base64');

describe('an offer with a=crypto is answered', () => {
  it.each([
    ['AES_CM_128_HMAC_SHA1_80', 30],
    ['AES_CM_128_HMAC_SHA1_32', 30],
    ['AES_256_CM_HMAC_SHA1_80', 46],
    ['AEAD_AES_128_GCM', 28],
    ['AEAD_AES_256_GCM', 44],
  ] as const)('%s: with its tag, its suite and a key of our own', (suite, octets) => {
    const { sdp: text, peer } = answered(secure(`7 ${suite} inline:${inline(octets)}|2^31`), sdes);
    expect(mediaOf(text)).toEqual(['m=audio 20000 RTP/SAVP 0 101']);
    expect(cryptoOf(text)).toEqual([`a=crypto:7 ${suite} inline:${bytesOf(peer, 'local')}`]);
    expect(bytesOf(peer, 'remote')).toBe(inline(octets));
    expect(bytesOf(peer, 'local')).not.toBe(inline(octets));
    expect(Buffer.from(bytesOf(peer, 'local'), 'base64')).toHaveLength(octets);
    expect([peer.srtp?.local.suite, peer.srtp?.remote.suite]).toEqual([suite, suite]);
  });

  it('by the first line that we can use: its author put them in order', () => {
    const { sdp: text } = answered(
      secure(
        `1 F8_128_HMAC_SHA1_80 inline:${KEY_30}`,
        `2 AES_CM_128_HMAC_SHA1_80 inline:${KEY_30}|1:4`,
        `3 ${CM_80.slice(2)}`,
      ),
      sdes,
    );
    expect(cryptoOf(text)).toEqual([
      expect.stringMatching(/^a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:\S{40}$/),
    ]);
  });

  it('as a large platform sends it: its codecs, its single key', () => {
    expect(mediaOf(answered(zoom, { ...clean, crypto: 'sdes' }).sdp)).toEqual(['m=audio 20000 RTP/SAVP 0']);
  });

  it('with a window size hint and an optional parameter that nobody knows', () => {
    expect(cryptoOf(answered(secure(`${CM_80} WSH=128 -X=1`), sdes).sdp)[0]).toMatch(/inline:\S{40}$/);
  });
});

describe('refused, in words that hold no key', () => {
  it.each([
    ['RTP in the clear', sdp('m=audio 4000 RTP/AVP 0'), /offered as RTP\/AVP.* takes RTP\/SAVP/],
    ['RTP/SAVP without keys', secure(), /there is no a=crypto line/],
    [
      'a suite of yesterday',
      secure(`1 F8_128_HMAC_SHA1_80 inline:${KEY_30}`),
      /crypto:1: the suite F8_128_HMAC_SHA1_80 is not/,
    ],
    ['an MKI', secure(`${CM_80}|2^20|1:4`), /master key identifier \(MKI\) is not supported/],
    ['an MKI without lifetime', secure(`${CM_80}|1:4`), /master key identifier/],
    ['a short lifetime', secure(`${CM_80}|2^16`), /lifetime below 2\^20/],
    ['a short lifetime in decimal', secure(`${CM_80}|5000`), /lifetime below 2\^20/],
    ['a lifetime that is none', secure(`${CM_80}|soon`), /lifetime below 2\^20/],
    ['several keys', secure(`${CM_80};inline:${KEY_30}`), /several keys in one line/],
    [
      'a key that is too short',
      secure(`1 AES_CM_128_HMAC_SHA1_80 inline:${inline(29)}`),
      /have 29 octets, and .* takes 30/,
    ],
    [
      'a key of another suite',
      secure(`1 AEAD_AES_256_GCM inline:${KEY_30}`),
      /have 30 octets, and .* takes 44/,
    ],
    ['a key that is no base64', secure('1 AES_CM_128_HMAC_SHA1_80 inline:%%%'), /not inline: and base64/],
    ['a key from elsewhere', secure('1 AES_CM_128_HMAC_SHA1_80 uri:https://k'), /not inline: and base64/],
    [
      'no encryption',
      secure(`${CM_80} UNENCRYPTED_SRTP`),
      /UNENCRYPTED_SRTP would leave the media unprotected/,
    ],
    ['no SRTCP encryption', secure(`${CM_80} UNENCRYPTED_SRTCP`), /UNENCRYPTED_SRTCP would leave/],
    ['no authentication', secure(`${CM_80} WSH=64 UNAUTHENTICATED_SRTP`), /UNAUTHENTICATED_SRTP would leave/],
    ['a derivation rate', secure(`${CM_80} KDR=4`), /session parameter KDR is not supported/],
    ['error correction first', secure(`${CM_80} FEC_ORDER=FEC_SRTP`), /FEC_ORDER is not supported/],
    ['a line that is none', secure('x'), /an a=crypto line is not tag, suite and key/],
  ])('%s', (_what, offer, words) => {
    const { code, message } = refusal(offer);
    expect(code).toBe('no_common_crypto');
    expect(message).toMatch(words);
    expect(message).not.toContain(KEY_30.slice(0, 12));
  });

  it('where no encryption is configured, RTP/SAVP', () => {
    expect(refusal(secure(CM_80), customer)).toMatchObject({ code: 'no_common_crypto' });
  });
});

describe('our offer', () => {
  const offerOf = (
    local = sdes,
    by = side(),
  ): { by: ReturnType<typeof side>; text: string; lines: string[] } => {
    const text = by.offer(local);
    return { by, text, lines: cryptoOf(text) };
  };
  const answer = (...crypto: string[]): string =>
    secure(...crypto).replace(' 101\r\na=rtpmap:101 telephone-event/8000', '');

  it('has a line for each suite, each with another key, and new ones each time', () => {
    const { by, text, lines } = offerOf();
    expect(mediaOf(text)).toEqual(['m=audio 20000 RTP/SAVP 0 8 101']);
    expect(lines.map((line) => line.split(' ')[1])).toEqual([
      'AEAD_AES_256_GCM',
      'AEAD_AES_128_GCM',
      'AES_256_CM_HMAC_SHA1_80',
      'AES_CM_128_HMAC_SHA1_80',
      'AES_CM_128_HMAC_SHA1_32',
    ]);
    const again = by.offer(sdes);
    expect(new Set([...lines, ...cryptoOf(again)].map((line) => line.split('inline:')[1])).size).toBe(10);
    expect(versionOf(again)).toBe(versionOf(text) + 1);
  });

  it('agreed by tag and suite: we send with our key of that line, the peer with its own', () => {
    const { by, lines } = offerOf();
    const read = by.readAnswer(answer(`4 AES_CM_128_HMAC_SHA1_80 inline:${KEY_30}`));
    if (!read.ok) throw new Error(read.problem.message);
    expect(lines[3]).toBe(`a=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:${bytesOf(read.value, 'local')}`);
    expect(bytesOf(read.value, 'remote')).toBe(KEY_30);
  });

  it.each([
    ['a tag that was not offered', `9 AES_CM_128_HMAC_SHA1_80 inline:${KEY_30}`, /not a line of the offer/],
    ['the tag of another suite', `1 AES_CM_128_HMAC_SHA1_80 inline:${KEY_30}`, /not a line of the offer/],
  ])('is not agreed by %s', (_what, crypto, words) => {
    const { by } = offerOf();
    const read = by.readAnswer(answer(crypto));
    expect(read).toMatchObject({
      ok: false,
      problem: { code: 'no_common_crypto', message: expect.stringMatching(words) },
    });
  });

  it('is not agreed in the clear', () => {
    const { by } = offerOf();
    expect(by.readAnswer(sdp('m=audio 4000 RTP/AVP 0'))).toMatchObject({
      ok: false,
      problem: { code: 'no_common_crypto' },
    });
  });
});

describe('new keys', () => {
  const offer = (key: string, port = 4000): string =>
    secure(`1 AES_CM_128_HMAC_SHA1_80 inline:${key}`).replace('4000', String(port));

  it('of ours for each new key of the peer, none for an offer that only repeats itself', () => {
    const by = side();
    const texts = [offer(KEY_30), offer(KEY_30), offer(inline(30, 50)), offer(inline(30, 50))].map(
      (text) => answered(text, sdes, by).sdp,
    );
    expect(texts[1]).toBe(texts[0]);
    expect(texts[3]).toBe(texts[2]);
    expect(cryptoOf(texts[2] ?? '')).not.toEqual(cryptoOf(texts[0] ?? ''));
    expect(texts.map(versionOf)).toEqual([1, 1, 2, 2]);
  });

  it('of ours for a peer that moved and kept its own (RFC 4568 §7.1.4)', () => {
    const by = side();
    const [before, after] = [offer(KEY_30), offer(KEY_30, 4002)].map((text) => answered(text, sdes, by).sdp);
    expect(cryptoOf(after ?? '')).not.toEqual(cryptoOf(before ?? ''));
  });
});

describe('a description that is only repeated, to refresh the session', () => {
  const inAnswer = (tag: number, key: string): string =>
    secure(`${tag} AES_CM_128_HMAC_SHA1_80 inline:${key}`);

  it.each([
    [
      'offer',
      (by: SdpSide): number => (by.offer(sdes).length > 0 && by.readAnswer(inAnswer(4, KEY_30)).ok ? 4 : 0),
    ],
    ['answer', (by: SdpSide): number => (by.answer(inAnswer(1, KEY_30), sdes).ok ? 1 : 0)],
  ])('our %s: the peer may answer with another key, and ours stays', (_what, agree) => {
    const by = side();
    const tag = agree(by);
    const read = (key: string): MediaDescription => {
      const answer = by.readAnswer(inAnswer(tag, key));
      if (!answer.ok) throw new Error(answer.problem.message);
      return answer.value;
    };
    const [same, other, otherAgain] = [read(KEY_30), read(inline(30, 50)), read(inline(30, 50))];
    expect([same, other, otherAgain].map((one) => bytesOf(one, 'remote'))).toEqual([
      KEY_30,
      inline(30, 50),
      inline(30, 50),
    ]);
    expect(otherAgain.srtp?.remote).toBe(other.srtp?.remote);
    expect(other.srtp?.local).toBe(same.srtp?.local);
    expect(by.readAnswer(inAnswer(tag + 1, KEY_30))).toMatchObject({ ok: false });
    expect(by.readAnswer(sdp('m=audio 4000 RTP/AVP 0'))).toMatchObject({ ok: false });
  });
});

describe('where encryption is a wish (RFC 8643)', () => {
  it('is offered over RTP/AVP with keys, and may be answered in the clear', () => {
    const by = side();
    const text = by.offer(optional);
    expect(mediaOf(text)).toEqual(['m=audio 20000 RTP/AVP 0 8 101']);
    expect(cryptoOf(text)).toHaveLength(5);
    expect(by.readAnswer(sdp('m=audio 4000 RTP/AVP 0'))).toMatchObject({ ok: true });
  });

  it('takes keys over RTP/AVP, over RTP/SAVP, and none', () => {
    const wish = secure(CM_80).replace('SAVP', 'AVP');
    expect(mediaOf(answered(wish, optional).sdp)).toEqual(['m=audio 20000 RTP/AVP 0 101']);
    expect(cryptoOf(answered(wish, optional).sdp)).toHaveLength(1);
    expect(mediaOf(answered(secure(CM_80), optional).sdp)).toEqual(['m=audio 20000 RTP/SAVP 0 101']);
    const plain = answered(sdp('m=audio 4000 RTP/AVP 0'), optional);
    expect([cryptoOf(plain.sdp), plain.peer.srtp]).toEqual([[], undefined]);
  });

  it('refuses RTP/SAVP with nothing that we can use', () => {
    expect(refusal(secure(), optional)).toMatchObject({ code: 'no_common_crypto' });
  });

  it('never goes back to the clear, neither by an offer nor by an answer of the peer', () => {
    const by = side();
    answered(secure(CM_80).replace('SAVP', 'AVP'), optional, by);
    const clear = sdp('m=audio 4000 RTP/AVP 0');
    const words = {
      ok: false,
      problem: { code: 'no_common_crypto', message: expect.stringMatching(/never goes on in the clear/) },
    };
    expect(by.answer(clear, optional)).toMatchObject(words);
    by.offer(optional);
    expect(by.readAnswer(clear)).toMatchObject(words);
  });
});
