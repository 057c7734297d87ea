import { HOP_MS, HOP_SAMPLES, type HopBank } from './hop-bank.ts';
import { TONES_HZ } from './keypad.ts';
import { rmsOf, SAMPLE_RATE_HZ } from './level.ts';

/**
 * The look-back that this detector is tuned for: when the first sample of a key is about to leave, a whole window of it
 * has been heard, so that no sample of an onset has left before the verdict. Less leaks (a matched estimator reads a
 * key from 1.5 ms of it); more only delays people.
 */
export const LOOKBACK_MS_DEFAULT = 30;
const WINDOW_HOPS = LOOKBACK_MS_DEFAULT / HOP_MS;
/** What the window must score (see `score`): 0.1 % of real speech does, and a key under a voice of its own power. */
const SUSPICIOUS_SCORE = 0.03;
/** Less is enough where audio was lost (the proof may be lost with it), and among keys. */
const WARY_SCORE = -0.25;
const WARY_AFTER_LOSS_HOPS = WINDOW_HOPS;
/**
 * Least of all where, among keys, a sound begins 20 dB above what was there: GSM garbles the first frame of a tone, and
 * what is sure 10 ms later is too late for its onset.
 */
const STARTING_SCORE = -0.7;
const STARTING_HOPS = WINDOW_HOPS + 2;
const START_RATIO = 10 ** 2;
const BEFORE_START_HOPS = 4;
/**
 * And a little less than usual is enough, at any time, in the one window that begins where silence ends, if what begins is there at once, 35 dB
 * louder within 10 ms, and no longer growing: out of silence GSM overshoots fourfold. Speech begins more gently.
 */
const SUDDEN_START_SCORE = -0.55;
/**
 * In an open field, where also the first key is expected, less than that is enough there: all but the most gentle of what begins so
 * is masked until it is known better. 0.9 % of what is said in an open field is masked, most of it by being among keys (bench:detect).
 */
const SUDDEN_START_IN_FIELD_SCORE = -0.85;
const SUDDEN_START_HOPS = 2;
const SUDDEN_START_RATIO = 3_000;
const GROWING_RATIO = 1.25;
/** Keys come in numbers: 4 s after one another is likely, and worth masking more of what is said meanwhile. */
const WARY_AFTER_KEY_HOPS = 4000 / HOP_MS;
/** Share of the energy near the two tones, 10 ms by 10 ms, below which nothing is a key: saves looking closer. */
const WIDE_FRACTION_MIN = 0.2;
/** A key's tones differ by -8 to +8 dB at the worst; GSM adds up to 5 dB to that. */
const TWIST_DB_MAX = 14;
/** Grid steps (0.6 % each) tried each side of nominal: past the 3.5 % at which a switch no longer takes it for a key. */
const DEVIATION_STEPS_TRIED = 6;
/** What makes a key less likely, and by how much. Found on hours of speech and keys under it: see bench:detect. */
const TWIST_EXPECTED_DB = 3;
const PER_TWIST_DB = 0.08;
const PER_DEVIATION_STEP = 0.08;
const PER_FAR_DEVIATION_STEP = 0.04;
/** Both tones together; a real phone's crystal is off by two of these, and what is further off costs less. */
const NEAR_DEVIATION_STEPS = 6;
const OTHERS_IN_GROUP = 0.3;
const UNSTEADY = 0.2;
/**
 * A key that was suspected stays so while both its tones keep a fifth (-7 dB) of their power, whatever is spoken over
 * it, and may dip below for 30 ms.
 */
const HELD_HOPS = 3;
const HELD_RATIO = 0.2;
const HELD_DIP_HOPS = 6;
const HELD_DECAY = 0.9;
/**
 * And no longer than this after it was last suspected in earnest: a loud voice keeps those powers up for as long as it
 * talks, and would be masked for all that time. A key that still sounds is suspected anew.
 */
const HELD_MAX_HOPS = 300 / HOP_MS;
/** A loss cuts the evidence short: half of the energy of 5 or 10 ms is then enough. */
const CUT_FRACTION = 0.5;
/** And so is a jump of 6 dB from one hop to the next, for the one or two ms of a tone that have no pitch yet. */
const SUDDEN_RATIO = 4;
/** Quieter than this nobody hears a tone, and the steps of A-law swallow it. */
const AUDIBLE_DBM0 = -60;
export const AUDIBLE_HOP_ENERGY = rmsOf(AUDIBLE_DBM0) ** 2 * HOP_SAMPLES;

/**
 * A lone tone shows in the other correlators of its group too, which are 5 ms short and so 200 Hz wide: all four
 * together, as a multiple of its own.
 */
const GROUP_SPREAD = Float64Array.from(TONES_HZ, (hz, tone) =>
  TONES_HZ.slice(tone & 4, (tone & 4) + 4).reduce((sum, other) => sum + spread(other - hz), 0),
);

/** Says hop by hop whether a key may be sounding. Errs towards yes: a miss is a digit heard, a false yes 55 ms muted. */
export class MaskingDetector {
  #heldPair = -1;
  #heldLow = 0;
  #heldHigh = 0;
  #dipHops = 0;
  #heldHops = 0;
  /** Both count down to zero: wary no more. */
  #sinceLossHops = WARY_AFTER_LOSS_HOPS;
  #amongKeysHops = 0;
  #startingHops = 0;
  #isFieldOpen = false;
  /** Of the tone that `bestPower` was asked for last. */
  #deviationSteps = 0;

  /** True: what the last window held, and what came just before it, must not be heard. `lost`: the newest hop was. */
  suspects(bank: HopBank, lost: boolean): boolean {
    this.#sinceLossHops = lost ? WARY_AFTER_LOSS_HOPS : Math.max(0, this.#sinceLossHops - 1);
    this.#amongKeysHops = Math.max(0, this.#amongKeysHops - 1);
    if (hasStarted(bank)) this.#startingHops = STARTING_HOPS;
    else if (this.#startingHops > 0) this.#startingHops -= 1;
    const energy = bank.energy(WINDOW_HOPS);
    const nearMin = WIDE_FRACTION_MIN * HOP_SAMPLES * energy;
    if (energy < AUDIBLE_HOP_ENERGY * WINDOW_HOPS || bank.bandPower(WINDOW_HOPS) < nearMin) {
      return this.#stillHeld(bank, lost);
    }
    const low = bank.widest(0, WINDOW_HOPS);
    const high = bank.widest(4, WINDOW_HOPS);
    if (bank.widePower(low, WINDOW_HOPS) + bank.widePower(high, WINDOW_HOPS) < nearMin) {
      return this.#stillHeld(bank, lost);
    }
    const enough = this.#enough(bank);
    if (scoreAtMost(bank, low, high) < enough || this.#score(bank, low, high) < enough) {
      return this.#stillHeld(bank, lost);
    }
    this.#hold(bank, low * 4 + high - 4);
    return true;
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
    this.#amongKeysHops = WARY_AFTER_KEY_HOPS;
  }

  /** A field is open: keys are expected from its beginning on, not only after the first. */
  collect(isFieldOpen: boolean): void {
    this.#isFieldOpen = isFieldOpen;
  }

  wipe(): void {
    this.#heldPair = -1;
    this.#heldLow = 0;
    this.#heldHigh = 0;
    this.#dipHops = 0;
    this.#heldHops = 0;
    this.#deviationSteps = 0;
    this.#sinceLossHops = WARY_AFTER_LOSS_HOPS;
    this.#amongKeysHops = 0;
    this.#startingHops = 0;
  }

  /**
   * 1 for a clean key that fills the window. Taken off: energy elsewhere; other tones near these (a voice has harmonics
   * all over the band); tones that come and go or glide; twist; frequencies that are no key's.
   */
  #score(bank: HopBank, low: number, high: number): number {
    const lowPower = this.#bestPower(bank, low);
    let steps = this.#deviationSteps;
    const highPower = this.#bestPower(bank, high);
    steps += this.#deviationSteps;
    const twistDb = Math.abs(10 * Math.log10(highPower / lowPower));
    if (!(twistDb <= TWIST_DB_MAX)) return -1;
    const nearSteps = Math.min(steps, NEAR_DEVIATION_STEPS);
    return (
      scoreOfShape(bank, low, high, lowPower, highPower) -
      PER_TWIST_DB * Math.max(0, twistDb - TWIST_EXPECTED_DB) -
      PER_DEVIATION_STEP * nearSteps -
      PER_FAR_DEVIATION_STEP * (steps - nearSteps)
    );
  }

  #enough(bank: HopBank): number {
    const expectsKeys = this.#isFieldOpen || this.#amongKeysHops > 0;
    if (this.#isFieldOpen && beginsSuddenly(bank)) return SUDDEN_START_IN_FIELD_SCORE;
    if (expectsKeys && this.#startingHops > 0) return STARTING_SCORE;
    if (beginsSuddenly(bank)) return SUDDEN_START_SCORE;
    return expectsKeys || this.#sinceLossHops > 0 ? WARY_SCORE : SUSPICIOUS_SCORE;
  }

  /** |correlation|^2 at the frequency near `tone` where it is the highest. */
  #bestPower(bank: HopBank, tone: number): number {
    let most = -1;
    for (let step = -DEVIATION_STEPS_TRIED; step <= DEVIATION_STEPS_TRIED; step += 1) {
      const power = bank.power(tone, WINDOW_HOPS, step);
      if (power > most) {
        most = power;
        this.#deviationSteps = Math.abs(step);
      }
    }
    return most;
  }

  #hold(bank: HopBank, pair: number): void {
    const low = bank.power(pair >> 2, HELD_HOPS);
    const high = bank.power(4 + (pair & 3), HELD_HOPS);
    const same = pair === this.#heldPair ? HELD_DECAY : 0;
    this.#heldPair = pair;
    this.#heldLow = Math.max(same * this.#heldLow, low);
    this.#heldHigh = Math.max(same * this.#heldHigh, high);
    this.#dipHops = 0;
    this.#heldHops = 0;
  }

  #stillHeld(bank: HopBank, lost: boolean): boolean {
    if (this.#heldPair < 0 || lost) return false;
    this.#heldHops += 1;
    if (this.#heldHops > HELD_MAX_HOPS) {
      this.#heldPair = -1;
      return false;
    }
    const low = bank.power(this.#heldPair >> 2, HELD_HOPS);
    const high = bank.power(4 + (this.#heldPair & 3), HELD_HOPS);
    if (low >= HELD_RATIO * this.#heldLow && high >= HELD_RATIO * this.#heldHigh) {
      this.#dipHops = 0;
      return true;
    }
    this.#dipHops += 1;
    if (this.#dipHops > HELD_DIP_HOPS) this.#heldPair = -1;
    return false;
  }
}

const hasStarted = (bank: HopBank): boolean =>
  bank.energy(1) >= AUDIBLE_HOP_ENERGY &&
  bank.energy(1) * BEFORE_START_HOPS > START_RATIO * bank.energy(BEFORE_START_HOPS, 1);

/** What the window holds was there from its beginning on, at once and out of silence. */
function beginsSuddenly(bank: HopBank): boolean {
  const start = bank.energy(SUDDEN_START_HOPS, WINDOW_HOPS - SUDDEN_START_HOPS);
  return (
    start > SUDDEN_START_RATIO * bank.energy(SUDDEN_START_HOPS, WINDOW_HOPS) &&
    GROWING_RATIO * start > bank.energy(SUDDEN_START_HOPS)
  );
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

/** The score but for what frequencies and levels take off. */
function scoreOfShape(bank: HopBank, low: number, high: number, lowPower: number, highPower: number): number {
  const arrived = bank.arrived(WINDOW_HOPS);
  // A lone sine gives 2 * power = samples * energy, so the shares of the two add up to 1.
  const purity = (2 * (lowPower + highPower)) / (arrived * HOP_SAMPLES * bank.energy(WINDOW_HOPS));
  const steadiness =
    Math.min(lowPower / bank.hopPowers(low, WINDOW_HOPS), highPower / bank.hopPowers(high, WINDOW_HOPS)) /
    arrived;
  const alone = (aloneness(bank, low, lowPower) + aloneness(bank, high, highPower)) / arrived;
  return purity - OTHERS_IN_GROUP * (2 - alone) - UNSTEADY * (1 - steadiness);
}

/** More than this no frequency near the two tones can score, for it rises with the powers: most voices end here, before 26 frequencies are tried. */
const scoreAtMost = (bank: HopBank, low: number, high: number): number =>
  scoreOfShape(bank, low, high, bank.powerAtMost(low, WINDOW_HOPS), bank.powerAtMost(high, WINDOW_HOPS));

/** How much of what its group of four shows is this tone; for the number of hops that arrived, 1 means all. */
function aloneness(bank: HopBank, tone: number, power: number): number {
  const first = tone & 4;
  let group = 0;
  for (let other = first; other < first + 4; other += 1) group += bank.hopPowers(other, WINDOW_HOPS);
  return (power * (GROUP_SPREAD[tone] ?? 1)) / group;
}

/** Power that a correlator of one hop shows of a tone so far from it. */
function spread(differenceHz: number): number {
  const angle = (Math.PI * differenceHz * HOP_SAMPLES) / SAMPLE_RATE_HZ;
  return angle === 0 ? 1 : (Math.sin(angle) / angle) ** 2;
}
