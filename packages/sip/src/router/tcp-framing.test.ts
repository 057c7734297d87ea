import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TcpFramer } from './tcp-framing.ts';
import { DEFAULT_TCP_LIMITS } from './tcp-limits.ts';

const text = new TextDecoder('latin1');
const octets = (value: string): Uint8Array => Uint8Array.from(value, (c) => c.charCodeAt(0));

/** What comes out when the stream arrives in these pieces: `ping`, `broken: why`, or the message itself. */
function frames(...pieces: string[]): string[] {
  const framer = new TcpFramer(DEFAULT_TCP_LIMITS);
  return pieces.flatMap((piece) =>
    framer.push(octets(piece)).map((frame) => {
      if (frame.kind === 'message') return text.decode(frame.raw);
      return frame.kind === 'broken' ? `broken: ${frame.problem}` : frame.kind;
    }),
  );
}

const message = (body: string, lengthLine = `Content-Length: ${body.length}`): string =>
  `INFO sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h\r\n${lengthLine}\r\n\r\n${body}`;

describe('TcpFramer', () => {
  const one = message('hello');
  const two = message('');
  const long = message('x'.repeat(1_900));
  const longer = message('y'.repeat(3_000));

  it.each<[string, string[], string[]]>([
    ['one message', [one], [one]],
    ['two messages in one segment', [one + two], [one, two]],
    ['a message in two segments', [one.slice(0, 30), one.slice(30)], [one]],
    ['a body that comes late', [one.slice(0, -5), 'hel', 'lo'], [one]],
    ['the compact name', [message('abc', 'l:3')], [message('abc', 'l:3')]],
    [
      'a folded Content-Length',
      [message('abc', 'Content-Length:\r\n  3')],
      [message('abc', 'Content-Length:\r\n  3')],
    ],
    [
      'a padded Content-Length',
      [message('abc', 'Content-Length:   0003')],
      [message('abc', 'Content-Length:   0003')],
    ],
    ['a body that looks like headers', [message('\r\n\r\nl: 9\r\n')], [message('\r\n\r\nl: 9\r\n')]],
    ['a head cut where the buffer must grow', [long + longer.slice(0, 30), longer.slice(30)], [long, longer]],
    ['a ping', ['\r\n\r\n'], ['ping']],
    ['a ping in pieces', ['\r', '\n\r', '\n'], ['ping']],
    ['a pong, which is no ping', ['\r\n'], []],
    ['a pong before a message', [`\r\n${one}`], [one]],
    ['a ping between messages', [`${one}\r\n\r\n${two}`], [one, 'ping', two]],
    ['pongs on both sides of a message', ['\r\n', one, '\r\n', two], [one, two]],
    ['no Content-Length', [message('', 'X: y')], ['broken: Content-Length is missing']],
    ['two Content-Length', [message('', 'l: 0\r\nl: 0')], ['broken: Content-Length occurs twice']],
    ['a negative Content-Length', [message('', 'l: -1')], ['broken: Content-Length is not a number']],
    [
      'an endless Content-Length',
      [message('', `l: ${'9'.repeat(400)}`)],
      ['broken: Content-Length is not a number'],
    ],
    ['a Content-Length above the limit', [message('', 'l: 65536')], ['broken: the message is too long']],
    ['HTTP', ['GET / HTTP/1.1\r\n'], ['broken: the first line is not SIP']],
    ['a TLS hello', [`\x16\x03\x01${'x'.repeat(20_000)}`], ['broken: the headers are too long']],
    [
      'headers without end',
      [`${one.slice(0, 20)}\r\nX: ${'y'.repeat(17_000)}`],
      ['broken: the headers are too long'],
    ],
    [
      'whole headers that are too long',
      [message('', `l: 0\r\nX: ${'y'.repeat(17_000)}`)],
      ['broken: the headers are too long'],
    ],
    ['a message after garbage', ['garbage\r\n', one], ['broken: the first line is not SIP']],
    ['a message and then garbage', [`${one}garbage\r\n\r\n`], [one, 'broken: the first line is not SIP']],
  ])('reads %s', (_, pieces, expected) => expect(frames(...pieces)).toEqual(expected));

  it('gives the same messages however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary-ascii', maxLength: 3_000 }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 }),
        (bodies, cuts) => {
          const messages = bodies.map((body) => message(body));
          let rest = messages.join('');
          const pieces: string[] = [];
          for (let i = 0; rest !== ''; i++) {
            const size = cuts[i % cuts.length] ?? 1;
            pieces.push(rest.slice(0, size));
            rest = rest.slice(size);
          }
          expect(frames(...pieces)).toEqual(messages);
        },
      ),
      { seed: 5, numRuns: 200 },
    );
  });

  it('never throws on noise, one octet at a time', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        const framer = new TcpFramer(DEFAULT_TCP_LIMITS);
        for (const octet of noise) framer.push(Uint8Array.of(octet));
      }),
      { seed: 6, numRuns: 500 },
    );
  });

  it('knows when a message has begun and is not whole', () => {
    const framer = new TcpFramer(DEFAULT_TCP_LIMITS);
    framer.push(octets('\r\n\r\n'));
    expect(framer.hasPartialMessage).toBe(false);
    framer.push(octets(one.slice(0, 10)));
    expect(framer.hasPartialMessage).toBe(true);
    framer.push(octets(one.slice(10)));
    expect(framer.hasPartialMessage).toBe(false);
  });
});
