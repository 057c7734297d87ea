import { describe, expect, it } from '@jest/globals';
import { decodeG711, encodeG711 } from '../codecs/g711.ts';
import { replacementAudio } from '../stages/replacement-audio.ts';
import {
  type KeyTone,
  keyTone,
  mix,
  noise,
  type Sound,
  silence,
  speechLike,
  toLinear,
} from '../test-support/sound.ts';
import { SAMPLES_PER_MS } from '../tones/level.ts';
import { Attestor } from './attestor.ts';

/** As it is on the wire. */
const onWire = (sound: Sound): Int16Array => decodeG711('PCMU', encodeG711('PCMU', toLinear(sound)));

interface Listened {
  readonly attestor: Attestor;
  /** When a packet was heard to hold a key. */
  readonly heardAtMs: readonly number[];
}

/** Packet by packet, each at the time at which its last sample leaves. */
function listen(
  pcm: Int16Array,
  { packetMs = 20, keysAtMs = [] as readonly number[], leaves = true } = {},
): Listened {
  const attestor = new Attestor();
  const heardAtMs: number[] = [];
  const samples = packetMs * SAMPLES_PER_MS;
  for (let at = 0; at + samples <= pcm.length; at += samples) {
    const nowMs = at / SAMPLES_PER_MS + packetMs;
    for (const keyMs of keysAtMs) if (keyMs > nowMs - packetMs && keyMs <= nowMs) attestor.key(keyMs);
    if (attestor.hear(pcm.subarray(at, at + samples), samples, nowMs, leaves)) heardAtMs.push(nowMs);
  }
  return { attestor, heardAtMs };
}

const pressed = (key: Partial<KeyTone> & { readonly ms: number }, atMs = 205): Sound =>
  mix(silence(600), keyTone({ code: 5, ...key }), atMs);

describe('a key that leaves on leg 7', () => {
  it.each([
    ['as phones send it', { ms: 100 }],
    ['as short as keys are', { ms: 40 }],
    ['quiet', { ms: 60, levelDbm0: -36 }],
    ['with more twist than the mask allows for', { ms: 60, twistDb: 16 }],
    ['with as much the other way', { ms: 60, twistDb: -16 }],
    ['off by 2.2 %', { ms: 60, deviation: 0.022 }],
    ['rising slowly', { ms: 80, rampMs: 15 }],
  ])('is heard before it is over: %s', (_, key) => {
    for (const offsetMs of [0, 5, 10, 15]) {
      for (const code of [0, 1, 5, 9, 10, 11, 15]) {
        const { heardAtMs, attestor } = listen(onWire(pressed({ code, ...key }, 200 + offsetMs)));
        expect(heardAtMs.length).toBeGreaterThan(0);
        // A packet and a look after the first 40 ms at the latest.
        expect(heardAtMs[0]).toBeLessThanOrEqual(200 + offsetMs + Math.max(40, key.ms) + 20);
        expect(attestor.heard().tonesOut).toBe(1);
      }
    }
  });

  it.each([10, 20, 30, 40, 60])('is heard in packets of %d ms', (packetMs) => {
    expect(listen(onWire(pressed({ ms: 100 })), { packetMs }).attestor.heard().tonesOut).toBe(1);
  });

  it('is heard in noise, and under a voice 12 dB below it', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const code = seed % 12;
      const inNoise = mix(pressed({ code, ms: 60 }), noise(600, -24, seed), 0);
      expect(listen(onWire(inNoise)).attestor.heard().tonesOut).toBe(1);
      const underVoice = mix(pressed({ code, ms: 100 }), speechLike(600, -24, seed), 0);
      expect(listen(onWire(underVoice)).attestor.heard().tonesOut).toBeGreaterThan(0);
    }
  });

  it('is one however long it is pressed, and two when pressed twice', () => {
    const twice = mix(
      mix(silence(3_000), keyTone({ code: 5, ms: 1_500 }), 200),
      keyTone({ code: 5, ms: 80 }),
      1_800,
    );
    expect(listen(onWire(twice)).attestor.heard().tonesOut).toBe(2);
  });

  it('is not counted where it was held back', () => {
    const { attestor, heardAtMs } = listen(onWire(pressed({ ms: 100 })), { leaves: false });
    expect(heardAtMs.length).toBeGreaterThan(0);
    expect(attestor.heard().tonesOut).toBe(0);
  });
});

describe('what is no key', () => {
  it.each([
    ['speech', speechLike(60_000, -16, 3)],
    ['loud speech', speechLike(60_000, -8, 4)],
    ['noise', noise(10_000, -20, 5)],
    ['a ringing tone', mix(silence(2_000), lone(425), 0)],
    ['a low tone of keys alone', mix(silence(2_000), lone(770), 0)],
    ['a dial tone of two frequencies', mix(mix(silence(2_000), lone(350), 0), lone(440), 0)],
    ['tones that are 4 % off', mix(silence(2_000), keyTone({ code: 5, ms: 1_000, deviation: 0.04 }), 200)],
  ])('is not heard as one: %s', (_, sound) => {
    const { attestor, heardAtMs } = listen(onWire(sound));
    expect(heardAtMs).toEqual([]);
    expect(attestor.heard().tonesOut).toBe(0);
  });
});

describe('what is left of keys', () => {
  /** Speech all the time; the key's place is taken by the mask, all but the first `leakMs` of it. */
  function masked(
    style: 'silence' | 'flat_tone' | 'comfort_noise',
    leakMs: number,
    keyMs = 3_000,
  ): Int16Array {
    const speech = mix(speechLike(6_000, -16, 9), keyTone({ code: 5, ms: 100, levelDbm0: -10 }), keyMs);
    const codes = encodeG711('PCMU', toLinear(speech));
    const mask = replacementAudio(style, 'PCMU');
    const from = (leakMs > 0 ? keyMs + leakMs : keyMs - 15) * SAMPLES_PER_MS;
    for (let at = from; at < (keyMs + 130) * SAMPLES_PER_MS; at += 1) codes[at] = mask[at % mask.length] ?? 0;
    return decodeG711('PCMU', codes);
  }

  it.each(['silence', 'flat_tone', 'comfort_noise'] as const)('is far below speech under %s', (style) => {
    const { worstResidualDbm0, speechDbm0 } = listen(masked(style, 0), {
      keysAtMs: [3_000],
    }).attestor.heard();
    expect(speechDbm0).toBeGreaterThan(-45);
    expect(worstResidualDbm0).toBeLessThan(-52);
  });

  it.each([0, 5, 10, 15])(
    'is measured when a piece of a key gets through, whose onset is %d ms into a packet',
    (offsetMs) => {
      const keyMs = 3_000 + offsetMs;
      const worst = (leakMs: number): number =>
        listen(masked('silence', leakMs, keyMs), { keysAtMs: [keyMs] }).attestor.heard().worstResidualDbm0 ??
        0;
      expect(worst(10)).toBeGreaterThan(-35);
      expect(worst(20)).toBeGreaterThan(-25);
      expect(worst(100)).toBeGreaterThan(-13);
      expect(worst(100)).toBeLessThan(-8);
    },
  );

  it('is measured for a key that is told when it has left already', () => {
    const pcm = masked('silence', 100);
    const { attestor } = listen(pcm.subarray(0, 3_160 * SAMPLES_PER_MS));
    expect(attestor.heard().worstResidualDbm0).toBeUndefined();
    attestor.key(3_000);
    expect(attestor.heard().worstResidualDbm0).toBeGreaterThan(-13);
  });

  it('is nothing when no key was pressed, and nothing is said of a speaker who never spoke', () => {
    expect(listen(new Int16Array(8_000)).attestor.heard()).toEqual({
      tonesOut: 0,
      worstResidualDbm0: undefined,
      speechDbm0: undefined,
    });
  });

  it('is forgotten with the audio', () => {
    const attestor = new Attestor();
    const pcm = onWire(pressed({ ms: 100 }, 0)).subarray(0, 160);
    attestor.hear(pcm, 160, 20, true);
    attestor.wipe();
    expect(attestor.hear(pcm, 160, 40, true)).toBe(false);
  });
});

/** A tone of 2 s. */
function lone(hz: number): Sound {
  return silence(2_000).map((_, n) => 4_000 * Math.sin((2 * Math.PI * hz * n) / (1_000 * SAMPLES_PER_MS)));
}
