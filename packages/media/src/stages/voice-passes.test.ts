import { describe, expect, it } from '@jest/globals';
import { decodeG711, encodeG711, g711TranscodeTable } from '../codecs/g711.ts';
import { OPTIONS, play, voice } from '../test-support/customer.ts';
import { noise, silence, speechLike, toLinear } from '../test-support/sound.ts';
import { levelOf } from '../tones/level.ts';
import { COMFORT_NOISE_DBM0, replacementAudio } from './replacement-audio.ts';

const DELAY = OPTIONS.lookbackMs * 8;

describe('a voice with no key in it', () => {
  it('comes out bit for bit, later by the look-back', () => {
    const sound = noise(4000, -20, 3);
    const sent = encodeG711('PCMU', toLinear(sound));
    const heard = play(voice(sound));
    expect(heard.codes).toHaveLength(sent.length);
    expect(heard.codes.subarray(DELAY)).toEqual(sent.subarray(0, sent.length - DELAY));
    expect(heard.stripper.figures()).toMatchObject({ maskedMs: 0, keys: 0, packetsLost: 0, framesOut: 200 });
  });

  it('keeps both zeros of u-law', () => {
    const zeros = Uint8Array.from({ length: 160 }, (_, n) => (n % 2 === 0 ? 0x7f : 0xff));
    const stream = voice(silence(400)).map((sent) => ({
      ...sent,
      packet: { ...sent.packet, payload: zeros },
    }));
    expect(play(stream).codes.subarray(DELAY, DELAY + 1600)).toEqual(
      Uint8Array.from({ length: 1600 }, (_, n) => zeros[n % 160] ?? 0),
    );
  });

  it.each([
    ['PCMU', 'PCMA'],
    ['PCMA', 'PCMU'],
  ] as const)('%s to %s: each sample goes through the table and no other way', (from, to) => {
    const sound = noise(1000, -20, 4);
    const sent = encodeG711(from, toLinear(sound));
    const heard = play(voice(sound, { codec: from }), {
      customerCodec: from,
      customerAudioPayloadType: from === 'PCMA' ? 8 : 0,
      cleanCodec: to,
    });
    const expected = sent.map((code) => g711TranscodeTable(from, to)[code] ?? 0);
    expect(heard.codes.subarray(DELAY)).toEqual(expected.subarray(0, expected.length - DELAY));
  });

  it('begins with comfort noise, not with a click', () => {
    const heard = play(voice(noise(200, -10, 6)));
    expect(heard.codes.subarray(0, DELAY)).toEqual(
      replacementAudio('comfort_noise', 'PCMU').subarray(0, DELAY),
    );
    const level =
      decodeG711('PCMU', heard.codes.subarray(0, DELAY)).reduce((sum, x) => sum + x * x, 0) / DELAY;
    expect(Math.abs(levelOf(level) - COMFORT_NOISE_DBM0)).toBeLessThan(2);
    expect(heard.frames.map(({ marker }) => marker)).toEqual([true, ...Array(9).fill(false)]);
  });

  it.each([10, 20, 30, 40, 60])('leaves in frames of %d ms, all of one size', (packetTimeMs) => {
    const heard = play(voice(speechLike(1200, -15, 9)), { packetTimeMs });
    expect(new Set(heard.frames.map(({ bytes }) => bytes))).toEqual(new Set([packetTimeMs * 8]));
    const whole = Math.floor(1200 / packetTimeMs);
    // Shorter than the customer's, they are paced by the clock and so a grace behind.
    expect(heard.frames.length).toBeGreaterThanOrEqual(packetTimeMs < 20 ? whole - 5 : whole);
    expect(heard.frames.length).toBeLessThanOrEqual(whole);
  });

  it.each([0, 5, 30, 33, 60])('is late by a look-back of %d ms, rounded up to 5', (lookbackMs) => {
    const sound = noise(600, -20, 7);
    const sent = encodeG711('PCMU', toLinear(sound));
    const delay = Math.ceil(lookbackMs / 5) * 40;
    const heard = play(voice(sound), { lookbackMs });
    expect(heard.codes.subarray(delay)).toEqual(sent.subarray(0, sent.length - delay));
  });

  it('is hardly ever taken for a key: 4 minutes of speech-like audio', () => {
    let maskedMs = 0;
    let keys = 0;
    for (let seed = 1; seed <= 8; seed += 1) {
      const { stripper } = play(voice(speechLike(30_000, -15, seed)));
      maskedMs += stripper.figures().maskedMs;
      keys += stripper.figures().keys;
    }
    expect(keys).toBe(0);
    expect(maskedMs / 240_000).toBeLessThan(0.002);
  });

  it.each([
    ['packetTimeMs', { packetTimeMs: 0 }],
    ['packetTimeMs', { packetTimeMs: 200 }],
    ['packetTimeMs', { packetTimeMs: 12.5 }],
    ['lookbackMs', { lookbackMs: -5 }],
    ['lookbackMs', { lookbackMs: 1000 }],
    ['lookbackMs', { lookbackMs: Number.NaN }],
  ])('refuses a %s that it cannot serve', (name, options) => {
    expect(() => play([], options)).toThrow(name);
  });
});
