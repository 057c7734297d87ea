import { describe, expect, it } from '@jest/globals';
import { glareDelayMs } from '../legs/leg-timing.ts';
import { refusedMedia } from '../legs/refused-media.ts';
import { closingLines, headerLines, reasonValue } from './header-lines.ts';
import { applyLibraryFixups } from './library-fixups.ts';
import { hopOfUri, nextHopOf } from './next-hop.ts';
import { selfTest } from './self-test.ts';
import { sdpBody, sessionPart } from './session-body.ts';
import { makeBranch, makeTag, statelessTag } from './tokens.ts';
import { traceText } from './trace.ts';
import { WireUri } from './wire-uri.ts';

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('headers that we write', () => {
  it.each<[name: string, value: string]>([
    ['X-Token', 'a b;c="d"'],
    ['Reason', 'Q.850;cause=16;text="käse"'],
    ['X-Tab', 'a\tb'],
    ['X-Empty', ''],
  ])('%s: %j', (name, value) => {
    expect(headerLines([[name, value]])).toEqual([`${name}: ${value}`]);
  });

  it.each<[name: string, value: string, why: RegExp]>([
    ['X-A', 'b\r\nX-Evil: 1', /control/],
    ['X-A', 'b\nX-Evil: 1', /control/],
    ['X-A', 'b\r', /control/],
    ['X-A', 'b\0', /control/],
    ['X-A', '\x7f', /control/],
    ['X-A', '\ud800', /control/],
    ['X-A', 'x'.repeat(4097), /4097 characters/],
    ['X A', 'b', /token/],
    ['X-A:', 'b', /token/],
    ['X-A\r\nX-B', 'b', /token/],
    ['', 'b', /token/],
    ['via', 'b', /written by the stack/],
    ['v', 'b', /written by the stack/],
    ['CONTENT-LENGTH', '0', /written by the stack/],
  ])('refused: %j: %.20j', (name, value, why) => {
    expect(() => headerLines([[name, value]])).toThrow(why);
  });

  it('a Reason cannot leave its quotes', () => {
    expect(reasonValue({ protocol: 'SIP', cause: 200, text: 'a"b\\\r\nc' })).toBe(
      'SIP;cause=200;text="a?b???c"',
    );
    expect(closingLines(undefined)).toEqual([]);
    expect(closingLines({ protocol: 'Q.850', cause: 16, text: 'x' }, [['X-A', 'b']])).toEqual([
      'Reason: Q.850;cause=16;text="x"',
      'X-A: b',
    ]);
  });
});

describe('the session description of a body', () => {
  const part = (type: string, text: string): string => `--b\r\nContent-Type: ${type}\r\n\r\n${text}\r\n`;
  it.each<[what: string, type: string | undefined, body: string, expected: unknown]>([
    ['nothing', undefined, '', { kind: 'none' }],
    ['a type without octets', 'application/sdp', '', { kind: 'none' }],
    ['SDP', 'application/sdp', 'v=0\r\n', { kind: 'sdp', sdp: 'v=0\r\n' }],
    ['SDP in other letters', 'Application/SDP;charset=utf-8', 'v=0\r\n', { kind: 'sdp', sdp: 'v=0\r\n' }],
    ['text', 'text/plain', 'v=0', { kind: 'other', contentType: 'text/plain' }],
    [
      'the second part',
      'multipart/mixed;boundary=b',
      `${part('text/plain', 'x')}${part('application/sdp', 'v=0')}--b--`,
      { kind: 'sdp', sdp: 'v=0' },
    ],
    [
      'a quoted boundary',
      'multipart/mixed; boundary="b"',
      `${part('application/sdp', 'v=0')}--b--`,
      { kind: 'sdp', sdp: 'v=0' },
    ],
    [
      'a preamble',
      'multipart/mixed;boundary=b',
      `hello\r\n${part('application/sdp', 'v=0')}--b--`,
      { kind: 'sdp', sdp: 'v=0' },
    ],
    [
      'no boundary',
      'multipart/mixed',
      part('application/sdp', 'v=0'),
      { kind: 'other', contentType: 'multipart/mixed' },
    ],
    [
      'a part that does not end',
      'multipart/mixed;boundary=b',
      part('application/sdp', 'v=0'),
      { kind: 'other', contentType: 'multipart/mixed' },
    ],
    [
      'no such part',
      'multipart/mixed;boundary=b',
      `${part('text/plain', 'v=0')}--b--`,
      { kind: 'other', contentType: 'multipart/mixed' },
    ],
    [
      'a boundary only',
      'multipart/mixed;boundary=b',
      '--b--',
      { kind: 'other', contentType: 'multipart/mixed' },
    ],
    [
      'the ninth part',
      'multipart/mixed;boundary=b',
      `${part('a/b', '').repeat(8)}${part('application/sdp', 'v=0')}--b--`,
      { kind: 'other', contentType: 'multipart/mixed' },
    ],
  ])('%s', (_, type, body, expected) => {
    expect(sessionPart(type, octets(body))).toEqual(expected);
  });

  it('nested once', () => {
    const inner = `--i\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--i--`;
    const body = `${part('multipart/alternative;boundary=i', inner)}--b--`;
    expect(sessionPart('multipart/mixed;boundary=b', octets(body))).toEqual({ kind: 'sdp', sdp: 'v=0' });
  });

  it('in Latin-1 is still read', () => {
    expect(sessionPart('application/sdp', Uint8Array.of(0x73, 0x3d, 0xe9))).toEqual({
      kind: 'sdp',
      sdp: 's=é',
    });
  });

  it('that cannot be sent is refused before anything is', () => {
    expect(() => sdpBody('')).toThrow('empty');
    expect(() => sdpBody('v=0\ud800')).toThrow('surrogate');
  });

  it('of a call that nobody answered refuses every stream', () => {
    expect(refusedMedia('v=0\r\nm=audio 4000 RTP/AVP 0 8\r\na=x\r\nm=video 1/2 RTP/SAVP 9\r\n')).toBe(
      'v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 0 RTP/AVP 0 8\r\nm=video 0 RTP/SAVP 9\r\n',
    );
  });
});

describe('the next hop', () => {
  it.each([
    ['sip:a@h', { host: 'h', port: undefined, protocol: undefined }],
    ['sips:a@h', { host: 'h', port: undefined, protocol: 'tls' }],
    ['sips:a@h:9;transport=tcp', { host: 'h', port: 9, protocol: 'tls' }],
    ['sips:a@h;transport=ws', { host: 'h', port: undefined, protocol: 'wss' }],
    ['sip:a@h;transport=tls', { host: 'h', port: undefined, protocol: 'tls' }],
    ['sip:a@h;transport=WS', { host: 'h', port: undefined, protocol: 'ws' }],
    ['sip:h:5070;transport=TCP;lr', { host: 'h', port: 5070, protocol: 'tcp' }],
    ['sip:a;b=c@192.0.2.1:9;transport=udp', { host: '192.0.2.1', port: 9, protocol: 'udp' }],
    ['sip:a@[2001:db8::1]:5080', { host: '2001:db8::1', port: 5080, protocol: undefined }],
    ['sip:a@h;transport=sctp', { host: 'h', port: undefined, protocol: undefined }],
    ['tel:+44', undefined],
  ])('%s', (uri, expected) => {
    expect(hopOfUri(uri)).toEqual(expected);
  });

  it('is the first Route, and never one in a body', () => {
    const head = 'BYE sip:a@target:1 SIP/2.0\r\nVia: x\r\n';
    expect(nextHopOf(`${head}Route: <sip:p1;lr>\r\nRoute: <sip:p2;lr>\r\n\r\n`)).toMatchObject({
      host: 'p1',
    });
    expect(nextHopOf(`${head}\r\nx\r\nRoute: <sip:evil;lr>\r\n`)).toMatchObject({ host: 'target', port: 1 });
    expect(nextHopOf('nonsense')).toBeUndefined();
  });
});

describe('a trace', () => {
  it.each<[what: string, message: string, expected: string]>([
    [
      'INVITE',
      'INVITE sip:a SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\nv=0',
      'INVITE sip:a SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\nv=0',
    ],
    ['INFO', 'INFO sip:a SIP/2.0\r\n\r\nSignal=5', 'INFO sip:a SIP/2.0\r\n\r\n[8 octets withheld]'],
    ['INFO without body', 'INFO sip:a SIP/2.0\r\n\r\n', 'INFO sip:a SIP/2.0\r\n\r\n'],
    [
      'INFO by its CSeq',
      'IMFO sip:a SIP/2.0\r\ncseq : 1 INFO\r\n\r\n5',
      'IMFO sip:a SIP/2.0\r\ncseq : 1 INFO\r\n\r\n[1 octets withheld]',
    ],
    [
      'DTMF by its type',
      'X a SIP/2.0\r\nc: application/dtmf\r\n\r\n5',
      'X a SIP/2.0\r\nc: application/dtmf\r\n\r\n[1 octets withheld]',
    ],
    [
      'SRTP keys',
      'INVITE sip:a SIP/2.0\r\n\r\nv=0\r\na=crypto:1 AEAD_AES_128_GCM inline:AAA|2^31;inline:BBB\r\nm=x',
      'INVITE sip:a SIP/2.0\r\n\r\nv=0\r\na=crypto:1 AEAD_AES_128_GCM inline:[withheld]\r\nm=x',
    ],
    ['no SIP', '\0\x01Signal=5', '[10 octets that are not SIP]'],
  ])('of %s', (_, message, expected) => {
    expect(traceText(octets(message))).toBe(expected);
  });
});

describe('what sip.js is given', () => {
  it('a URI prints as it was read, also as a copy', () => {
    const uri = WireUri.parse('sip:50%25;x=%zz@H.example:5070;Transport=TCP?a=b');
    expect(uri).toBeUndefined();
    const good = WireUri.parse('sip:50%25@H.example:5070;Transport=TCP?a=b');
    expect(good?.clone().toRaw()).toBe('sip:50%25@H.example:5070;Transport=TCP');
    // sip.js knows no sips; on the wire it stays what it was.
    expect(WireUri.parse('sips:a@b')).toMatchObject({ scheme: 'sip' });
    expect(String(WireUri.parse('sips:a@b'))).toBe('sips:a@b');
    expect(WireUri.parse('tel:+44')).toBeUndefined();
  });

  it('branches and tags do not repeat, and a stateless tag does', () => {
    const many = new Set(Array.from({ length: 5000 }, () => makeBranch()));
    expect(many.size).toBe(5000);
    expect(makeTag()).not.toBe(makeTag());
    expect(statelessTag('a')).toBe(statelessTag('a'));
    expect(statelessTag('a')).not.toBe(statelessTag('b'));
  });

  it('the library is the one we wrote this for', () => {
    applyLibraryFixups();
    expect(selfTest()).toEqual([]);
  });

  it('waits after 491 as RFC 3261 §14.1 says', () => {
    expect([0, 0.5, 0.9999].map((random) => glareDelayMs(true, random))).toEqual([2100, 3050, 4000]);
    expect([0, 0.5, 0.9999].map((random) => glareDelayMs(false, random))).toEqual([0, 1000, 2000]);
  });
});
