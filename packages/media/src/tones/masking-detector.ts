import { HOP_MS, HOP_SAMPLES, type HopBank } from './hop-bank.ts';
import { rmsOf } from './level.ts';

/**
 * The look-back that this detector is tuned for. In clean audio a key fills more than half of a 20 ms window 15 ms
 * after its onset at the latest, and three windows must agree, one every 5 ms: 25 ms. With one hop to spare, 30 ms is
 * the least at which no sample of an onset has left before the verdict. Less leaks (a matched estimator reads a key
 * from 1.5 ms of it); more only delays people.
 */
export const LOOKBACK_MS_DEFAULT = 30;
/** 20 ms: long enough that two harmonics of a voice seldom look like a key, short enough for the look-back. */
const WINDOW_HOPS = 4;
/** Share of the window's energy that lies in the two tones, and the windows in a row that must show the same pair. */
const SUSPICIOUS_FRACTION = 0.55;
const AGREEING_WINDOWS = 3;
/** Less is enough while the detector is wary: where audio was lost (the proof may be lost with it), and among keys. */
const WARY_FRACTION = 0.38;
const WARY_WINDOWS = 2;
const WARY_AFTER_LOSS_HOPS = 6;
/** Keys come in numbers: 4 s after one another is likely, and worth masking more of what is said meanwhile. */
const WARY_AFTER_KEY_HOPS = 4000 / HOP_MS;
/** Once a key runs, and for 40 ms after, this share of the same pair is enough: speech over a key does not unmask it. */
const HELD_FRACTION = 0.2;
const HELD_HOPS = 8;
/** A loss cuts the evidence short: half of the energy of 5 or 10 ms is then enough. */
const CUT_FRACTION = 0.5;
/** And so is a jump of 6 dB from one hop to the next, for the one or two ms of a tone that have no pitch yet. */
const SUDDEN_RATIO = 4;
/** A key's tones differ by -8 to +8 dB at the worst; noise and speech move that by a few dB. 12 dB as a power ratio. */
const TWIST_RATIO_MAX = 10 ** 1.2;
/** Grid steps (0.6 % each) tried each side of nominal: with the window's own width this covers +-1.8 %. */
const DEVIATION_STEPS_TRIED = 2;
/** Below this at nominal frequencies no deviation makes it suspicious: saves the search in most of the speech. */
const SEARCHED_FRACTION = 0.15;
/** Quieter than this nobody hears a tone, and the steps of A-law swallow it. */
const AUDIBLE_DBM0 = -60;
export const AUDIBLE_HOP_ENERGY = rmsOf(AUDIBLE_DBM0) ** 2 * HOP_SAMPLES;

/** Says hop by hop whether a key may be sounding. Errs towards yes: a miss is a digit heard, a false yes 70 ms muted. */
export class MaskingDetector {
  #pair = -1;
  #agreed = 0;
  #heldPair = -1;
  #heldHops = 0;
  #waryHops = WARY_AFTER_LOSS_HOPS;

  /** True: what the last window held, and what came just before it, must not be heard. `lost`: the newest hop was. */
  suspects(bank: HopBank, lost: boolean): boolean {
    this.#waryHops = Math.max(this.#waryHops - 1, lost ? WARY_AFTER_LOSS_HOPS : 0);
    if (!lost && this.#heldHops > 0) this.#heldHops -= 1;
    const energy = bank.energy(WINDOW_HOPS);
    if (energy < AUDIBLE_HOP_ENERGY * WINDOW_HOPS) return this.#verdict(-1, 0);
    const low = strongest(bank, 0, WINDOW_HOPS, 0);
    const high = strongest(bank, 4, WINDOW_HOPS, 0);
    // A lone sine gives 2 * power = samples * energy, so the two shares add up to 1 for a pure key.
    const share = 2 / (WINDOW_HOPS * HOP_SAMPLES * energy);
    if (share * (bank.power(low, WINDOW_HOPS) + bank.power(high, WINDOW_HOPS)) < SEARCHED_FRACTION) {
      return this.#verdict(-1, 0);
    }
    const lowPower = bestPower(bank, low);
    const highPower = bestPower(bank, high);
    const twisted = lowPower > TWIST_RATIO_MAX * highPower || highPower > TWIST_RATIO_MAX * lowPower;
    return this.#verdict(twisted ? -1 : low * 4 + high - 4, share * (lowPower + highPower));
  }

  /**
   * Asked when the newest hop is the first of a loss: what came just before looks like the beginning of a key, or is
   * a sudden start of something. What would have proved it is missing.
   */
  mightBegin(bank: HopBank): boolean {
    return (
      keyShare(bank, 1, 1) >= CUT_FRACTION ||
      keyShare(bank, 2, 1) >= CUT_FRACTION ||
      isSudden(bank.energy(1, 1), bank.energy(2, 2) / 2)
    );
  }

  /** Asked of the first and the second hop after a loss: they look like the end of a key whose rest is missing. */
  mightEnd(bank: HopBank, hopsSinceLoss: number): boolean {
    if (keyShare(bank, hopsSinceLoss, 0) >= CUT_FRACTION) return true;
    return hopsSinceLoss === 2 && isSudden(bank.energy(1, 1), bank.energy(1, 0));
  }

  /** A key was captured from the audio: the next may follow under a voice. */
  expectKeys(): void {
    this.#waryHops = WARY_AFTER_KEY_HOPS;
  }

  wipe(): void {
    this.#pair = -1;
    this.#agreed = 0;
    this.#heldPair = -1;
    this.#heldHops = 0;
    this.#waryHops = WARY_AFTER_LOSS_HOPS;
  }

  #verdict(pair: number, fraction: number): boolean {
    const wary = this.#waryHops > 0;
    if (pair >= 0 && fraction >= (wary ? WARY_FRACTION : SUSPICIOUS_FRACTION)) {
      this.#agreed = pair === this.#pair ? this.#agreed + 1 : 1;
      this.#pair = pair;
    } else {
      this.#agreed = 0;
      this.#pair = -1;
    }
    if (this.#agreed >= (wary ? WARY_WINDOWS : AGREEING_WINDOWS)) {
      this.#heldPair = pair;
      this.#heldHops = HELD_HOPS;
      return true;
    }
    if (this.#heldHops === 0 || pair !== this.#heldPair || fraction < HELD_FRACTION) return false;
    this.#heldHops = HELD_HOPS;
    return true;
  }
}

/** Louder than its neighbour by so much that something began or ended between the two. */
const isSudden = (energy: number, neighbour: number): boolean =>
  energy >= AUDIBLE_HOP_ENERGY && energy > SUDDEN_RATIO * neighbour;

/** Share of the two strongest tones in `hops` hops, leaving out the newest `skip`. */
function keyShare(bank: HopBank, hops: number, skip: number): number {
  const energy = bank.energy(hops, skip);
  if (energy < AUDIBLE_HOP_ENERGY * hops) return 0;
  const low = bank.power(strongest(bank, 0, hops, skip), hops, 0, skip);
  const high = bank.power(strongest(bank, 4, hops, skip), hops, 0, skip);
  return (2 * (low + high)) / (hops * HOP_SAMPLES * energy);
}

/** The strongest of the four tones from `first` on. */
function strongest(bank: HopBank, first: number, hops: number, skip: number): number {
  let tone = first;
  let most = -1;
  for (let candidate = first; candidate < first + 4; candidate += 1) {
    const power = bank.power(candidate, hops, 0, skip);
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
