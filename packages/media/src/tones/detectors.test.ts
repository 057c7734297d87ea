import { describe, expect, it } from '@jest/globals';
import { keyTone, mix, noise, type Sound, silence, toLinear } from '../test-support/sound.ts';
import { CaptureDetector } from './capture-detector.ts';
import { HOP_MS, HOP_SAMPLES, HopBank } from './hop-bank.ts';
import { eventCodeOf, TONES_HZ, tonePairOf } from './keypad.ts';
import { levelOf, rmsOf, SAMPLE_RATE_HZ } from './level.ts';
import { AUDIBLE_HOP_ENERGY, MaskingDetector } from './masking-detector.ts';

const KEYS = Array.from({ length: 16 }, (_, code) => code);
const ONSET_MS = 203;

interface Listening {
  readonly captured: readonly {
    readonly code: number;
    readonly saidAtMs: number;
    readonly onsetMs: number;
  }[];
  /** Ends of the hops at which the masker suspected a key. */
  readonly suspectedAtMs: readonly number[];
}

function listen(sound: Sound, lostHops: (hop: number) => boolean = () => false): Listening {
  const linear = toLinear(sound);
  const bank = new HopBank();
  const masker = new MaskingDetector();
  const capture = new CaptureDetector();
  const captured: { code: number; saidAtMs: number; onsetMs: number }[] = [];
  const suspectedAtMs: number[] = [];
  for (let hop = 0; (hop + 1) * HOP_SAMPLES <= linear.length; hop += 1) {
    const lost = lostHops(hop);
    const pcm = lost
      ? new Int16Array(HOP_SAMPLES)
      : linear.subarray(hop * HOP_SAMPLES, (hop + 1) * HOP_SAMPLES);
    const atMs = (hop + 1) * HOP_MS;
    bank.add(pcm, AUDIBLE_HOP_ENERGY);
    if (masker.suspects(bank, lost)) suspectedAtMs.push(atMs);
    const key = capture.listen(bank, lost, pcm);
    if (key !== undefined) {
      captured.push({ code: key.eventCode, saidAtMs: atMs, onsetMs: atMs - key.onsetHopsAgo * HOP_MS });
    }
  }
  return { captured, suspectedAtMs };
}

/** One key in a quiet room; `change` adds to it. */
const pressed = (key: Partial<Parameters<typeof keyTone>[0]>, room = silence(600)): Sound =>
  mix(room, keyTone({ code: 5, ms: 100, ...key }), ONSET_MS);

const sine = (hz: number, ms: number, levelDbm0: number): Sound =>
  silence(ms).map(
    (_, n) => rmsOf(levelDbm0) * Math.SQRT2 * Math.sin((2 * Math.PI * hz * n) / SAMPLE_RATE_HZ),
  );

describe('the keypad', () => {
  it('has 16 pairs, each found again by its event code', () => {
    for (const code of KEYS) {
      const pair = tonePairOf(code);
      const row = TONES_HZ.indexOf(pair?.lowHz ?? 0);
      const column = TONES_HZ.indexOf(pair?.highHz ?? 0) - 4;
      expect(eventCodeOf(row, column)).toBe(code);
    }
    expect(tonePairOf(11)).toEqual({ lowHz: 941, highHz: 1477 });
    expect(tonePairOf(16)).toBeUndefined();
  });
});

describe('the bank of correlators', () => {
  it('finds all the power of a tone in a window put together from hops', () => {
    const bank = new HopBank();
    const linear = toLinear(sine(1209, 20, -10));
    for (let hop = 0; hop < 4; hop += 1) bank.add(linear.subarray(hop * 40, hop * 40 + 40), 0);
    expect((2 * bank.power(4, 4)) / (160 * bank.energy(4))).toBeCloseTo(1, 1);
    expect((2 * bank.power(0, 4)) / (160 * bank.energy(4))).toBeLessThan(0.05);
    expect(levelOf(bank.energy(4) / 160)).toBeCloseTo(-10, 1);
  });

  it('finds a tone 1.8 % too high three grid steps up', () => {
    const bank = new HopBank();
    const linear = toLinear(sine(1633 * 1.018, 20, -10));
    for (let hop = 0; hop < 4; hop += 1) bank.add(linear.subarray(hop * 40, hop * 40 + 40), 0);
    expect(bank.power(7, 4, 3)).toBeGreaterThan(1.5 * bank.power(7, 4, 0));
  });

  it('gives what a plain sum over all samples gives, and never more than it says at most', () => {
    const bank = new HopBank();
    const linear = toLinear(noise(40, -10, 7));
    for (let hop = 0; hop < 8; hop += 1) bank.add(linear.subarray(hop * 40, hop * 40 + 40), 0);
    TONES_HZ.forEach((hz, tone) => {
      for (const hops of [1, 6, 8]) {
        let [i, q] = [0, 0];
        linear.subarray(320 - hops * HOP_SAMPLES).forEach((sample, n) => {
          i += sample * Math.cos((2 * Math.PI * hz * n) / SAMPLE_RATE_HZ);
          q += sample * Math.sin((2 * Math.PI * hz * n) / SAMPLE_RATE_HZ);
        });
        const sum = i * i + q * q;
        expect(bank.power(tone, hops) / sum).toBeCloseTo(1, 9);
        for (let step = -8; step <= 8; step += 1) {
          expect(bank.power(tone, hops, step)).toBeLessThanOrEqual(
            bank.powerAtMost(tone, hops) * (1 + 1e-12),
          );
        }
      }
    });
  });

  it('holds nothing after a wipe', () => {
    const bank = new HopBank();
    bank.add(toLinear(sine(697, 5, -10)), 0);
    bank.wipe();
    expect([bank.energy(8), bank.power(0, 8)]).toEqual([0, 0]);
  });
});

describe('the masking detector', () => {
  it.each([-5, -20, -36, -50])(
    'suspects every key at %d dBm0 within the look-back, and until its end',
    (levelDbm0) => {
      for (const code of KEYS) {
        const { suspectedAtMs } = listen(pressed({ code, levelDbm0 }));
        expect((suspectedAtMs[0] ?? 999) - ONSET_MS).toBeLessThan(30);
        expect((suspectedAtMs.at(-1) ?? 0) + 30).toBeGreaterThan(ONSET_MS + 100);
      }
    },
  );

  it.each([
    ['a single sine of the keypad', sine(770, 400, -10)],
    ['dial tone', mix(sine(350, 400, -13), sine(440, 400, -13), 0)],
    ['ringing tone of 425 Hz', sine(425, 400, -10)],
    ['two tones of the low group', mix(sine(697, 400, -10), sine(852, 400, -10), 0)],
    ['two tones between the keys', mix(sine(1040, 400, -10), sine(1900, 400, -10), 0)],
    ['white noise', noise(2000, -15, 3)],
    ['a key too quiet to hear', mix(silence(400), keyTone({ code: 5, ms: 300, levelDbm0: -68 }), 50)],
  ])('does not suspect %s', (_, sound) => {
    expect(listen(sound).suspectedAtMs).toEqual([]);
  });
});

describe('the wary masking detector', () => {
  const verdicts = (wary: boolean): number => {
    const sound = toLinear(mix(pressed({ ms: 300, levelDbm0: -12 }), noise(600, -10.5, 9), 0));
    const bank = new HopBank();
    const masker = new MaskingDetector();
    let suspected = 0;
    for (let hop = 0; (hop + 1) * HOP_SAMPLES <= sound.length; hop += 1) {
      bank.add(sound.subarray(hop * HOP_SAMPLES, (hop + 1) * HOP_SAMPLES), AUDIBLE_HOP_ENERGY);
      // Past what it grants to the beginning of a stream.
      if (wary && hop === 10) masker.expectKeys();
      if (masker.suspects(bank, false)) suspected += 1;
    }
    return suspected;
  };

  it('hears a key in noise as loud as itself, where it would not have without a key before', () => {
    expect(verdicts(true)).toBeGreaterThan(50);
    expect(verdicts(false)).toBeLessThan(verdicts(true));
  });
});

describe('the capture detector', () => {
  it('captures each key once, says when it began, and says so within 50 ms', () => {
    for (const code of KEYS) {
      const { captured } = listen(pressed({ code }));
      expect(captured.map((key) => key.code)).toEqual([code]);
      expect(Math.abs((captured[0]?.onsetMs ?? 0) - ONSET_MS)).toBeLessThanOrEqual(5);
      expect((captured[0]?.saidAtMs ?? 999) - ONSET_MS).toBeLessThanOrEqual(50);
    }
  });

  it.each([
    ['40 ms', { ms: 40 }],
    ['twist of +4 dB', { twistDb: 4, ms: 40 }],
    ['twist of -8 dB', { twistDb: -8, ms: 40 }],
    ['frequencies 1.5 % up', { deviation: 0.015, ms: 40 }],
    ['frequencies 1.5 % down', { deviation: -0.015, ms: 40 }],
    ['-36 dBm0', { levelDbm0: -36 }],
    ['0 dBm0', { levelDbm0: 0 }],
  ])('accepts %s, for every key (Q.24)', (_, key) => {
    for (const code of KEYS)
      expect(listen(pressed({ code, ...key })).captured.map((k) => k.code)).toEqual([code]);
  });

  it.each([
    ['20 ms', { ms: 20 }],
    ['twist of +14 dB', { twistDb: 14 }],
    ['twist of -14 dB', { twistDb: -14 }],
    ['frequencies 3.5 % up', { deviation: 0.035 }],
    ['frequencies 3.5 % down', { deviation: -0.035 }],
    ['-56 dBm0', { levelDbm0: -56 }],
  ])('rejects %s, for every key', (_, key) => {
    for (const code of KEYS) expect(listen(pressed({ code, ...key })).captured).toEqual([]);
  });

  it('rejects a key with a voice-like second harmonic', () => {
    for (const code of KEYS) {
      const { lowHz = 0 } = tonePairOf(code) ?? {};
      const sound = mix(pressed({ code, levelDbm0: -10 }), sine(2 * lowHz, 100, -12), ONSET_MS);
      expect({ code, captured: listen(sound).captured }).toEqual({ code, captured: [] });
    }
  });

  it('parts two presses by 40 ms of pause and bridges a break of 10 ms', () => {
    const twoAt = (gapMs: number): Sound =>
      mix(pressed({ ms: 60 }), keyTone({ code: 5, ms: 60 }), ONSET_MS + 60 + gapMs);
    expect(listen(twoAt(40)).captured).toHaveLength(2);
    expect(listen(twoAt(10)).captured).toHaveLength(1);
  });

  it('another key at once after the first is a second key', () => {
    const sound = mix(pressed({ ms: 60 }), keyTone({ code: 6, ms: 60 }), ONSET_MS + 60);
    expect(listen(sound).captured.map(({ code }) => code)).toEqual([5, 6]);
  });

  it('20 ms lost in the middle of a press do not make two of it', () => {
    const lost = (hop: number): boolean => hop * HOP_MS >= 260 && hop * HOP_MS < 280;
    expect(listen(pressed({ ms: 150 }), lost).captured.map(({ code }) => code)).toEqual([5]);
  });
});

it('a quiet key is not held on to by the loud voice that follows it', () => {
  const key = mix(silence(3_000), keyTone({ code: 5, ms: 100, levelDbm0: -35 }), 200);
  const { suspectedAtMs } = listen(mix(key, noise(2_600, -12, 3), 300));
  expect(suspectedAtMs.length).toBeGreaterThan(0);
  expect(suspectedAtMs.filter((atMs) => atMs > 700)).toEqual([]);
});
