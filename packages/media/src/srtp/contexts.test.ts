import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nodeAes } from '../test-support/aes.ts';
import { nearestIndex, SRTP_STREAMS_MAX } from './packet-streams.ts';
import { createSrtpReceiver } from './receiver.ts';
import { createSrtpSender } from './sender.ts';
import { DROPPED, type SrtpKeys, type SrtpReceiver, type SrtpSender } from './srtp.ts';
import { SRTP_SUITES, type SrtpSuite } from './suites.ts';

const suites = SRTP_SUITES.map((suite) => [suite.name, suite] as const);
const [gcm256, , , counterMode80] = SRTP_SUITES as [SrtpSuite, SrtpSuite, SrtpSuite, SrtpSuite];

const keysOf = (suite: SrtpSuite, seed = 1): SrtpKeys => ({
  suite: suite.name,
  masterKey: Uint8Array.from({ length: suite.keyBytes }, (_, at) => at * seed),
  masterSalt: Uint8Array.from({ length: suite.saltBytes }, (_, at) => at + seed),
});

/** An RTP packet of `sequence` in a buffer with room, its payload made of the sequence number. */
function rtp(sequence: number, { ssrc = 7, payloadBytes = 40 } = {}): { buffer: Uint8Array; length: number } {
  const buffer = new Uint8Array(12 + payloadBytes + 20).fill(sequence & 0xff, 12, 12 + payloadBytes);
  buffer[0] = 0x80;
  const view = new DataView(buffer.buffer);
  view.setUint16(2, sequence);
  view.setUint32(8, ssrc);
  return { buffer, length: 12 + payloadBytes };
}

/** Protected, as it would be on the wire. */
function sealed(sender: SrtpSender, sequence: number, ssrc = 7): Uint8Array {
  const { buffer, length } = rtp(sequence & 0xffff, { ssrc });
  const end = sender.protectRtp(buffer, length);
  if (end === DROPPED) throw new Error(`${sequence} was not sent`);
  return buffer.slice(0, end);
}

const isOpened = (receiver: SrtpReceiver, packet: Uint8Array, sequence: number): boolean => {
  const copy = packet.slice();
  const length = receiver.unprotectRtp(copy, copy.length);
  const plain = rtp(sequence & 0xffff);
  if (length === DROPPED) return false;
  expect(copy.subarray(12, length)).toEqual(plain.buffer.subarray(12, plain.length));
  return true;
};

function rtcp(words = 6): { buffer: Uint8Array; length: number } {
  const buffer = new Uint8Array(8 + words * 4 + 20).fill(0x55, 8, 8 + words * 4);
  buffer.set([0x80, 200, 0, words + 1, 0, 0, 0, 7]);
  return { buffer, length: 8 + words * 4 };
}

describe.each(suites)('%s', (_, suite) => {
  it('opens what it protected, RTP and RTCP, whatever the length', () => {
    const [sender, receiver] = [
      createSrtpSender(keysOf(suite), nodeAes),
      createSrtpReceiver(keysOf(suite), nodeAes),
    ];
    for (let payloadBytes = 0; payloadBytes < 400; payloadBytes += 13) {
      const { buffer, length } = rtp(payloadBytes, { payloadBytes });
      const plain = buffer.slice(0, length);
      const end = sender.protectRtp(buffer, length);
      expect(end).toBe(length + suite.rtpTagBytes);
      expect(receiver.unprotectRtp(buffer, end)).toBe(length);
      expect(buffer.slice(0, length)).toEqual(plain);
    }
    for (let words = 0; words < 40; words += 7) {
      const { buffer, length } = rtcp(words);
      const plain = buffer.slice(0, length);
      const end = sender.protectRtcp(buffer, length);
      expect(end).toBe(length + suite.rtcpTagBytes + 4);
      expect(receiver.unprotectRtcp(buffer, end)).toBe(length);
      expect(buffer.slice(0, length)).toEqual(plain);
    }
    expect(receiver.drops).toEqual({ malformed: 0, unauthentic: 0, replayed: 0 });
  });

  it('drops a packet with any one bit turned, and takes the true one after it', () => {
    const sender = createSrtpSender(keysOf(suite), nodeAes);
    const receiver = createSrtpReceiver(keysOf(suite), nodeAes);
    const packet = sealed(sender, 5);
    for (let bit = 0; bit < packet.length * 8; bit++) {
      const forged = packet.slice();
      forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(receiver.unprotectRtp(forged, forged.length)).toBe(DROPPED);
    }
    expect(isOpened(receiver, packet, 5)).toBe(true);
  });

  it('opens nothing under another key, and leaves such a packet as it was', () => {
    const packet = sealed(createSrtpSender(keysOf(suite, 3), nodeAes), 5);
    const copy = packet.slice();
    const receiver = createSrtpReceiver(keysOf(suite), nodeAes);
    expect(receiver.unprotectRtp(copy, copy.length)).toBe(DROPPED);
    expect(copy).toEqual(packet);
    expect(receiver.drops.unauthentic).toBe(1);
  });

  it('refuses SRTCP that is not encrypted, SRTCP again and SRTCP that was changed', () => {
    const sender = createSrtpSender(keysOf(suite), nodeAes);
    const receiver = createSrtpReceiver(keysOf(suite), nodeAes);
    const { buffer, length } = rtcp();
    const end = sender.protectRtcp(buffer, length);
    const wire = buffer.slice(0, end);
    const indexAt = suite.cipher === 'gcm' ? end - 4 : length;

    const clear = wire.slice();
    clear[indexAt] = (clear[indexAt] ?? 0) & 0x7f;
    expect(receiver.unprotectRtcp(clear, end)).toBe(DROPPED);
    expect(receiver.drops).toEqual({ malformed: 1, unauthentic: 0, replayed: 0 });
    const changed = wire.slice();
    changed[9] = (changed[9] ?? 0) ^ 1;
    expect(receiver.unprotectRtcp(changed, end)).toBe(DROPPED);
    expect(receiver.unprotectRtcp(wire.slice(), end)).toBe(length);
    expect(receiver.unprotectRtcp(wire.slice(), end)).toBe(DROPPED);
    expect(receiver.drops).toEqual({ malformed: 1, unauthentic: 1, replayed: 1 });
  });

  it('is done when it was wiped', () => {
    const sender = createSrtpSender(keysOf(suite), nodeAes);
    const receiver = createSrtpReceiver(keysOf(suite), nodeAes);
    const packet = sealed(sender, 5);
    sender.wipe();
    receiver.wipe();
    const { buffer, length } = rtp(6);
    expect(sender.protectRtp(buffer, length)).toBe(DROPPED);
    expect(receiver.unprotectRtp(packet, packet.length)).toBe(DROPPED);
  });
});

describe('what is no packet', () => {
  const cases: readonly [string, (packet: Uint8Array) => Uint8Array][] = [
    ['nothing', () => new Uint8Array(0)],
    ['shorter than a header and its tag', (packet) => packet.slice(0, 21)],
    ['another version', (packet) => packet.fill(0x40, 0, 1)],
    ['more CSRCs than bytes', (packet) => packet.fill(0x8f, 0, 1)],
    ['an extension beyond the end', (packet) => packet.fill(0x90, 0, 1).fill(0xff, 14, 16)],
  ];
  it.each(cases)('%s', (_, spoil) => {
    const packet = spoil(sealed(createSrtpSender(keysOf(counterMode80), nodeAes), 5));
    const receiver = createSrtpReceiver(keysOf(counterMode80), nodeAes);
    expect(receiver.unprotectRtp(packet, packet.length)).toBe(DROPPED);
    expect(receiver.unprotectRtcp(packet.subarray(0, 10), 10)).toBe(DROPPED);
    expect(receiver.drops).toEqual({ malformed: 2, unauthentic: 0, replayed: 0 });
  });

  it('is not sent either, nor is one without room for its tag', () => {
    const sender = createSrtpSender(keysOf(gcm256), nodeAes);
    const { buffer, length } = rtp(1);
    expect(sender.protectRtp(buffer.subarray(0, length + 15), length)).toBe(DROPPED);
    expect(sender.protectRtp(buffer.fill(0, 0, 1), length)).toBe(DROPPED);
    expect(sender.protectRtcp(buffer, 7)).toBe(DROPPED);
  });
});

describe('the index of a packet (RFC 3711 §3.3.1)', () => {
  it('is the nearest with its sequence number, over all of three rollovers', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0x1_0000, max: 2 ** 47 }),
        fc.integer({ min: -0x7fff, max: 0x7fff }),
        (highest, step) => {
          expect(nearestIndex(highest, (highest + step) & 0xffff)).toBe(highest + step);
        },
      ),
    );
  });

  it.each([
    [65_300, 300, 65_836],
    [65_836, 65_400, 65_400],
    [3, 65_535, -1],
    [40_000, 8_000, 8_000],
    [40_000, 7_000, 72_536],
  ])('after %i comes %i: %i', (highest, sequence, index) => {
    expect(nearestIndex(highest, sequence)).toBe(index);
  });
});

describe('streams over wraps, gaps, reordering and replays', () => {
  it('opens every packet exactly once, whatever happens on the way', () => {
    // Gaps up to 20 000 packets (more than six minutes of hold), and packets late by up to six places.
    const steps = fc.array(
      fc.tuple(
        fc.oneof(
          { weight: 9, arbitrary: fc.constant(1) },
          { weight: 1, arbitrary: fc.integer({ min: 2, max: 20_000 }) },
        ),
        fc.integer({ min: 0, max: 6 }),
        fc.boolean(),
      ),
      {
        minLength: 20,
        maxLength: 120,
      },
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...SRTP_SUITES),
        fc.integer({ min: 0, max: 0xffff }),
        steps,
        (suite, first, path) => {
          const sender = createSrtpSender(keysOf(suite), nodeAes);
          const receiver = createSrtpReceiver(keysOf(suite), nodeAes);
          let at = first;
          const sent = path.map(([step, late, again], order) => {
            at += step;
            // The packets next to a gap stay in their places: a jump and a swap at once are not told from an older stream.
            return {
              at,
              packet: sealed(sender, at),
              place: order + (path.slice(order, order + 8).some(([s]) => s > 1) ? 0 : late),
              again,
            };
          });
          // What a jump leaves behind beyond the window is lost by design; so is what is late to the first packet.
          const arriving = [...sent].sort((a, b) => a.place - b.place);
          let highest = -1;
          for (const { at: sequence, packet, again } of arriving) {
            const isKnowable = highest < 0 || sequence > highest - 128;
            const isFirst = highest < 0;
            highest = Math.max(highest, sequence);
            if (isKnowable && !(isFirst && sequence !== sent[0]?.at)) {
              expect(isOpened(receiver, packet, sequence)).toBe(true);
            } else isOpened(receiver, packet, sequence);
            if (again) expect(isOpened(receiver, packet, sequence)).toBe(false);
          }
          expect(receiver.drops.malformed).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('goes on after a gap of half an hour in pieces, over many rollovers', () => {
    const sender = createSrtpSender(keysOf(counterMode80), nodeAes);
    const receiver = createSrtpReceiver(keysOf(counterMode80), nodeAes);
    for (let at = 0; at < 5 * 0x1_0000; at += 0x7000) {
      expect(isOpened(receiver, sealed(sender, at), at)).toBe(true);
      expect(isOpened(receiver, sealed(sender, at + 1), at + 1)).toBe(true);
    }
  });

  it('never uses a keystream twice: what was sent, or is too old to know, is not sent again', () => {
    const sender = createSrtpSender(keysOf(gcm256), nodeAes);
    const send = (sequence: number): number => {
      const { buffer, length } = rtp(sequence);
      return sender.protectRtp(buffer, length);
    };
    expect(send(500)).toBeGreaterThan(0);
    expect(send(500)).toBe(DROPPED);
    expect(send(499)).toBeGreaterThan(0);
    expect(send(499)).toBe(DROPPED);
    expect(send(500 - 128)).toBe(DROPPED);
  });

  it.each(SRTP_SUITES)('opens a stream that is first heard after its first wrap: $name', (suite) => {
    const sender = createSrtpSender(keysOf(suite), nodeAes);
    const receiver = createSrtpReceiver(keysOf(suite), nodeAes);
    const [, late, ...heard] = Array.from({ length: 9 }, (_, place) => sealed(sender, 0xfffe + place));
    heard.forEach((packet, place) => {
      expect(isOpened(receiver, packet, place)).toBe(true);
    });
    expect(late !== undefined && isOpened(receiver, late, 0xffff)).toBe(true);
    expect(heard.some((packet, place) => isOpened(receiver, packet, place))).toBe(false);
    expect(receiver.drops).toEqual({ malformed: 0, unauthentic: 0, replayed: heard.length });
  });

  it('keeps streams apart, and stops at more of them than a call can have', () => {
    const sender = createSrtpSender(keysOf(counterMode80), nodeAes);
    const receiver = createSrtpReceiver(keysOf(counterMode80), nodeAes);
    for (let ssrc = 1; ssrc <= SRTP_STREAMS_MAX; ssrc++)
      expect(isOpened(receiver, sealed(sender, 9, ssrc), 9)).toBe(true);
    const { buffer, length } = rtp(9, { ssrc: 999 });
    expect(sender.protectRtp(buffer, length)).toBe(DROPPED);
    const other = createSrtpSender(keysOf(counterMode80), nodeAes);
    expect(isOpened(receiver, sealed(other, 9, 999), 9)).toBe(false);
    expect(receiver.drops.malformed).toBe(1);
  });

  it('a forged stream takes no place and moves no window', () => {
    const receiver = createSrtpReceiver(keysOf(counterMode80), nodeAes);
    for (let ssrc = 1; ssrc < 100; ssrc++) {
      const attacker = createSrtpSender(keysOf(counterMode80, 9), nodeAes);
      expect(isOpened(receiver, sealed(attacker, 0x7fff, ssrc), 0x7fff)).toBe(false);
    }
    expect(isOpened(receiver, sealed(createSrtpSender(keysOf(counterMode80), nodeAes), 3, 50), 3)).toBe(true);
  });
});

describe('new keys in mid-stream', () => {
  it('takes both keys until the new one is established, across suites, then the old one no more', () => {
    const sender = createSrtpSender(keysOf(counterMode80), nodeAes);
    const receiver = createSrtpReceiver(keysOf(counterMode80), nodeAes);
    expect(isOpened(receiver, sealed(sender, 1), 1)).toBe(true);
    receiver.rekey(keysOf(gcm256, 5));
    expect(isOpened(receiver, sealed(sender, 2), 2)).toBe(true);
    const late = sealed(sender, 3);
    const tooLate = sealed(sender, 4);
    sender.rekey(keysOf(gcm256, 5));
    expect(isOpened(receiver, sealed(sender, 5), 5)).toBe(true);
    expect(isOpened(receiver, late, 3)).toBe(true);
    expect(isOpened(receiver, late, 3)).toBe(false);
    for (let at = 6; at < 60; at++) expect(isOpened(receiver, sealed(sender, at), at)).toBe(true);
    expect(isOpened(receiver, tooLate, 4)).toBe(false);
    expect(receiver.drops).toEqual({ malformed: 0, unauthentic: 1, replayed: 1 });
  });

  it('keeps the key in use when two new ones follow each other', () => {
    const sender = createSrtpSender(keysOf(counterMode80), nodeAes);
    const receiver = createSrtpReceiver(keysOf(counterMode80), nodeAes);
    expect(isOpened(receiver, sealed(sender, 1), 1)).toBe(true);
    receiver.rekey(keysOf(counterMode80, 5));
    receiver.rekey(keysOf(counterMode80, 6));
    expect(isOpened(receiver, sealed(sender, 2), 2)).toBe(true);
    sender.rekey(keysOf(counterMode80, 6));
    expect(isOpened(receiver, sealed(sender, 3), 3)).toBe(true);
  });

  it.each([
    ['goes on (RFC 3711 §3.3.1)', (sender: SrtpSender) => sender],
    ['begins at zero (RFC 4568 §7.1.4)', () => createSrtpSender(keysOf(gcm256, 5), nodeAes)],
  ])('follows a rollover counter that %s after two wraps', (_, next) => {
    let sender = createSrtpSender(keysOf(counterMode80), nodeAes);
    const receiver = createSrtpReceiver(keysOf(counterMode80), nodeAes);
    for (let at = 0; at <= 2 * 0x1_0000; at += 0x4000) isOpened(receiver, sealed(sender, at), at);
    receiver.rekey(keysOf(gcm256, 5));
    sender.rekey(keysOf(gcm256, 5));
    sender = next(sender);
    for (let at = 2 * 0x1_0000 + 1; at < 2 * 0x1_0000 + 100; at++)
      expect(isOpened(receiver, sealed(sender, at), at)).toBe(true);
  });
});
