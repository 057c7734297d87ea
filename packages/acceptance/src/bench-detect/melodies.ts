import {
  mixInto,
  SAMPLE_RATE_HZ,
  SAMPLES_PER_MS,
  SeededRandom,
  silence,
  sinePeakOfDbm0,
} from '@sordino/testkit';

/** Equal temperament around A4 = 440 Hz. */
const semitoneHz = (semitone: number): number => 440 * 2 ** (semitone / 12);
const MAJOR = [0, 2, 4, 5, 7, 9, 11] as const;
const LEVEL_DBM0 = -15;

/** Music on hold: chords of two or three held notes with overtones under a melody, in all keys and at several speeds. */
export function music(durationMs: number, seed: number): Int16Array {
  const random = new SeededRandom(seed);
  const sound = silence(durationMs);
  let root = 0;
  let atMs = 0;
  for (let bar = 0; atMs < durationMs; bar += 1) {
    if (bar % 8 === 0) root = Math.floor(random.between(-12, 0));
    const beatMs = random.pick([250, 350, 500] as const);
    const degree = random.pick([0, 3, 4, 5] as const);
    for (const step of [0, 2, 4]) note(sound, atMs, 4 * beatMs, noteHz(root, degree + step), 4, -8);
    for (let beat = 0; beat < 4; beat += 1) {
      const hz = noteHz(root + 12, Math.floor(random.between(0, 10)));
      note(sound, atMs + beat * beatMs, beatMs, hz, random.pick([1, 2, 5] as const), 0);
    }
    atMs += 4 * beatMs;
  }
  return sound;
}

/** Somebody whistles, or two do: lone sines of 0.6 to 2.5 kHz with vibrato, gliding from note to note. */
export function whistling(durationMs: number, seed: number): Int16Array {
  const random = new SeededRandom(seed);
  const sound = silence(durationMs);
  for (const whistlers of [1, 2]) {
    for (let voice = 0; voice < whistlers; voice += 1) {
      const [from, to] = whistlers === 1 ? [0, durationMs / 2] : [durationMs / 2, durationMs];
      for (let atMs = from; atMs < to; ) {
        const noteMs = random.between(120, 700);
        const hz = semitoneHz(Math.floor(random.between(6, 30)));
        whistle(sound, atMs, Math.min(noteMs, to - atMs), hz, random);
        atMs += noteMs;
      }
    }
  }
  return sound;
}

const noteHz = (root: number, degree: number): number =>
  semitoneHz(root + (MAJOR[degree % 7] ?? 0) + 12 * Math.floor(degree / 7));

function note(
  sound: Int16Array,
  atMs: number,
  ms: number,
  hz: number,
  overtones: number,
  gainDb: number,
): void {
  const peak = sinePeakOfDbm0(LEVEL_DBM0 + gainDb);
  const length = Math.round(ms * SAMPLES_PER_MS);
  const tone = Int16Array.from({ length }, (_, n) => {
    let sum = 0;
    for (let k = 1; k <= overtones && k * hz < SAMPLE_RATE_HZ / 2; k += 1) {
      sum += Math.sin((2 * Math.PI * k * hz * n) / SAMPLE_RATE_HZ) / k;
    }
    const envelope = Math.min(1, n / 80, (length - n) / 160) * Math.exp((-1.5 * n) / length);
    return peak * envelope * sum;
  });
  mixInto(sound, tone, Math.round(atMs * SAMPLES_PER_MS));
}

function whistle(sound: Int16Array, atMs: number, ms: number, hz: number, random: SeededRandom): void {
  const peak = sinePeakOfDbm0(LEVEL_DBM0);
  const length = Math.round(ms * SAMPLES_PER_MS);
  const [glide, vibrato, rateHz] = [
    random.between(-0.04, 0.04),
    random.between(0, 0.012),
    random.between(4, 7),
  ];
  let phase = random.next();
  const tone = Int16Array.from({ length }, (_, n) => {
    const bend =
      1 + glide * (1 - n / length) + vibrato * Math.sin((2 * Math.PI * rateHz * n) / SAMPLE_RATE_HZ);
    phase += (hz * bend) / SAMPLE_RATE_HZ;
    return peak * Math.min(1, n / 160, (length - n) / 160) * Math.sin(2 * Math.PI * phase);
  });
  mixInto(sound, tone, Math.round(atMs * SAMPLES_PER_MS));
}
