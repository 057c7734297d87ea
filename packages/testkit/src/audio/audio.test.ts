import { describe, expect, it } from '@jest/globals';
import { DTMF_HIGH_HZ, DTMF_LOW_HZ, dtmfKeyAt, dtmfPair, dtmfSequence, dtmfTone } from './dtmf.ts';
import { decodeG711, encodeG711 } from './g711.ts';
import { dbm0OfMeanSquare, levelDbm0, rmsOfDbm0, SILENCE_DBM0, sinePeakOfDbm0 } from './level.ts';
import { amplify, concatSamples, mixInto, silence } from './samples.ts';
import { samplesSource, take } from './source.ts';
import { speechLike } from './speech.ts';
import { sliceTimed } from './timed-audio.ts';

describe('levels', () => {
  it('put the full scale sine of u-law at +3.17 dBm0', () => {
    expect(sinePeakOfDbm0(3.17)).toBeCloseTo(32636, 0);
    expect(dbm0OfMeanSquare(32636 ** 2 / 2)).toBeCloseTo(3.17, 2);
  });

  it('read the G.711 digital milliwatt as 0 dBm0', () => {
    // ITU-T G.711 table 6: the u-law code words of a 1 kHz sine at 0 dBm0.
    const milliwatt = Uint8Array.of(0x1e, 0x0b, 0x0b, 0x1e, 0x9e, 0x8b, 0x8b, 0x9e);
    expect(levelDbm0(decodeG711('PCMU', milliwatt))).toBeCloseTo(0, 1);
    // Table 5: A-law.
    const alaw = Uint8Array.of(0x34, 0x21, 0x21, 0x34, 0xb4, 0xa1, 0xa1, 0xb4);
    expect(Math.abs(levelDbm0(decodeG711('PCMA', alaw)))).toBeLessThan(0.1);
  });

  it('call silence -99, and invert', () => {
    expect(levelDbm0(new Int16Array(80))).toBe(SILENCE_DBM0);
    expect(levelDbm0(new Int16Array(0))).toBe(SILENCE_DBM0);
    expect(dbm0OfMeanSquare(rmsOfDbm0(-27) ** 2)).toBeCloseTo(-27, 6);
  });
});

describe('G.711', () => {
  it.each(['PCMU', 'PCMA'] as const)('comes back 30 dB or more above its own noise in %s', (codec) => {
    const speech = take(speechLike(5), 2000);
    const back = decodeG711(codec, encodeG711(codec, speech));
    const noise = speech.map((sample, at) => sample - (back[at] ?? 0));
    expect(levelDbm0(speech) - levelDbm0(noise)).toBeGreaterThan(30);
  });
});

describe('samples', () => {
  it('are mixed at an offset, on either side of the end, and clipped', () => {
    const into = Int16Array.of(30000, 30000, 0, -30000);
    mixInto(into, Int16Array.of(9000, 9000, -9000), -1);
    mixInto(into, Int16Array.of(-9000, 5), 3);
    expect([...into]).toEqual([32767, 21000, 0, -32768]);
  });

  it('are amplified and joined into new arrays', () => {
    const quiet = Int16Array.of(100, -100);
    expect([...concatSamples(amplify(quiet, 20), silence(0.25))]).toEqual([1000, -1000, 0, 0]);
    expect([...quiet]).toEqual([100, -100]);
  });

  it('are played once or for ever', () => {
    const three = Int16Array.of(1, 2, 3);
    expect([...take(samplesSource(three), 0.75)]).toEqual([1, 2, 3, 0, 0, 0]);
    expect([...take(samplesSource(three, { loop: true }), 0.75)]).toEqual([1, 2, 3, 1, 2, 3]);
  });

  it('are cut out of a recording, with nothing where there was none', () => {
    const audio = { startMs: 10, samples: Int16Array.of(1, 2, 3), present: Uint8Array.of(1, 1, 1) };
    const part = sliceTimed(audio, 9.875, 10.5);
    expect([...part.samples]).toEqual([0, 1, 2, 3, 0]);
    expect([...part.present]).toEqual([0, 1, 1, 1, 0]);
    expect(sliceTimed(audio, 20, 19).samples.length).toBe(0);
    expect([...sliceTimed(audio, 11, 11.25).present]).toEqual([0, 0]);
  });
});

describe('DTMF tones', () => {
  it('have the level asked for in each frequency, and the twist between them', () => {
    expect(levelDbm0(dtmfTone('5', { durationMs: 1000 }))).toBeCloseTo(-7, 1);
    expect(dtmfPair('5')).toEqual({ lowHz: 770, highHz: 1336 });
    expect(dtmfTone('1', { durationMs: 45 }).length).toBe(360);
  });

  it('name all sixteen keys', () => {
    const keys = DTMF_LOW_HZ.flatMap((_, row) => DTMF_HIGH_HZ.map((_hz, column) => dtmfKeyAt(row, column)));
    expect(keys.join('')).toBe('123A456B789C*0#D');
  });

  it('begin and end softly', () => {
    const tone = dtmfTone('9', { rampMs: 5 });
    const peak = (from: number, to: number): number =>
      tone.slice(from, to).reduce((max, v) => Math.max(max, Math.abs(v)), 0);
    expect(peak(0, 4)).toBeLessThan(peak(100, 200) / 20);
    expect(peak(796, 800)).toBeLessThan(peak(100, 200) / 20);
  });

  it.each(['', 'x', '12', 'a'])('refuse %j', (key) => {
    expect(() => dtmfTone(key)).toThrow('is not a DTMF key');
    expect(() => dtmfKeyAt(4, 0)).toThrow('no DTMF key');
  });

  it('make a series with pauses', () => {
    expect(dtmfSequence('12', { durationMs: 50, gapMs: 30 }).length).toBe(2 * 80 * 8);
  });
});

describe('speechLike', () => {
  const voices = [1, 2, 3, 4].map((seed) => ({ seed, speech: take(speechLike(seed), 20_000) }));

  it.each(voices)('is as loud as a telephone voice and never silent (seed $seed)', ({ speech }) => {
    expect(levelDbm0(speech)).toBeGreaterThan(-24);
    expect(levelDbm0(speech)).toBeLessThan(-19);
    let quietest = 0;
    for (let at = 0; at + 40 <= speech.length; at += 8)
      quietest = Math.min(quietest, levelDbm0(speech, at, at + 40));
    expect(quietest).toBeGreaterThan(-40.5);
  });

  it('says the same for the same seed, and something else for another', () => {
    expect(take(speechLike(1), 500)).toEqual(take(speechLike(1), 500));
    expect(take(speechLike(1), 500)).not.toEqual(take(speechLike(3), 500));
  });

  it('moves: its spectrum changes from syllable to syllable', () => {
    const levels = Array.from({ length: 100 }, (_, n) =>
      levelDbm0(voices[0]?.speech ?? silence(1), n * 800, n * 800 + 800),
    );
    expect(Math.max(...levels) - Math.min(...levels)).toBeGreaterThan(10);
  });
});
