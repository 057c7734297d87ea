import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { quoted, readDigest } from './auth-header.ts';
import { type DigestAlgorithm, digestAlgorithm, digestHa1, digestResponse } from './digest.ts';

describe('the digest of a request', () => {
  // RFC 7616 §3.9.1.
  const rfc7616 = {
    username: 'Mufasa',
    realm: 'http-auth@example.org',
    password: 'Circle of Life',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  };
  // RFC 2617 §3.5, which RFC 3261 §22.4 builds on.
  const rfc2617 = {
    username: 'Mufasa',
    realm: 'testrealm@host.com',
    password: 'Circle Of Life',
    nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
    cnonce: '0a4f113b',
  };

  it.each<[source: string, algorithm: DigestAlgorithm, vector: typeof rfc7616, response: string]>([
    ['RFC 7616', 'MD5', rfc7616, '8ca523f5e9506fed4657c9700eebdbec'],
    ['RFC 7616', 'SHA-256', rfc7616, '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
    ['RFC 2617', 'MD5', rfc2617, '6629fae49393a05397450978507c4ef1'],
  ])('%s, %s', (_source, algorithm, { username, realm, password, nonce, cnonce }, response) => {
    const ha1 = digestHa1(algorithm, username, realm, password);
    const rest = { method: 'GET', uri: '/dir/index.html', nc: '00000001', qop: 'auth', body: '' } as const;
    expect(digestResponse({ algorithm, ha1, nonce, cnonce, ...rest })).toBe(response);
  });

  it('covers the body under auth-int and only there', () => {
    const of = (qop: 'auth' | 'auth-int' | undefined, body: string): string =>
      digestResponse({
        ...{ algorithm: 'SHA-256', ha1: 'h', method: 'INVITE', uri: 'sip:a@b', nonce: 'n' },
        ...{ qop, nc: '00000001', cnonce: 'c', body },
      });
    expect(of('auth-int', 'v=0')).not.toBe(of('auth-int', 'v=1'));
    expect(of('auth', 'v=0')).toBe(of('auth', 'v=1'));
    expect(of(undefined, 'v=0')).not.toBe(of('auth', 'v=0'));
  });

  it.each([
    [undefined, 'MD5'],
    ['md5', 'MD5'],
    ['sha-256', 'SHA-256'],
    ['SHA-512-256', 'SHA-512-256'],
    ['SHA-256-sess', undefined],
    ['MD5-sess', undefined],
    ['', undefined],
    ['AKAv1-MD5', undefined],
  ])('algorithm %p is %p', (named, expected) => expect(digestAlgorithm(named)).toBe(expected));
});

describe('the directives of a header', () => {
  it.each<[text: string, expected: Record<string, string> | undefined]>([
    ['Digest realm="a", nonce="b"', { realm: 'a', nonce: 'b' }],
    ['digest  Realm = "a" ,nc=00000001,qop=auth', { realm: 'a', nc: '00000001', qop: 'auth' }],
    ['Digest qop="auth,auth-int", uri="sip:a,b@c"', { qop: 'auth,auth-int', uri: 'sip:a,b@c' }],
    ['Digest realm="say \\"hi\\" \\\\ now"', { realm: 'say "hi" \\ now' }],
    ['Digest algorithm="SHA-256"', { algorithm: 'SHA-256' }],
    ['Digest username=""', { username: '' }],
    ['Digest', undefined],
    ['Digest ', undefined],
    ['Basic dXNlcjpwYXNz', undefined],
    ['Digest realm', undefined],
    ['Digest realm=', undefined],
    ['Digest realm="a" nonce="b"', undefined],
    ['Digest realm="a', undefined],
    ['Digest realm="a", realm="b"', undefined],
    ['Digest ,', undefined],
    ['Digest =x', undefined],
    [`Digest ${Array.from({ length: 33 }, (_, i) => `a${i}=1`).join(', ')}`, undefined],
  ])('%s', (text, expected) => {
    const read = readDigest(text);
    expect(read && Object.fromEntries(read)).toEqual(expected);
  });

  it('are read from anything without harm', () => {
    const pieces = fc.constantFrom(
      'Digest ',
      'realm',
      '=',
      '"',
      '\\',
      ',',
      ' ',
      'nonce="n"',
      'qop=auth',
      '<',
      '\u0000',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string())), (parts) => {
        const read = readDigest(parts.join(''));
        expect(read === undefined || read.size <= 33).toBe(true);
      }),
    );
  });

  it('come back as they were written', () => {
    const text = 'a "b" \\ c';
    expect(readDigest(`Digest realm=${quoted(text)}`)?.get('realm')).toBe(text);
  });
});
