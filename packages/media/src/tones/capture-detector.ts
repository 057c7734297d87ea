import { HISTORY_HOPS, HOP_SAMPLES, type HopBank } from './hop-bank.ts';
import { eventCodeOf, TONES_HZ } from './keypad.ts';
import { rmsOf, SAMPLE_RATE_HZ } from './level.ts';

/** 40 ms, the shortest key that must be accepted (ITU-T Q.24). */
const WINDOW_HOPS = HISTORY_HOPS;
/** Of them must have arrived: less is no proof. */
const ARRIVED_HOPS_MIN = 5;
/** Share of the energy near the two tones, 10 ms by 10 ms, below which it is not worth looking closer. */
const WIDE_FRACTION_MIN = 0.55;
/**
 * Share of the window's energy in the two tones, at their true frequencies. This is what tells 40 ms from 23 (must be
 * rejected): a tone that fills half of the window is half a tone to it. 25 ms pass, and GSM's way with 40 ms.
 */
const PURITY_MIN = 0.63;
/** More is asked where it smells of a voice: tones far off, or in opposite directions; each dB of twist beyond 6.5. */
const DEVIATION_STEPS_EXPECTED = 3;
const PER_FAR = 0.15;
const OPPOSITE_STEPS_MIN = 5;
const PER_OPPOSITE = 0.2;
const TWIST_EXPECTED_DB = 6.5;
const PER_TWIST_DB = 0.055;
/** Q.24 must-accept is +4 to -8 dB (high against low), phones go to +8; GSM adds 5. */
const TWIST_DB_MAX = 13;
/** A tone holds its phase from hop to hop, a voice glides: window against hops, together with the purity. */
const PURITY_AND_STEADINESS_MIN = 1.2;
/** What is not in the two tones is silence before or after them, not something else: purity by the filled share. */
const PURITY_WHERE_FILLED_MIN = 0.84;
/** The other tones of each group are this much weaker; next to a voice's harmonic is the next one. */
const NEIGHBOUR_RATIO_MAX = 0.2;
const NEIGHBOUR_STEPS = 3;
/** Q.24 wants -29 dBm0 and up; quieter keys are real on mobile legs. */
const QUIETEST_DBM0 = -48;
const QUIETEST_WINDOW_ENERGY = rmsOf(QUIETEST_DBM0) ** 2 * HOP_SAMPLES * ARRIVED_HOPS_MIN;
/** Frequency must lie within 4 grid steps (2.4 %), looked for within 7: 1.5 % in, 3.5 % out. */
const DEVIATION_STEPS_ACCEPTED = 4;
const DEVIATION_STEPS_MEASURED = 7;
/** Power at the second harmonics against the tones: a key's are 20 dB down at least, a vowel's are strong. */
const HARMONIC_RATIO_MAX = 0.1;
/** A key is over when either tone has been 10 dB below its running level for this long: Q.24 bridges 10 ms, parts 40. */
const GAP_HOPS = 3;
const GAP_RATIO = 0.1;
/** Lost audio says nothing about a gap: for up to this long a running key is neither ended nor prolonged. */
const LOST_HOPS_BRIDGED = 12;

export interface HeardKey {
  eventCode: number;
  /** How many hops ago, counted from the end of the newest, it began: 8 for all that began before the window. */
  onsetHopsAgo: number;
}

/**
 * Recognises keys for capture. Errs towards no, and looks at other things than the masker: duration, true frequency,
 * neighbours, second harmonics. One key per press however long, two for the same key twice.
 */
export class CaptureDetector {
  readonly #heard: HeardKey = { eventCode: -1, onsetHopsAgo: 0 };
  /** The samples of the window, a circle of 640 bytes; the oldest is at `#oldest`. */
  readonly #recent = new Int16Array(WINDOW_HOPS * HOP_SAMPLES);
  #oldest = 0;
  #sounding = -1;
  #lowLevel = 0;
  #highLevel = 0;
  #quietHops = 0;
  #lostHops = 0;
  /** The last key, until it has left the window: what is left of it there is no second press. */
  #leaving = -1;
  #leavingHops = 0;
  /** Of the tone that `truePower` was asked for last. */
  #deviationSteps = 0;

  /** Event code of the key that is sounding now, -1: none. */
  get sounding(): number {
    return this.#sounding < 0 ? -1 : eventCodeOf(this.#sounding >> 2, this.#sounding & 3);
  }

  /** Takes the bank's newest hop. A key is returned once, when it is sure; the object is reused. */
  listen(bank: HopBank, lost: boolean, pcm: Int16Array): HeardKey | undefined {
    for (let n = 0; n < HOP_SAMPLES; n += 1) this.#recent[this.#oldest + n] = pcm[n] ?? 0;
    this.#oldest = this.#oldest + HOP_SAMPLES === this.#recent.length ? 0 : this.#oldest + HOP_SAMPLES;
    if (lost) {
      this.#missed();
      return undefined;
    }
    this.#lostHops = 0;
    if (this.#leavingHops > 0) this.#leavingHops -= 1;
    else this.#leaving = -1;
    if (this.#sounding >= 0) this.#followSounding(bank);
    const energy = bank.energy(WINDOW_HOPS);
    const nearMin = WIDE_FRACTION_MIN * HOP_SAMPLES * energy;
    if (energy < QUIETEST_WINDOW_ENERGY || bank.bandPower(WINDOW_HOPS) < nearMin) return undefined;
    const low = bank.widest(0, WINDOW_HOPS);
    const high = bank.widest(4, WINDOW_HOPS);
    const pair = low * 4 + high - 4;
    if (pair === this.#sounding || pair === this.#leaving) return undefined;
    const near = bank.widePower(low, WINDOW_HOPS) + bank.widePower(high, WINDOW_HOPS);
    if (near < nearMin) return undefined;
    return this.#isKey(bank, low, high) ? this.#report(bank, low, high) : undefined;
  }

  wipe(): void {
    this.#heard.eventCode = -1;
    this.#heard.onsetHopsAgo = 0;
    this.#recent.fill(0);
    this.#sounding = -1;
    this.#lowLevel = 0;
    this.#highLevel = 0;
    this.#quietHops = 0;
    this.#lostHops = 0;
    this.#leaving = -1;
    this.#leavingHops = 0;
    this.#deviationSteps = 0;
  }

  #isKey(bank: HopBank, low: number, high: number): boolean {
    const arrived = bank.arrived(WINDOW_HOPS);
    if (arrived < ARRIVED_HOPS_MIN) return false;
    const lowPower = this.#truePower(bank, low);
    const lowSteps = this.#deviationSteps;
    if (Math.abs(lowSteps) > DEVIATION_STEPS_ACCEPTED) return false;
    const highPower = this.#truePower(bank, high);
    const highSteps = this.#deviationSteps;
    if (Math.abs(highSteps) > DEVIATION_STEPS_ACCEPTED) return false;
    const twistDb = Math.abs(10 * Math.log10(highPower / lowPower));
    if (!(twistDb < TWIST_DB_MAX)) return false;
    const purity = (2 * (lowPower + highPower)) / (arrived * HOP_SAMPLES * bank.energy(WINDOW_HOPS));
    const opposite = Math.abs(lowSteps - highSteps) >= OPPOSITE_STEPS_MIN ? PER_OPPOSITE : 0;
    const far = Math.max(Math.abs(lowSteps), Math.abs(highSteps)) > DEVIATION_STEPS_EXPECTED ? PER_FAR : 0;
    const voiceLike = opposite + far + PER_TWIST_DB * Math.max(0, twistDb - TWIST_EXPECTED_DB);
    if (purity < PURITY_MIN + voiceLike) return false;
    const steadiness =
      Math.min(lowPower / bank.hopPowers(low, WINDOW_HOPS), highPower / bank.hopPowers(high, WINDOW_HOPS)) /
      arrived;
    if (purity + steadiness < PURITY_AND_STEADINESS_MIN) return false;
    const filled = Math.min(filledShare(bank, low, lowPower), filledShare(bank, high, highPower)) / arrived;
    if (purity < PURITY_WHERE_FILLED_MIN * filled) return false;
    if (hasNeighbours(bank, low, lowPower) || hasNeighbours(bank, high, highPower)) return false;
    return !this.#hasSecondHarmonics(low, high, lowPower + highPower);
  }

  /** |correlation|^2 at the tone's true frequency, found on the grid. */
  #truePower(bank: HopBank, tone: number): number {
    let most = -1;
    for (let step = -DEVIATION_STEPS_MEASURED; step <= DEVIATION_STEPS_MEASURED; step += 1) {
      const power = bank.power(tone, WINDOW_HOPS, step);
      if (power > most) {
        most = power;
        this.#deviationSteps = step;
      }
    }
    return most;
  }

  /** Voices have harmonics, keys have none: the power at twice the tones against the tones themselves. */
  #hasSecondHarmonics(low: number, high: number, power: number): boolean {
    const harmonics =
      goertzel(this.#recent, this.#oldest, 2 * (TONES_HZ[low] ?? 0)) +
      goertzel(this.#recent, this.#oldest, 2 * (TONES_HZ[high] ?? 0));
    return harmonics > HARMONIC_RATIO_MAX * power;
  }

  #report(bank: HopBank, low: number, high: number): HeardKey {
    this.#sounding = low * 4 + high - 4;
    this.#lowLevel = bank.hopPower(low, 0);
    this.#highLevel = bank.hopPower(high, 0);
    this.#quietHops = 0;
    this.#heard.eventCode = this.sounding;
    this.#heard.onsetHopsAgo = onsetHopsAgo(bank, low, high);
    return this.#heard;
  }

  /** Ends the sounding key on lost level, not on lost purity: a voice over a long press is no second press. */
  #followSounding(bank: HopBank): void {
    const low = bank.hopPower(this.#sounding >> 2, 0);
    const high = bank.hopPower(4 + (this.#sounding & 3), 0);
    if (low >= GAP_RATIO * this.#lowLevel && high >= GAP_RATIO * this.#highLevel) {
      this.#quietHops = 0;
      return;
    }
    this.#quietHops += 1;
    if (this.#quietHops < GAP_HOPS) return;
    this.#leaving = this.#sounding;
    this.#leavingHops = WINDOW_HOPS - GAP_HOPS;
    this.#sounding = -1;
  }

  #missed(): void {
    this.#lostHops += 1;
    if (this.#lostHops > LOST_HOPS_BRIDGED) this.#sounding = -1;
  }
}

/** For how many hops the tone would have to sound at its usual amplitude, the mean of its four loudest, to give `power`. */
function filledShare(bank: HopBank, tone: number, power: number): number {
  let [first, second, third, fourth] = [0, 0, 0, 0];
  for (let back = 0; back < WINDOW_HOPS; back += 1) {
    const amplitude = Math.sqrt(bank.hopPower(tone, back));
    if (amplitude > first) [first, second, third, fourth] = [amplitude, first, second, third];
    else if (amplitude > second) [second, third, fourth] = [amplitude, second, third];
    else if (amplitude > third) [third, fourth] = [amplitude, third];
    else if (amplitude > fourth) fourth = amplitude;
  }
  return (4 * Math.sqrt(power)) / (first + second + third + fourth);
}

/** Another tone of the group, or what is near it, is strong too. */
function hasNeighbours(bank: HopBank, tone: number, power: number): boolean {
  const first = tone & 4;
  for (let other = first; other < first + 4; other += 1) {
    if (other === tone) continue;
    for (let step = -NEIGHBOUR_STEPS; step <= NEIGHBOUR_STEPS; step += NEIGHBOUR_STEPS) {
      if (bank.power(other, WINDOW_HOPS, step) > NEIGHBOUR_RATIO_MAX * power) return true;
    }
  }
  return false;
}

/** The oldest hop from which on both tones have sounded without a gap. */
function onsetHopsAgo(bank: HopBank, low: number, high: number): number {
  const lowLevel = bank.hopPowers(low, WINDOW_HOPS) / WINDOW_HOPS;
  const highLevel = bank.hopPowers(high, WINDOW_HOPS) / WINDOW_HOPS;
  let hops = 1;
  let quiet = 0;
  for (let back = 1; back < WINDOW_HOPS && quiet < GAP_HOPS; back += 1) {
    const sounds =
      bank.hopPower(low, back) >= GAP_RATIO * lowLevel && bank.hopPower(high, back) >= GAP_RATIO * highLevel;
    quiet = sounds ? 0 : quiet + 1;
    if (sounds) hops = back + 1;
  }
  return hops;
}

/** |correlation|^2 of the samples with a frequency that the bank does not have. */
function goertzel(circle: Int16Array, oldest: number, frequencyHz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / SAMPLE_RATE_HZ);
  let last = 0;
  let beforeLast = 0;
  for (let n = 0; n < circle.length; n += 1) {
    const next = (circle[(oldest + n) % circle.length] ?? 0) + coefficient * last - beforeLast;
    beforeLast = last;
    last = next;
  }
  return last * last + beforeLast * beforeLast - coefficient * last * beforeLast;
}
