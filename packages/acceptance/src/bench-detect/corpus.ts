import {
  amplify,
  clampSample,
  type DtmfToneOptions,
  dtmfKeyAt,
  dtmfTone,
  levelDbm0 as levelOf,
  mixInto,
  rmsOfDbm0,
  SAMPLES_PER_MS,
  SeededRandom,
  speechLike,
  take,
} from '@sordino/testkit';

/** One key of a tape, and whether ITU-T Q.24 wants it reported. */
interface Pressed {
  readonly key: string;
  /** In samples from the start of the tape. */
  readonly from: number;
  readonly to: number;
}

/** Keys of one kind, one after the other. */
export interface Tape {
  readonly kind: string;
  readonly wanted: 'accept' | 'reject';
  readonly samples: Int16Array;
  readonly pressed: readonly Pressed[];
}

interface Kind {
  readonly name: string;
  readonly wanted: Tape['wanted'];
  /** One turn of sixteen keys for each. */
  readonly tones: readonly DtmfToneOptions[];
  /** Ten milliseconds taken out of the middle. */
  readonly broken?: boolean;
  /** White noise this much below a tone of the key. */
  readonly noiseBelowDb?: number;
  /** Somebody talks, this much below a tone of the key. */
  readonly voiceBelowDb?: number;
}

/** Q.24 table 1 has -3 to -29 dBm0 a frequency; a headset next to a loud room is at 0, a bad mobile leg below the table. */
const LEVELS_DBM0 = [0, -5, -10, -15, -20, -25, -29, -33];
const at = (levelsDbm0: readonly number[], tone: DtmfToneOptions): DtmfToneOptions[] =>
  levelsDbm0.map((levelDbm0) => ({ durationMs: 50, rampMs: 1, ...tone, levelDbm0 }));
const both = (values: readonly number[], tone: (value: number) => readonly DtmfToneOptions[]) =>
  values.flatMap((value) => tone(value));

const KINDS: readonly Kind[] = [
  { name: 'level', wanted: 'accept', tones: at(LEVELS_DBM0, {}) },
  { name: '40 ms', wanted: 'accept', tones: at([-3, -10, -20, -29], { durationMs: 40 }) },
  { name: 'twist -8 dB', wanted: 'accept', tones: at([-6, -14, -22], { twistDb: -8 }) },
  { name: 'twist -6 dB', wanted: 'accept', tones: at([-6, -14, -22], { twistDb: -6 }) },
  { name: 'twist +4 dB', wanted: 'accept', tones: at([-6, -14, -22], { twistDb: 4 }) },
  {
    name: 'deviation 1.5 %',
    wanted: 'accept',
    tones: both([-1.5, 1.5], (deviationPercent) => at([-6, -14, -25], { deviationPercent })),
  },
  { name: 'break of 10 ms', wanted: 'accept', broken: true, tones: at([-10, -20], { durationMs: 70 }) },
  { name: 'noise 15 dB below', wanted: 'accept', noiseBelowDb: 15, tones: at([-10, -20, -25], {}) },
  { name: 'noise 12 dB below', wanted: 'accept', noiseBelowDb: 12, tones: at([-10, -20], {}) },
  { name: 'voice 12 dB below', wanted: 'accept', voiceBelowDb: 12, tones: at([-7, -12], {}) },
  { name: 'voice 6 dB below', wanted: 'accept', voiceBelowDb: 6, tones: at([-7, -12], {}) },
  { name: '23 ms', wanted: 'reject', tones: at(LEVELS_DBM0.slice(0, 7), { durationMs: 23 }) },
  {
    name: 'deviation 3.5 %',
    wanted: 'reject',
    tones: both([-3.5, 3.5], (deviationPercent) =>
      both([50, 100], (durationMs) => at([-6, -14, -25], { deviationPercent, durationMs })),
    ),
  },
];

const KEYS = Array.from({ length: 16 }, (_, n) => dtmfKeyAt(n >> 2, n & 3));
/** Between two keys: long enough for every detector to forget the last one. */
const PAUSE_MS = { from: 60, to: 90 };
const BREAK_MS = 10;

/** The whole corpus, the same for the same seed. `turns`: each level with all sixteen keys so often. */
export function q24Corpus(seed: number, turns = 1): Tape[] {
  return KINDS.map((kind, n) => tapeOf(kind, new SeededRandom(seed * 1000 + n), turns));
}

function tapeOf(kind: Kind, random: SeededRandom, turns: number): Tape {
  const parts: { tone: Int16Array; from: number; key: string; levelDbm0: number }[] = [];
  let end = Math.round(200 * SAMPLES_PER_MS);
  for (let turn = 0; turn < turns; turn += 1) {
    for (const options of kind.tones) {
      for (const key of KEYS) {
        const tone = dtmfTone(key, options);
        if (kind.broken === true) breakOff(tone);
        parts.push({ tone, from: end, key, levelDbm0: options.levelDbm0 ?? 0 });
        end += tone.length + Math.round(random.between(PAUSE_MS.from, PAUSE_MS.to) * SAMPLES_PER_MS);
      }
    }
  }
  const samples = new Int16Array(end + 200 * SAMPLES_PER_MS);
  // A room is never digitally silent: -60 dBm0 of noise.
  const room = whiteNoise(samples.length, -60, random);
  const voice = kind.voiceBelowDb === undefined ? undefined : talker(samples.length, random);
  for (const { tone, from, levelDbm0 } of parts) {
    const span = samples.subarray(from - 30 * SAMPLES_PER_MS, from + tone.length + 30 * SAMPLES_PER_MS);
    if (kind.noiseBelowDb !== undefined) {
      mixInto(span, whiteNoise(span.length, levelDbm0 - kind.noiseBelowDb, random));
    }
    if (kind.voiceBelowDb !== undefined && voice !== undefined) {
      const spoken = voice.subarray(from, from + span.length);
      mixInto(span, amplify(spoken, levelDbm0 - kind.voiceBelowDb - levelOf(spoken)));
    }
    mixInto(samples, tone, from);
  }
  mixInto(samples, room);
  const pressed = parts.map(({ tone, from, key }) => ({ key, from, to: from + tone.length }));
  return { kind: kind.name, wanted: kind.wanted, samples, pressed };
}

function breakOff(tone: Int16Array): void {
  const from = (tone.length - BREAK_MS * SAMPLES_PER_MS) >> 1;
  tone.fill(0, from, from + BREAK_MS * SAMPLES_PER_MS);
}

function talker(samples: number, random: SeededRandom): Int16Array {
  return take(speechLike(Math.floor(random.next() * 1e6)), samples / SAMPLES_PER_MS);
}

function whiteNoise(samples: number, noiseDbm0: number, random: SeededRandom): Int16Array {
  const peak = Math.sqrt(3) * rmsOfDbm0(noiseDbm0);
  return Int16Array.from({ length: samples }, () => clampSample(peak * random.nextSigned()));
}
