import { DTMF_HIGH_HZ, DTMF_LOW_HZ, dtmfKeyAt } from '../audio/dtmf.ts';
import { rmsOfDbm0 } from '../audio/level.ts';
import { SAMPLES_PER_MS } from '../audio/samples.ts';
import { componentMeanSquare, hannWindow } from './goertzel.ts';

export interface DecodedKey {
  readonly key: string;
  /** From the first sample handed in. */
  readonly startMs: number;
  readonly endMs: number;
}

const WINDOW_MS = 16;
const HOP_MS = 4;
const WINDOW = hannWindow(WINDOW_MS * SAMPLES_PER_MS);
const HOP = HOP_MS * SAMPLES_PER_MS;

/** Weaker components are not heard as keys: ITU-T Q.24 asks for -25 to -29 dBm0 and leaves lower levels open. */
const COMPONENT_MIN = rmsOfDbm0(-40) ** 2;
/** Q.24 accepts 4 dB more or 8 dB less of the high frequency; this decoder looks for leaks and takes more. */
const TWIST_MAX = 10 ** (10 / 10);
/** The chosen frequency of each group must stand out from the other three by this. */
const DOMINANCE = 10 ** (4 / 10);
/** The two components must make up this share of all power; a person talking over the key takes some of it. */
const SHARE_MIN = 0.65;
/** A tone of 25 ms stands out in four windows of 16 ms at hops of 4 ms; no syllable of a talker does. */
const WINDOWS_MIN = 4;
/** An interruption of up to 10 ms is one key still (Q.24), and touches six windows; a pause of 30 ms spoils nine. */
const BRIDGED_MAX = 6;

/**
 * Reads the keys out of 8 kHz audio, permissively: it is meant to find what leaked, so it takes weaker, shorter and
 * more twisted tones than a switch has to. It shares nothing with the product's detector.
 */
export function dtmfDecode(samples: Int16Array): DecodedKey[] {
  const keys: DecodedKey[] = [];
  let run: { key: string; from: number; to: number; windows: number } | undefined;
  const finish = (): void => {
    if (run !== undefined && run.windows >= WINDOWS_MIN) {
      // The first and last agreeing windows reach about a quarter of a window beyond the tone.
      const startMs = run.from / SAMPLES_PER_MS + WINDOW_MS / 4;
      const endMs = run.to / SAMPLES_PER_MS + (3 * WINDOW_MS) / 4;
      keys.push({ key: run.key, startMs, endMs });
    }
    run = undefined;
  };
  for (let from = 0; from + WINDOW.length <= samples.length; from += HOP) {
    const key = keyInWindow(samples, from);
    const missed = run === undefined ? 0 : (from - run.to) / HOP - 1;
    if (run !== undefined && (missed > BRIDGED_MAX || (key !== undefined && key !== run.key))) finish();
    if (key === undefined) continue;
    run ??= { key, from, to: from, windows: 0 };
    run.to = from;
    run.windows += 1;
  }
  finish();
  return keys;
}

function keyInWindow(samples: Int16Array, from: number): string | undefined {
  const low = strongest(samples, from, DTMF_LOW_HZ);
  const high = strongest(samples, from, DTMF_HIGH_HZ);
  if (low.power < COMPONENT_MIN || high.power < COMPONENT_MIN) return undefined;
  if (low.power > high.power * TWIST_MAX || high.power > low.power * TWIST_MAX) return undefined;
  if (low.power < low.next * DOMINANCE || high.power < high.next * DOMINANCE) return undefined;
  if (low.power + high.power < SHARE_MIN * weightedPower(samples, from)) return undefined;
  return dtmfKeyAt(low.index, high.index);
}

function strongest(samples: Int16Array, from: number, frequencies: readonly number[]) {
  const powers = frequencies.map((hz) => componentMeanSquare(samples, from, WINDOW, hz));
  const power = Math.max(...powers);
  const index = powers.indexOf(power);
  const next = Math.max(...powers.filter((_, at) => at !== index));
  return { index, power, next };
}

const WINDOW_POWER = WINDOW.reduce((sum, value) => sum + value * value, 0);

/** Power under the same window, scaled so that a pair of sines reads the sum of its two components. */
function weightedPower(samples: Int16Array, from: number): number {
  const sum = WINDOW.reduce((total, weight, at) => total + ((samples[from + at] ?? 0) * weight) ** 2, 0);
  return sum / WINDOW_POWER;
}
