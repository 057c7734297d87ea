import { describe, expect, it } from '@jest/globals';
import { encodeG711 } from '../codecs/g711.ts';
import { type EventPress, OPTIONS, play, voice, withEvents } from '../test-support/customer.ts';
import { leftInMs } from '../test-support/eavesdropper.ts';
import { keyTone, mix, noise, type Sound, toLinear } from '../test-support/sound.ts';
import { IDLE_MS } from './mask-hold.ts';

const CALL_MS = 8000;
const room = (): Sound => noise(CALL_MS, -40, 70);
const tones = (...atMs: number[]): Sound => {
  const sound = room();
  for (const [n, at] of atMs.entries()) mix(sound, keyTone({ code: n % 10, ms: 90 }), at);
  return sound;
};
/** The first and the last press are the same; what lies between differs. */
const FEW = [1000, 3000];
const MANY = [1000, 1400, 1700, 2100, 2450, 3000];
const events = (times: readonly number[]): EventPress[] =>
  times.map((atMs, n) => ({ code: n % 10, atMs, ms: atMs === 3000 ? 100 : 60 + ((n * 40) % 160) }));

describe('mask hold', () => {
  it('per_key: people can talk between keys', () => {
    const sound = tones(...MANY);
    const heard = play(voice(sound));
    const sent = encodeG711('PCMU', toLinear(sound));
    expect(leftInMs(sent, heard.codes, 1150, 1350, OPTIONS.lookbackMs)).toBeGreaterThan(195);
    expect(heard.keys).toHaveLength(MANY.length);
  });

  it.each(['flat_tone', 'silence', 'comfort_noise'] as const)(
    'until_idle, %s: the output is the same for two keys and for six, byte for byte and frame for frame',
    (style) => {
      const few = play(voice(tones(...FEW)), { mask: { style, hold: 'until_idle' } });
      const many = play(voice(tones(...MANY)), { mask: { style, hold: 'until_idle' } });
      expect([few.keys.length, many.keys.length]).toEqual([2, 6]);
      expect(many.codes).toEqual(few.codes);
      expect(many.frames).toEqual(few.frames);
    },
  );

  it('until_idle: events without audio beside them do not show either, not even in the packet times', () => {
    const options = { mask: { style: 'flat_tone', hold: 'until_idle' } } as const;
    const few = play(withEvents(voice(room()), events(FEW), 'pause'), options);
    const many = play(withEvents(voice(room()), events(MANY), 'pause'), options);
    expect([few.keys.length, many.keys.length]).toEqual([2, 6]);
    const from = 1200 / 20;
    const to = 6000 / 20;
    expect(many.frames.slice(from, to)).toEqual(few.frames.slice(from, to));
    expect(many.codes.subarray(1200 * 8, 6000 * 8)).toEqual(few.codes.subarray(1200 * 8, 6000 * 8));
  });

  it('until_idle: ends some time after the last key, and the voice is back', () => {
    const sound = tones(1000);
    const sent = encodeG711('PCMU', toLinear(sound));
    const heard = play(voice(sound), { mask: { style: 'flat_tone', hold: 'until_idle' } });
    expect(leftInMs(sent, heard.codes, 990, 1000 + IDLE_MS, OPTIONS.lookbackMs)).toBeLessThan(60);
    expect(leftInMs(sent, heard.codes, 1200 + IDLE_MS, 7000, OPTIONS.lookbackMs)).toBeGreaterThan(2700);
  });

  it('whole_field: the output is the same for none, two and six keys, and whatever is said', () => {
    const listen = (sound: Sound) =>
      play(
        voice(sound),
        { mask: { style: 'flat_tone', hold: 'whole_field' } },
        { each: (stripper, nowMs) => stripper.setCollecting(nowMs >= 500 && nowMs < 7500) },
      );
    const none = listen(room());
    const many = listen(tones(...MANY));
    const talking = listen(mix(room(), noise(5000, -15, 71), 1000));
    expect([none.keys.length, many.keys.length]).toEqual([0, 6]);
    expect(many.codes).toEqual(none.codes);
    expect(many.frames).toEqual(none.frames);
    expect(talking.codes).toEqual(none.codes);
  });

  it('whole_field: the voice passes before and after', () => {
    const sound = room();
    const sent = encodeG711('PCMU', toLinear(sound));
    const heard = play(
      voice(sound),
      { mask: { style: 'silence', hold: 'whole_field' } },
      { each: (stripper, nowMs) => stripper.setCollecting(nowMs >= 2000 && nowMs < 4000) },
    );
    expect(leftInMs(sent, heard.codes, 0, 1900, OPTIONS.lookbackMs)).toBeGreaterThan(1880);
    expect(leftInMs(sent, heard.codes, 2030, 3950, OPTIONS.lookbackMs)).toBeLessThan(20);
    expect(leftInMs(sent, heard.codes, 4100, 7800, OPTIONS.lookbackMs)).toBeGreaterThan(3680);
  });
});
