import { HOP_SAMPLES, type HopBank } from './hop-bank.ts';
import { rmsOf } from './level.ts';

/**
 * Look-back that the detector is tuned for. A window of three hops is suspicious at the latest 20 ms after a key in
 * clean audio, two windows must agree (5 ms), and speech or noise over the onset costs up to 10 ms more: at 30 ms no
 * sample of the onset has left yet. Less leaks measurably (a tone can be read from 1.5 ms); more only delays people.
 */
export const LOOKBACK_MS_DEFAULT = 30;
/** 15 ms: long enough that two harmonics of a voice seldom look like a key, short enough for the look-back. */
const WINDOW_HOPS = 3;
/** Share of the window's energy that lies in the two tones. Speech reaches it for some ms a minute. */
const SUSPICIOUS_FRACTION = 0.6;
/** So pure that one window is enough. */
const CERTAIN_FRACTION = 0.85;
/** Once a key runs, speech over it does not unmask it above this. */
const HOLDING_FRACTION = 0.3;
/** A loss cuts the evidence short: half of the energy of 5 or 10 ms is then enough. */
const CUT_FRACTION = 0.5;
/** A key's tones differ by -8 to +8 dB at the worst; noise moves that by a few dB. 12 dB as a power ratio. */
const TWIST_RATIO_MAX = 10 ** 1.2;
/** Quieter than this nobody hears a tone, and the steps of A-law swallow it. */
export const AUDIBLE_DBM0 = -60;
/** Grid steps (0.6 % each) tried each side of nominal: covers +-1.8 % with the window's own width. */
const DEVIATION_STEPS_TRIED = 2;

export const AUDIBLE_HOP_ENERGY = rmsOf(AUDIBLE_DBM0) ** 2 * HOP_SAMPLES;

/** Says hop by hop whether a key may be sounding. Errs towards yes: a miss is a digit heard, a false yes 60 ms muted. */
export class MaskingDetector {
  #lastPair = -1;
  #holding = false;

  /** True: what the last window held, and what came just before it, must not be heard. */
  suspects(bank: HopBank): boolean {
    const energy = bank.energy(WINDOW_HOPS);
    if (energy < AUDIBLE_HOP_ENERGY * WINDOW_HOPS) return this.#verdict(-1, 0);
    const low = strongest(bank, 0);
    const high = strongest(bank, 4);
    const lowPower = bestPower(bank, low);
    const highPower = bestPower(bank, high);
    // A lone sine gives 2 * power = samples * energy, so the two shares add up to 1 for a pure key.
    const fraction = (2 * (lowPower + highPower)) / (WINDOW_HOPS * HOP_SAMPLES * energy);
    const twisted = lowPower > TWIST_RATIO_MAX * highPower || highPower > TWIST_RATIO_MAX * lowPower;
    return this.#verdict(twisted ? -1 : low * 4 + high - 4, fraction);
  }

  /**
   * Asked when the newest hop was lost: the one or two before it look enough like the beginning of a key that what
   * would have proved it is missing.
   */
  mightBegin(bank: HopBank): boolean {
    return cutFraction(bank, 1) >= CUT_FRACTION || cutFraction(bank, 2) >= CUT_FRACTION;
  }

  wipe(): void {
    this.#lastPair = -1;
    this.#holding = false;
  }

  #verdict(pair: number, fraction: number): boolean {
    const same = pair >= 0 && pair === this.#lastPair;
    const suspicious = pair >= 0 && fraction >= SUSPICIOUS_FRACTION;
    const key =
      (suspicious && (same || fraction >= CERTAIN_FRACTION)) ||
      (this.#holding && same && fraction >= HOLDING_FRACTION);
    this.#holding = key;
    this.#lastPair = suspicious || key ? pair : -1;
    return key;
  }
}

/** Share of the two strongest tones in the `hops` hops before the newest. */
function cutFraction(bank: HopBank, hops: number): number {
  const energy = bank.energy(hops, 1);
  if (energy < AUDIBLE_HOP_ENERGY * hops) return 0;
  let low = 0;
  let high = 0;
  for (let tone = 0; tone < 4; tone += 1) {
    low = Math.max(low, bank.power(tone, hops, 0, 1));
    high = Math.max(high, bank.power(tone + 4, hops, 0, 1));
  }
  return (2 * (low + high)) / (hops * HOP_SAMPLES * energy);
}

function strongest(bank: HopBank, first: number): number {
  let tone = first;
  let most = -1;
  for (let candidate = first; candidate < first + 4; candidate += 1) {
    const power = bank.power(candidate, WINDOW_HOPS);
    if (power > most) {
      most = power;
      tone = candidate;
    }
  }
  return tone;
}

function bestPower(bank: HopBank, tone: number): number {
  let most = 0;
  for (let step = -DEVIATION_STEPS_TRIED; step <= DEVIATION_STEPS_TRIED; step += 1) {
    most = Math.max(most, bank.power(tone, WINDOW_HOPS, step));
  }
  return most;
}
