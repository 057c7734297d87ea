import { describe, expect, it } from '@jest/globals';
import { dtmfTone } from '../audio/dtmf.ts';
import { decodeG711, encodeG711 } from '../audio/g711.ts';
import { sinePeakOfDbm0 } from '../audio/level.ts';
import { amplify, concatSamples, mixInto, silence } from '../audio/samples.ts';
import { take } from '../audio/source.ts';
import { speechLike } from '../audio/speech.ts';
import { sliceTimed, type TimedAudio } from '../audio/timed-audio.ts';
import type { HeardPacket } from '../rtp/heard-audio.ts';
import { type PressedKey, telephoneEventPayload } from '../rtp/keypad.ts';
import { audioDelay } from './audio-delay.ts';
import { gapMs, longestGap } from './gap.ts';
import { componentDbm0, hannWindow } from './goertzel.ts';
import { telephoneEvents } from './telephone-events.ts';
import { toneResidueDbm0, toneResidues } from './tone-residue.ts';

function at(startMs: number, samples: Int16Array): TimedAudio {
  return { startMs, samples, present: new Uint8Array(samples.length).fill(1) };
}

function sine(hz: number, levelDbm0: number, durationMs: number): Int16Array {
  const peak = sinePeakOfDbm0(levelDbm0);
  return Int16Array.from(
    { length: durationMs * 8 },
    (_, n) => peak * Math.sin((2 * Math.PI * hz * n) / 8000),
  );
}

describe('componentDbm0', () => {
  it('reads a sine at its true level, and little of it 250 Hz away', () => {
    const window = hannWindow(80);
    expect(componentDbm0(sine(1209, -12, 20), 13, window, 1209)).toBeCloseTo(-12, 0);
    expect(componentDbm0(sine(1209, -12, 20), 13, window, 1459)).toBeLessThan(-42);
  });
});

describe('gapMs', () => {
  const speech = take(speechLike(7), 4000);

  it('is at most a millisecond in six talkers without a gap, through G.711', () => {
    for (let seed = 0; seed < 6; seed++) {
      const talk = decodeG711('PCMA', encodeG711('PCMA', take(speechLike(seed), 5000)));
      expect(gapMs(at(0, talk), 0, 5000)).toBeLessThanOrEqual(1);
    }
  });

  it('finds what is missing, and where', () => {
    const heard = at(1000, speech.slice());
    heard.present.fill(0, 8 * 500, 8 * 537);
    expect(longestGap(heard, 1100, 2000)).toEqual({ startMs: 1500, durationMs: 37 });
    expect(gapMs(heard, 1600, 2000)).toBe(0);
  });

  it('counts sent silence as a gap, and a flat tone in place of a key as audio', () => {
    const around = (middle: Int16Array): TimedAudio => at(0, concatSamples(speech, middle, speech));
    expect(gapMs(around(silence(60)), 3500, 4500)).toBe(60);
    expect(gapMs(around(sine(425, -30, 60)), 3500, 4500)).toBeLessThanOrEqual(1);
  });

  it('counts what was never recorded', () => {
    expect(gapMs(at(0, speech), 3900, 4100)).toBe(100);
    expect(gapMs(at(0, new Int16Array(0)), 0, 30)).toBe(30);
  });
});

describe('toneResidueDbm0', () => {
  const keys: PressedKey[] = [...'4929173860'].map((key, n) => ({
    key,
    startMs: 5000 + n * 220,
    endMs: 5100 + n * 220,
  }));
  /** The call as a person keying makes it, heard 40 ms later; `tones` false: as it should arrive. */
  const call = (seed: number, tones: boolean): TimedAudio => {
    const samples = take(speechLike(seed), 9000);
    for (const { key, startMs } of keys) if (tones) mixInto(samples, dtmfTone(key), startMs * 8);
    return at(40, samples);
  };

  it('reads the level of the tones when nothing masks them (the control)', () => {
    const residue = toneResidueDbm0(call(1, true), keys);
    expect(residue).toBeGreaterThan(-11);
    expect(residue).toBeLessThan(-8);
    for (const one of toneResidues(call(2, true), keys)) expect(one).toBeGreaterThan(-12);
  });

  it('reads low from a voice alone: the floor of the measurement is -26 dBm0', () => {
    for (let seed = 0; seed < 6; seed++) expect(toneResidueDbm0(call(seed, false), keys)).toBeLessThan(-26);
  });

  it('is not misled by a flat tone of 425 Hz in place of the key', () => {
    const heard = call(2, false);
    for (const { startMs } of keys) heard.samples.set(sine(425, -20, 140), startMs * 8);
    expect(toneResidueDbm0(heard, keys)).toBeLessThan(-26);
  });

  it('finds a leak of 5 ms of tone', () => {
    const heard = at(0, amplify(take(speechLike(2), 9000), -40));
    const [first] = keys;
    if (first === undefined) throw new Error('unreachable');
    mixInto(heard.samples, dtmfTone(first.key, { durationMs: 5 }), (first.startMs + 30) * 8);
    expect(toneResidueDbm0(heard, keys)).toBeGreaterThan(-23);
    expect(toneResidueDbm0(heard, keys.slice(1))).toBeLessThan(-50);
  });

  it('looks only where the latency allows, and reads silence without keys', () => {
    const heard = call(1, true);
    expect(toneResidueDbm0(heard, [])).toBe(-99);
    expect(toneResidueDbm0(heard, keys.slice(0, 1), { fromMs: 3500, toMs: 3600 })).toBeLessThan(-26);
  });
});

describe('audioDelay', () => {
  const sent = at(10_000, take(speechLike(4), 6000));
  const span = { fromMs: 11_000, toMs: 13_000 };

  it('finds the delay through G.711, also one below zero', () => {
    const heard = at(10_031.5, decodeG711('PCMU', encodeG711('PCMU', sent.samples)));
    expect(audioDelay(sent, heard, span)?.delayMs).toBeCloseTo(31.5, 3);
    expect(audioDelay(sent, { ...sent, startMs: 9_999.5 }, span)?.delayMs).toBeCloseTo(-0.5, 3);
  });

  it('finds it although keys were replaced by a flat tone', () => {
    const samples = sent.samples.slice();
    for (const startMs of [1100, 1500, 1900]) samples.set(sine(425, -25, 180), startMs * 8);
    expect(audioDelay(sent, at(10_020, samples), span)?.delayMs).toBe(20);
  });

  it('finds nothing in another voice, in silence, or beyond the search', () => {
    expect(audioDelay(sent, at(10_000, take(speechLike(5), 6000)), span)).toBeUndefined();
    expect(audioDelay(sent, at(10_000, silence(6000)), span)).toBeUndefined();
    expect(audioDelay(sent, { ...sent, startMs: 10_090 }, { ...span, delayMaxMs: 50 })).toBeUndefined();
    expect(sliceTimed(sent, span.fromMs, span.toMs).samples.length).toBe(16_000);
  });
});

describe('telephoneEvents', () => {
  const packet = (change: Partial<HeardPacket>): HeardPacket => ({
    arrivalMs: 1,
    source: { host: '127.0.0.1', port: 4000 },
    payloadType: 101,
    sequenceNumber: 1,
    timestamp: 800,
    ssrc: 7,
    marker: false,
    sizeBytes: 16,
    payload: telephoneEventPayload('9', false, 160),
    ...change,
  });

  it('puts the packets of one key together, apart from the same key again', () => {
    const events = telephoneEvents([
      packet({}),
      packet({ arrivalMs: 21, payload: telephoneEventPayload('9', true, 800) }),
      packet({ arrivalMs: 41, payload: telephoneEventPayload('9', true, 800) }),
      packet({ arrivalMs: 300, timestamp: 3200, payload: telephoneEventPayload('9', true, 640) }),
    ]);
    expect(events).toEqual([
      { key: '9', ssrc: 7, timestamp: 800, firstArrivalMs: 1, packets: 3, endPackets: 2, durationTicks: 800 },
      {
        key: '9',
        ssrc: 7,
        timestamp: 3200,
        firstArrivalMs: 300,
        packets: 1,
        endPackets: 1,
        durationTicks: 640,
      },
    ]);
  });

  it.each([
    ['audio', { payloadType: 0, payload: new Uint8Array(160) }],
    ['a short payload', { payload: Uint8Array.of(1, 2, 3) }],
    ['an event that is no key (hook flash)', { payload: Uint8Array.of(16, 0, 0, 160) }],
    ['comfort noise', { payloadType: 13, payload: Uint8Array.of(1, 2, 3, 4) }],
  ])('sees none in %s', (_name, change) => {
    expect(telephoneEvents([packet(change)])).toEqual([]);
  });

  it('sees a leak under any dynamic payload type, unless told which ones count', () => {
    const odd = packet({ payloadType: 120 });
    expect(telephoneEvents([odd]).map(({ key }) => key)).toEqual(['9']);
    expect(telephoneEvents([odd], [101])).toEqual([]);
  });
});
