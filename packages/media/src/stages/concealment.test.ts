import { describe, expect, it } from '@jest/globals';
import { g711DecodeTable, g711EncodeTable } from '../codecs/g711.ts';
import { OPTIONS, play, voice as sentVoice, withLoss } from '../test-support/customer.ts';
import { Concealment } from './concealment.ts';
import type { SampledFormat } from './line-format.ts';

/** A voice of 125 Hz: a pulse and what rings after it, at 8 kHz. */
const PERIOD = 64;
const voiceAt = (n: number): number => {
  const since = ((n % PERIOD) + PERIOD) % PERIOD;
  return Math.round(9_000 * Math.exp(-since / 14) * Math.cos(since / 2.5));
};
const voice = (from: number, to: number): Int16Array =>
  Int16Array.from({ length: to - from }, (_, n) => voiceAt(from + n));
const rms = (samples: Int16Array): number =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);

/** What a gap of `ms` after 40 ms of voice is filled with, in pieces of 5 ms; what is not filled is left as it was. */
function gapAfterVoice(ms: number, conceal = new Concealment('linear8')) {
  conceal.passed(voice(0, 320), 0, 320);
  const gap = new Int16Array(ms * 8).fill(7_777);
  const filled = [];
  for (let from = 0; from < gap.length; from += 40) filled.push(conceal.fill(gap, from, from + 40));
  return { gap, filled };
}

describe('a gap in a voice', () => {
  it('is filled with the voice going on, in its pitch, for the first 10 ms as loud as before', () => {
    const { gap } = gapAfterVoice(10);
    for (const [n, sample] of gap.entries()) expect(Math.abs(sample - voiceAt(320 + n))).toBeLessThan(20);
  });

  it('is filled less and less, and after 60 ms not at all', () => {
    const { gap, filled } = gapAfterVoice(80);
    expect(filled).toEqual([...new Array(12).fill(true), ...new Array(4).fill(false)]);
    const loudness = [0, 16, 32, 48].map((ms) => rms(gap.subarray(ms * 8, ms * 8 + 64)));
    for (const [n, level] of loudness.slice(1).entries()) expect(level).toBeLessThan(loudness[n] ?? 0);
    expect(rms(gap.subarray(56 * 8, 60 * 8))).toBeLessThan(rms(voice(0, 320)) * 0.15);
    expect(gap.subarray(480)).toEqual(new Int16Array(160).fill(7_777));
  });

  it.each(['PCMU', 'PCMA'] as const)('is filled in the codes of %s', (law) => {
    const codes = Uint8Array.from(voice(0, 320), (sample) => g711EncodeTable(law)[sample & 0xffff] ?? 0);
    const conceal = new Concealment(law);
    conceal.passed(codes, 0, 320);
    const gap = new Uint8Array(80);
    expect(conceal.fill(gap, 0, 80)).toBe(true);
    for (const [n, code] of gap.entries())
      expect(Math.abs((g711DecodeTable(law)[code] ?? 0) - voiceAt(320 + n))).toBeLessThan(600);
  });

  it('is filled at 16 kHz too', () => {
    const wide = Int16Array.from({ length: 640 }, (_, n) => voiceAt(n / 2));
    const conceal = new Concealment('linear16');
    conceal.passed(wide, 0, 640);
    const gap = new Int16Array(160);
    expect(conceal.fill(gap, 0, 160)).toBe(true);
    for (let n = 0; n < 160; n += 2) expect(Math.abs((gap[n] ?? 0) - voiceAt(320 + n / 2))).toBeLessThan(20);
  });
});

describe('nothing is made up', () => {
  const nothing = (conceal: Concealment): boolean => conceal.fill(new Int16Array(40), 0, 40);

  it.each([
    ['at the start', () => {}],
    [
      'after 25 ms of audio: it may be the beginning of a key',
      (c: Concealment) => c.passed(voice(0, 200), 0, 200),
    ],
    [
      'after a mask, until enough has passed again',
      (c: Concealment) => {
        c.passed(voice(0, 320), 0, 320);
        c.wipe();
        c.passed(voice(0, 200), 0, 200);
      },
    ],
    [
      'after a gap, until enough has passed again',
      (c: Concealment) => {
        c.passed(voice(0, 320), 0, 320);
        c.fill(new Int16Array(40), 0, 40);
        c.passed(voice(0, 200), 0, 200);
      },
    ],
  ])('%s', (_, before) => {
    const conceal = new Concealment('linear8');
    before(conceal);
    expect(nothing(conceal)).toBe(false);
  });

  it('out of silence but silence', () => {
    for (const format of ['linear8', 'linear16'] as readonly SampledFormat[]) {
      const conceal = new Concealment(format);
      conceal.passed(new Int16Array(640), 0, 640);
      const gap = new Int16Array(40).fill(99);
      expect(conceal.fill(gap, 0, 40)).toBe(true);
      expect(gap.every((sample) => sample === 0)).toBe(true);
    }
  });
});

describe('a gap in a call', () => {
  /** Codes of the 20 ms packet that is lost, and of the same time on a line of comfort noise. */
  const lostAt = 60;
  const hum = Float64Array.from({ length: 2_000 * 8 }, (_, n) => voiceAt(n));
  const inTheGap = (collecting: boolean): Int16Array => {
    const heard = play(
      withLoss(sentVoice(hum), (n) => n === lostAt),
      {},
      {
        each: (stripper, nowMs) => {
          if (nowMs === 0) stripper.setCollecting(collecting);
        },
      },
    );
    const from = (lostAt * 20 + OPTIONS.lookbackMs) * 8;
    return Int16Array.from(
      heard.codes.subarray(from, from + 160),
      (code) => g711DecodeTable('PCMU')[code] ?? 0,
    );
  };

  it('is filled with the voice', () =>
    expect(rms(inTheGap(false))).toBeGreaterThan(rms(voice(0, 320)) * 0.7));

  it('is noise while a field is open: what is missing may be a key', () =>
    expect(rms(inTheGap(true))).toBeLessThan(100));
});
