import { describe, expect, it } from '@jest/globals';
import { encodeG711 } from '../codecs/g711.ts';
import { OPTIONS, play, type Sent, voice, withEvents, withLoss } from '../test-support/customer.ts';
import { leftInMs, mostLikelyKey } from '../test-support/eavesdropper.ts';
import { keyTone, mix, noise, randomOf, type Sound, silence, toLinear } from '../test-support/sound.ts';
import { AHEAD_MAX_MS } from './timeline.ts';

const CARD = [4, 2, 4, 2, 4, 2, 4, 2, 4, 4, 4, 4, 0, 0, 1, 11];
/** A card keyed late in the call: whatever slips with each lost packet has slipped far by then. */
const LATE_MS = 44_000;
const EVERY_MS = 333;
const CALL_MS = LATE_MS + CARD.length * EVERY_MS + 500;
const lateCard = (): Sound => {
  const sound = noise(CALL_MS, -45, 31);
  for (const [n, code] of CARD.entries())
    mix(sound, keyTone({ code, ms: 100, levelDbm0: -12 }), LATE_MS + n * EVERY_MS);
  return sound;
};
const codesOf = (keys: readonly { readonly code: number }[]): number[] => keys.map(({ code }) => code);

/** Milliseconds of the keys left in, when the n-th output sample is the n-th of the call. */
const worstLeftIn = (sound: Sound, heard: Uint8Array): number => {
  const sent = encodeG711('PCMU', toLinear(sound));
  return Math.max(
    ...CARD.map((_, n) => {
      const onset = LATE_MS + n * EVERY_MS;
      return leftInMs(sent, heard, onset, onset + 100, OPTIONS.lookbackMs);
    }),
  );
};

describe('a card keyed 44 s into a call', () => {
  const sound = lateCard();

  it.each([0.01, 0.05])(
    'with %d of the packets lost: nothing is left in, and hardly a key is missed',
    (share) => {
      const random = randomOf(share * 1000);
      const heard = play(
        withLoss(voice(sound), () => random() < share),
        {},
        { untilMs: CALL_MS },
      );
      expect(worstLeftIn(sound, heard.codes)).toBeLessThan(0.5);
      expect(heard.keys.length).toBeGreaterThanOrEqual(CARD.length - 1);
      expect(heard.keys.length).toBeLessThanOrEqual(CARD.length);
      expect(heard.stripper.figures().packetsLost).toBeGreaterThan(10);
      expect(heard.codes.length / 8).toBeGreaterThan(CALL_MS - 60);
      expect(heard.codes.length / 8).toBeLessThanOrEqual(CALL_MS);
    },
  );

  it('with every seventh packet overtaken by the next: all captured, nothing left in, nothing lost', () => {
    const stream = voice(sound).map(
      (sent, n): Sent => (n % 7 === 3 ? { ...sent, atMs: sent.atMs + 21 } : sent),
    );
    const heard = play([...stream].sort((a, b) => a.atMs - b.atMs));
    expect(worstLeftIn(sound, heard.codes)).toBeLessThan(0.5);
    expect(codesOf(heard.keys)).toEqual(CARD);
    expect(heard.stripper.figures().packetsLost).toBe(0);
  });

  it('with duplicates and jitter of up to 15 ms: as without', () => {
    const random = randomOf(5);
    const stream = voice(sound).flatMap((sent): Sent[] => {
      const late = { ...sent, atMs: sent.atMs + random() * 15 };
      return random() < 0.1 ? [late, { ...late, atMs: late.atMs + 1 }] : [late];
    });
    const heard = play([...stream].sort((a, b) => a.atMs - b.atMs));
    expect(worstLeftIn(sound, heard.codes)).toBeLessThan(0.5);
    expect(codesOf(heard.keys)).toEqual(CARD);
  });

  it('with a sender 300 ppm fast or slow: the output stays with it', () => {
    for (const ppm of [-300, 300]) {
      const heard = play(voice(sound).map((sent) => ({ ...sent, atMs: sent.atMs * (1 + ppm / 1e6) })));
      expect(codesOf(heard.keys)).toEqual(CARD);
      expect(worstLeftIn(sound, heard.codes)).toBeLessThan(0.5);
    }
  });
});

describe('where a loss cuts a key', () => {
  it('an onset just before the lost packet, or an end just after it, is no more readable than chance', () => {
    let read = 0;
    let keys = 0;
    for (const code of CARD) {
      for (const [toneMs, lostAt] of [
        [3, 400],
        [8, 400],
        [13, 400],
        [17, 400],
      ] as const) {
        const sound = mix(silence(800), keyTone({ code, ms: 100, phase: code }), lostAt - toneMs);
        const stream = withLoss(voice(sound), (n) => n === lostAt / 20);
        const heard = play(stream);
        const sent = encodeG711('PCMU', toLinear(sound));
        expect(leftInMs(sent, heard.codes, lostAt - toneMs, lostAt, OPTIONS.lookbackMs)).toBeLessThan(0.5);
        const from = lostAt - toneMs + OPTIONS.lookbackMs;
        if (mostLikelyKey(heard.codes, 'PCMU', from, from + 100) === code) read += 1;
        keys += 1;
      }
    }
    expect(read).toBeLessThan(keys * 0.3);
  });

  it('nothing is left of one that is cut because too much came at once', () => {
    const stall = { fromMs: 400, toMs: 800 };
    for (let onset = stall.fromMs; onset < stall.toMs + 60; onset += 5) {
      const sound = mix(noise(1200, -45, 35), keyTone({ code: 5, ms: 70, levelDbm0: -16 }), onset);
      const stream = voice(sound).map((sent) =>
        sent.atMs > stall.fromMs && sent.atMs < stall.toMs ? { ...sent, atMs: stall.toMs } : sent,
      );
      const { codes } = play(stream);
      const sent = encodeG711('PCMU', toLinear(sound));
      // The stream is stretched by what was replaced meanwhile, in whole hops.
      for (let delayMs = OPTIONS.lookbackMs; delayMs < 500; delayMs += 5) {
        expect([onset, leftInMs(sent, codes, onset, onset + 70, delayMs)]).toEqual([onset, 0]);
      }
    }
  });
});

describe('a sender that starts anew', () => {
  const sound = noise(1200, -20, 40);
  const sent = encodeG711('PCMU', toLinear(sound));
  const half = 600;
  const joined = (change: Partial<Sent['packet']>, from = 30): Sent[] =>
    voice(sound).map((one, n) => {
      if (n < from) return one;
      const packet = { ...one.packet, ...change };
      if (change.sequence !== undefined) packet.sequence = (change.sequence + n) & 0xffff;
      if (change.timestamp !== undefined) packet.timestamp = (change.timestamp + n * 160) >>> 0;
      return { ...one, packet };
    });

  it.each([
    ['another SSRC, sequence and timestamp', { ssrc: 9, sequence: 7, timestamp: 99 }],
    ['a jump of the sequence forward', { sequence: 30_000 }],
    ['a jump of the sequence back', { sequence: 60_000 }],
    ['a jump of the timestamps forward', { timestamp: 0x1234_5678 }],
    ['a jump of the timestamps far forward', { timestamp: 0x6fff_0000 }],
  ])('%s: the voice goes on without a seam', (_, change) => {
    const heard = play(joined(change));
    expect(leftInMs(sent, heard.codes, 0, 1160, OPTIONS.lookbackMs)).toBeGreaterThan(1159);
    expect(heard.frames).toHaveLength(60);
  });

  it('timestamps that jump back: at most three packets are missed, and the output does not stop', () => {
    const heard = play(joined({ timestamp: 0xffff_f000 - 400 * 8 }));
    expect(heard.frames.length).toBeGreaterThanOrEqual(58);
    expect(leftInMs(sent, heard.codes, half + 100, 1100, OPTIONS.lookbackMs)).toBeGreaterThanOrEqual(0);
    expect(heard.frames.filter(({ marker }) => marker)).toHaveLength(1);
  });

  it('stragglers of the old path do not come between', () => {
    const stream = joined({ ssrc: 9, sequence: 7, timestamp: 99 });
    const old = voice(noise(100, -5, 41), { startMs: half + 5 });
    const heard = play([...stream, ...old].sort((a, b) => a.atMs - b.atMs));
    expect(leftInMs(sent, heard.codes, 0, 1160, OPTIONS.lookbackMs)).toBeGreaterThan(1159);
  });
});

describe('what cannot be inspected', () => {
  it('another payload type, an empty and an oversized payload are replaced, never passed', () => {
    const payloads = [new Uint8Array(160).fill(0x55), new Uint8Array(0), new Uint8Array(1400).fill(0x55)];
    const types = [18, 0, 0];
    const stream = voice(noise(1000, -20, 50)).map((sent, n): Sent => {
      const odd = n - 20;
      const payload = payloads[odd];
      return payload === undefined
        ? sent
        : { ...sent, packet: { ...sent.packet, payload, payloadType: types[odd] ?? 0 } };
    });
    const heard = play(stream);
    expect(heard.stripper.figures()).toMatchObject({ packetsUninspectable: 3, packetsLost: 0 });
    expect(heard.codes).toHaveLength(8000);
    for (let at = 0; at < heard.codes.length; at += 1) {
      const run = heard.codes.subarray(at, at + 8);
      if (run.length === 8 && run.every((code) => code === 0x55)) throw new Error(`passed at ${at}`);
    }
  });
});

describe('the pace of the output', () => {
  it('goes on when the customer goes silent, and neither runs ahead nor falls behind when all comes at once', () => {
    const stream = voice(noise(4000, -20, 60)).map(
      (sent): Sent => (sent.atMs > 1000 && sent.atMs < 1300 ? { ...sent, atMs: 1300 } : sent),
    );
    const heard = play(stream);
    for (const [n, { atMs }] of heard.frames.entries()) {
      const streamMs = (n + 1) * 20;
      expect(streamMs - atMs).toBeLessThanOrEqual(AHEAD_MAX_MS);
      expect(atMs - streamMs).toBeLessThanOrEqual(60);
    }
  });

  it('a sender ten times too fast does not make it faster', () => {
    const stream = voice(noise(10_000, -20, 61)).map((sent) => ({ ...sent, atMs: sent.atMs / 10 }));
    const heard = play(stream);
    expect(heard.frames.length * 20).toBeLessThanOrEqual(1000 + AHEAD_MAX_MS + 20);
  });

  it('begins with the first packet, which may be an event', () => {
    const stream = withEvents(voice(noise(1000, -20, 62)), [{ code: 3, atMs: 10, ms: 100 }], 'pause');
    const heard = play(stream.slice(1));
    expect(codesOf(heard.keys)).toEqual([3]);
    expect(Math.abs(heard.frames.length - 50)).toBeLessThanOrEqual(3);
    expect(play([], {}, { untilMs: 500 }).frames).toEqual([]);
  });

  it('a longer path after a while is followed, not fought', () => {
    const sound = noise(4000, -20, 63);
    const sent = encodeG711('PCMU', toLinear(sound));
    const heard = play(voice(sound).map((one) => (one.atMs > 1000 ? { ...one, atMs: one.atMs + 80 } : one)));
    // The grace is used up first; what is left of the 80 ms is filled up with replacement.
    const left = [20, 40, 60, 80].map((ms) =>
      leftInMs(sent, heard.codes, 1500, 3500, OPTIONS.lookbackMs + ms),
    );
    expect(Math.max(...left)).toBeGreaterThan(1990);
  });
});
