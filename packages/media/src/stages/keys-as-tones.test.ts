import { describe, expect, it } from '@jest/globals';
import { encodeG711 } from '../codecs/g711.ts';
import { OPTIONS, play, voice } from '../test-support/customer.ts';
import { leftInMs, mostLikelyKey } from '../test-support/eavesdropper.ts';
import {
  type KeyTone,
  keyTone,
  mix,
  noise,
  randomOf,
  type Sound,
  silence,
  speechLike,
  toLinear,
} from '../test-support/sound.ts';

const KEYS = Array.from({ length: 16 }, (_, code) => code);
const FIRST_MS = 400;
/** Not a multiple of a hop: onsets fall everywhere in the packets. */
const EVERY_MS = 411.3;
const LEFT_IN_MAX_MS = 0.5;

/** Keys one after the other on top of `background`. */
function keyed(keys: readonly KeyTone[], background = silence(FIRST_MS + keys.length * EVERY_MS)) {
  for (const [n, key] of keys.entries()) {
    mix(background, keyTone({ phase: n, ...key }), FIRST_MS + n * EVERY_MS);
  }
  return background;
}

/** The worst key: how much of it is left in the output. */
function worstLeftIn(
  sound: Sound,
  heard: Uint8Array,
  keys: readonly KeyTone[],
  lookbackMs = OPTIONS.lookbackMs,
): number {
  const sent = encodeG711('PCMU', toLinear(sound));
  return Math.max(
    ...keys.map(({ ms, rampMs = 0 }, n) => {
      const onset = FIRST_MS + n * EVERY_MS;
      return leftInMs(sent, heard, onset + rampMs, onset + ms - rampMs, lookbackMs);
    }),
  );
}

const levels = [-5, -14, -25, -36];
const twists = [-8, -4, 0, 4, 8];
const lengths = [40, 70, 120, 200];

describe('keys pressed as tones', () => {
  it.each(levels)(
    'at %d dBm0, every twist and length: nothing is left in, each is captured once',
    (levelDbm0) => {
      for (const [turn, twistDb] of twists.entries()) {
        const keys = KEYS.map((code) => ({ code, ms: lengths[(code + turn) % 4] ?? 40, levelDbm0, twistDb }));
        const sound = keyed(keys);
        const heard = play(voice(sound));
        expect(heard.keys.map(({ code }) => code)).toEqual(KEYS);
        expect(worstLeftIn(sound, heard.codes, keys)).toBeLessThan(LEFT_IN_MAX_MS);
      }
    },
  );

  it.each([-0.018, -0.015, 0.015, 0.018])('off frequency by %d: nothing is left in', (deviation) => {
    for (const ms of [40, 100]) {
      const keys = KEYS.map((code) => ({ code, ms, deviation, twistDb: 4, rampMs: 4 }));
      const sound = keyed(keys);
      const heard = play(voice(sound));
      expect(worstLeftIn(sound, heard.codes, keys)).toBeLessThan(LEFT_IN_MAX_MS);
      if (Math.abs(deviation) <= 0.015) expect(heard.keys.map(({ code }) => code)).toEqual(KEYS);
    }
  });

  it('too short to be a key, and not captured, they are masked all the same', () => {
    const keys = KEYS.map((code) => ({ code, ms: 20 }));
    const sound = keyed(keys);
    const heard = play(voice(sound));
    expect(heard.keys).toEqual([]);
    expect(worstLeftIn(sound, heard.codes, keys)).toBeLessThan(LEFT_IN_MAX_MS);
  });

  it('in noise 12 dB below them they are removed and captured', () => {
    const keys = KEYS.map((code) => ({ code, ms: 70, levelDbm0: -18, twistDb: -4 }));
    const sound = keyed(keys, noise(FIRST_MS + 16 * EVERY_MS, -30, 5));
    const heard = play(voice(sound));
    expect(worstLeftIn(sound, heard.codes, keys)).toBeLessThan(LEFT_IN_MAX_MS);
    expect(heard.keys.map(({ code }) => code)).toEqual(KEYS);
  });

  it('under a voice 10 dB below them they are removed and captured', () => {
    const keys = KEYS.map((code) => ({ code, ms: 100, levelDbm0: -10 }));
    const sound = keyed(keys, speechLike(FIRST_MS + 16 * EVERY_MS, -20, 11));
    const heard = play(voice(sound));
    expect(worstLeftIn(sound, heard.codes, keys)).toBeLessThan(LEFT_IN_MAX_MS);
    expect(heard.keys.map(({ code }) => code)).toEqual(KEYS);
  });

  it('under a voice only 4 dB below them they are removed: among keys the masker is wary', () => {
    const keys = KEYS.map((code) => ({ code, ms: 100, levelDbm0: -10 }));
    const sound = keyed(keys, speechLike(FIRST_MS + 16 * EVERY_MS, -14, 12));
    const heard = play(voice(sound));
    expect(worstLeftIn(sound, heard.codes, keys)).toBeLessThan(LEFT_IN_MAX_MS);
  });

  it('already sounding at the first packet, a tone is masked from its first sample and captured', () => {
    for (const code of KEYS) {
      const sound = mix(silence(600), keyTone({ code, ms: 150 }), 0);
      const heard = play(voice(sound));
      const sent = encodeG711('PCMU', toLinear(sound));
      expect(leftInMs(sent, heard.codes, 0, 150, OPTIONS.lookbackMs)).toBeLessThan(LEFT_IN_MAX_MS);
      expect(heard.keys.map((key) => key.code)).toEqual([code]);
    }
  });

  it('44 is two keys, a long 4 is one, and a 10 ms break in a 4 is still one', () => {
    const press = (ms: number, atMs: number, onto: Sound) => mix(onto, keyTone({ code: 4, ms }), atMs);
    const twice = press(60, 300, press(60, 400, silence(800)));
    const long = press(3000, 300, silence(3600));
    const broken = press(50, 300, press(50, 360, silence(800)));
    expect(play(voice(twice)).keys.map(({ code }) => code)).toEqual([4, 4]);
    expect(play(voice(long)).keys.map(({ code }) => code)).toEqual([4]);
    expect(play(voice(broken)).keys.map(({ code }) => code)).toEqual([4]);
  });

  it('a captured key says when it began', () => {
    const onsets = KEYS.map((_, n) => FIRST_MS + n * EVERY_MS);
    const heard = play(voice(keyed(KEYS.map((code) => ({ code, ms: 80 })))));
    heard.keys.forEach(({ onsetMs }, n) => {
      expect(Math.abs(onsetMs - (onsets[n] ?? 0))).toBeLessThan(12);
    });
    expect(heard.keys).toHaveLength(16);
  });

  it('10, 30 and 60 ms packets, and A-law, are stripped alike', () => {
    const keys = KEYS.map((code) => ({ code, ms: 80 }));
    const sound = keyed(keys);
    for (const packetTimeMs of [10, 30, 60]) {
      const heard = play(voice(sound, { packetTimeMs }));
      expect(worstLeftIn(sound, heard.codes, keys)).toBeLessThan(LEFT_IN_MAX_MS);
      expect(heard.keys.map(({ code }) => code)).toEqual(KEYS);
    }
    const alaw = play(voice(sound, { codec: 'PCMA' }), {
      customerCodec: 'PCMA',
      customerAudioPayloadType: 8,
      cleanCodec: 'PCMA',
    });
    expect(alaw.keys.map(({ code }) => code)).toEqual(KEYS);
  });
});

describe('an eavesdropper on leg 7 who knows every onset', () => {
  const random = randomOf(77);
  const keys = Array.from({ length: 96 }, () => ({
    code: Math.floor(random() * 16),
    ms: 40 + Math.floor(random() * 80),
    levelDbm0: -8 - random() * 24,
    twistDb: -8 + 16 * random(),
    rampMs: random() * 4,
  }));
  const sound = keyed(keys);
  const recovered = (heard: Uint8Array, delayMs: number): number =>
    keys.filter(({ code, ms }, n) => {
      const from = FIRST_MS + n * EVERY_MS + delayMs;
      return mostLikelyKey(heard, 'PCMU', from, from + ms) === code;
    }).length;

  it('reads every key of the unmasked path (the control)', () => {
    expect(recovered(encodeG711('PCMU', toLinear(sound)), 0)).toBe(keys.length);
  });

  it.each(['flat_tone', 'comfort_noise', 'silence'] as const)(
    'does no better than chance behind %s',
    (style) => {
      const heard = play(voice(sound), { mask: { style, hold: 'per_key' } });
      // Of 96 keys chance gives 6; 16 is four standard deviations above.
      expect(recovered(heard.codes, OPTIONS.lookbackMs)).toBeLessThanOrEqual(16);
      expect(heard.keys.map(({ code }) => code)).toEqual(keys.map(({ code }) => code));
    },
  );

  it('does better without the look-back, which is what the look-back is for', () => {
    const heard = play(voice(sound), { lookbackMs: 0 });
    expect(recovered(heard.codes, 0)).toBeGreaterThan(24);
  });
});
