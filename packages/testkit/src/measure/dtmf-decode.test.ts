import { describe, expect, it } from '@jest/globals';
import { type DtmfToneOptions, dtmfSequence, dtmfTone } from '../audio/dtmf.ts';
import { decodeG711, encodeG711 } from '../audio/g711.ts';
import { amplify, concatSamples, mixInto, silence } from '../audio/samples.ts';
import { take } from '../audio/source.ts';
import { speechLike } from '../audio/speech.ts';
import { dtmfDecode } from './dtmf-decode.ts';

const KEYS = '1234567890*#ABCD';

function keysIn(samples: Int16Array): string {
  return dtmfDecode(samples)
    .map(({ key }) => key)
    .join('');
}

/** The keys over a person who goes on talking, `speechDb` louder than an ordinary voice. */
function talkedOver(tones: Int16Array, speechDb: number): Int16Array {
  const call = amplify(take(speechLike(3), tones.length / 8), speechDb);
  mixInto(call, tones);
  return call;
}

describe('dtmfDecode', () => {
  const accepted: [string, DtmfToneOptions & { gapMs?: number }][] = [
    ['ordinary keys', {}],
    ['40 ms keys 40 ms apart', { durationMs: 40, gapMs: 40 }],
    ['25 ms keys 35 ms apart', { durationMs: 25, gapMs: 35 }],
    ['-25 dBm0', { levelDbm0: -25 }],
    ['-35 dBm0', { levelDbm0: -35 }],
    ['+4 dB of twist', { twistDb: 4 }],
    ['-9 dB of twist', { twistDb: -9 }],
    ['1.5 % too high', { deviationPercent: 1.5 }],
    ['1.5 % too low', { deviationPercent: -1.5 }],
  ];

  it.each(accepted)('reads %s through both laws of G.711', (_name, options) => {
    const tones = concatSamples(silence(50), dtmfSequence(KEYS, options));
    expect(keysIn(decodeG711('PCMU', encodeG711('PCMU', tones)))).toBe(KEYS);
    expect(keysIn(decodeG711('PCMA', encodeG711('PCMA', tones)))).toBe(KEYS);
  });

  it.each([-8, 0, 6])('reads keys over a voice at %d dB', (speechDb) => {
    expect(keysIn(talkedOver(dtmfSequence(KEYS), speechDb))).toBe(KEYS);
  });

  it('says when, to about a hop', () => {
    const [key] = dtmfDecode(concatSamples(silence(100), dtmfTone('8'), silence(100)));
    expect(Math.abs((key?.startMs ?? 0) - 100)).toBeLessThanOrEqual(5);
    expect(Math.abs((key?.endMs ?? 0) - 200)).toBeLessThanOrEqual(5);
  });

  it('takes a short break for one key and a pause for two', () => {
    const half = dtmfTone('6', { durationMs: 40, rampMs: 0 });
    expect(keysIn(concatSamples(half, silence(10), half))).toBe('6');
    expect(keysIn(concatSamples(half, silence(35), half))).toBe('66');
  });

  it('hears no key in six voices', () => {
    for (let seed = 10; seed < 16; seed++) expect(keysIn(take(speechLike(seed), 8000))).toBe('');
  });

  it.each([
    ['silence', silence(500)],
    ['one sine of 425 Hz', dtmfTone('1', { durationMs: 500, deviationPercent: -39 })],
    ['3.5 % too high', dtmfSequence(KEYS, { deviationPercent: 3.5 })],
    ['20 dB of twist', dtmfSequence(KEYS, { twistDb: 20 })],
    ['clicks of 5 ms', dtmfSequence(KEYS, { durationMs: 5 })],
    ['less than one window', dtmfTone('1', { durationMs: 10 })],
  ])('reads nothing from %s', (_name, samples) => {
    expect(keysIn(samples)).toBe('');
  });
});
