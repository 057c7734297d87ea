import { type Formants, Glottis, VOWELS, VocalTract } from './formants.ts';
import { rmsOfDbm0 } from './level.ts';
import { SeededRandom } from './random.ts';
import { clampSample, SAMPLES_PER_MS } from './samples.ts';
import type { AudioSource } from './source.ts';

export type Voice = 'male' | 'female';

/** Long-time level of the talker while a syllable sounds: an ordinary telephone voice. */
export const SPEECH_LEVEL_DBM0 = -20;
/** Breath and room under everything: the talker is never quieter, so that any silence heard is a gap in the media. */
export const BREATH_LEVEL_DBM0 = -37;

const PITCH_HZ: Readonly<Record<Voice, number>> = { male: 112, female: 205 };
/** A woman's vocal tract is about a seventh shorter, and all its resonances that much higher. */
const FORMANT_SCALE: Readonly<Record<Voice, number>> = { male: 1, female: 1.15 };
/** Resonances above this would be beyond the telephone band. */
const FORMANT_MAX_HZ = 3700;
/** The tract moves on in steps of 2 ms: slower than the ear, faster than the tongue. */
const CONTROL_STEP = 2 * SAMPLES_PER_MS;
const TONGUE_MS = 28;
const ENVELOPE_MS = 12;
const LOUDNESS_MS = 25;
const SPEECH_RMS = rmsOfDbm0(SPEECH_LEVEL_DBM0);
/** Uniform noise in [-peak, peak) has an rms of peak / sqrt(3). */
const BREATH_PEAK = Math.sqrt(3) * rmsOfDbm0(BREATH_LEVEL_DBM0);

interface Segment {
  readonly samples: number;
  readonly formants: Formants;
  /** Share of the voice and of the friction noise, 0-1 each; both 0 in a pause. */
  readonly voiced: number;
  readonly friction: number;
  readonly pitchFactor: number;
}

/**
 * An endless synthetic talker: glottal pulses through moving formants, unvoiced consonants, syllables, phrases and
 * pauses. The same seed says the same. It is no DTMF to any decoder and never silent (see `BREATH_LEVEL_DBM0`).
 */
export function speechLike(seed: number, voice: Voice = seed % 2 === 0 ? 'male' : 'female'): AudioSource {
  const talker = new Talker(seed, voice);
  return {
    read(into) {
      for (let at = 0; at < into.length; at++) into[at] = talker.next();
    },
  };
}

class Talker {
  readonly #random: SeededRandom;
  readonly #voice: Voice;
  readonly #glottis: Glottis;
  readonly #tract = new VocalTract();
  #script: Segment[] = [];
  #segment: Segment;
  #left = 0;
  #step = 0;
  #formants: [number, number, number, number] = [500, 1500, 2500, 3500];
  #voiced = 0;
  #friction = 0;
  #pitchHz: number;
  #power = 1e-6;
  #lastNoise = 0;

  constructor(seed: number, voice: Voice) {
    this.#random = new SeededRandom(seed);
    this.#voice = voice;
    this.#glottis = new Glottis(this.#random);
    this.#pitchHz = PITCH_HZ[voice];
    this.#segment = pause(0);
  }

  next(): number {
    if (this.#left <= 0) this.#advance();
    this.#left -= 1;
    if (this.#step === 0) this.#move();
    this.#step = (this.#step + 1) % CONTROL_STEP;

    const noise = this.#random.nextSigned();
    // Friction is noise with its low half taken away by a first difference.
    const friction = (noise - this.#lastNoise) * 0.6;
    this.#lastNoise = noise;
    const vowel = this.#tract.next(this.#glottis.next(this.#pitchHz) + noise * 0.004);
    // An automatic gain makes all vowels equally loud, whatever their resonances do to the pulses.
    this.#power += (vowel * vowel - this.#power) / (LOUDNESS_MS * SAMPLES_PER_MS);
    const spoken = (this.#voiced * vowel) / Math.sqrt(this.#power + 1e-9) + this.#friction * friction;
    return clampSample(softLimit(spoken) * SPEECH_RMS + this.#random.nextSigned() * BREATH_PEAK);
  }

  #move(): void {
    const towards = (now: number, target: number, timeMs: number): number =>
      now + (target - now) * Math.min(1, CONTROL_STEP / (timeMs * SAMPLES_PER_MS));
    const scale = FORMANT_SCALE[this.#voice];
    const aim = this.#segment.formants.map((hz) => Math.min(FORMANT_MAX_HZ, hz * scale));
    this.#formants.forEach((hz, index) => {
      this.#formants[index] = towards(hz, aim[index] ?? hz, TONGUE_MS);
    });
    this.#tract.tune(this.#formants);
    this.#voiced = towards(this.#voiced, this.#segment.voiced, ENVELOPE_MS);
    this.#friction = towards(this.#friction, this.#segment.friction, ENVELOPE_MS);
    this.#pitchHz = towards(this.#pitchHz, PITCH_HZ[this.#voice] * this.#segment.pitchFactor, TONGUE_MS * 2);
  }

  #advance(): void {
    if (this.#script.length === 0) this.#script = phrase(this.#random);
    this.#segment = this.#script.shift() ?? pause(100);
    this.#left = this.#segment.samples;
  }
}

/** A few syllables on a falling pitch, then a pause for breath. */
function phrase(random: SeededRandom): Segment[] {
  const syllables = Math.floor(random.between(5, 12));
  const segments = Array.from({ length: syllables }, (_, index) => {
    const pitchFactor = 1.18 - (0.35 * index) / syllables + random.between(-0.06, 0.06);
    return syllable(random, pitchFactor);
  }).flat();
  return [...segments, pause(random.between(120, 320))];
}

function syllable(random: SeededRandom, pitchFactor: number): Segment[] {
  const nucleus = random.pick(VOWELS);
  const common = { pitchFactor, formants: nucleus };
  const onset: Segment =
    random.next() < 0.45
      ? {
          ...common,
          samples: samplesOf(random.between(40, 90)),
          voiced: 0,
          friction: random.between(0.25, 0.6),
        }
      : {
          ...common,
          samples: samplesOf(random.between(30, 70)),
          voiced: random.between(0.3, 0.6),
          friction: 0.05,
        };
  const vowel: Segment = {
    ...common,
    samples: samplesOf(random.between(60, 130)),
    voiced: random.between(0.8, 1.2),
    friction: 0,
  };
  // The vowel glides towards another one: speech is never steady for as long as a key is pressed.
  const glide: Segment = {
    ...vowel,
    formants: random.pick(VOWELS),
    samples: samplesOf(random.between(50, 90)),
  };
  return [onset, vowel, glide];
}

function pause(durationMs: number): Segment {
  return { samples: samplesOf(durationMs), formants: VOWELS[0], voiced: 0, friction: 0, pitchFactor: 1 };
}

function samplesOf(durationMs: number): number {
  return Math.round(durationMs * SAMPLES_PER_MS);
}

/** Keeps the crests of loud pulses below 5 times the rms, as a handset's microphone does. */
function softLimit(value: number): number {
  const ceiling = 5;
  return ceiling * Math.tanh(value / ceiling);
}
