import { HOP_SAMPLES, type HopBank } from './hop-bank.ts';
import { eventCodeOf, TONES_HZ } from './keypad.ts';
import { rmsOf, SAMPLE_RATE_HZ } from './level.ts';

/** Blocks of 10 ms, one every 5 ms. */
const BLOCK_HOPS = 2;
/**
 * Blocks that must agree: five, 5 ms apart, span 30 ms. A 40 ms key (ITU-T Q.24: must be accepted) holds six whole
 * blocks wherever it lies; a 20 ms one (must be rejected) at most four that look whole.
 */
const AGREEING_BLOCKS = 5;
/** Blocks of a run that may fail: a click, a syllable. */
const FAILED_BLOCKS_MAX = 1;
/** Share of a 10 ms block's energy in the two tones. Loose, because a block may lie under a syllable. */
const PURE_FRACTION = 0.5;
/** Q.24 must-accept is +4 to -8 dB (high against low), phones go to +8: 10.5 dB each way leaves room for noise. */
const TWIST_RATIO_MAX = 10 ** 1.05;
/**
 * The same over 25 ms at the true frequency, and strict: a false digit spoils a card number, a missed one is keyed
 * again. Voices glide, so what passes block by block does not pass here.
 */
const WHOLE_FRACTION = 0.76;
/** Q.24 wants -29 dBm0 and up; quieter keys are real on mobile legs. */
const QUIETEST_DBM0 = -48;
const QUIETEST_BLOCK_ENERGY = rmsOf(QUIETEST_DBM0) ** 2 * HOP_SAMPLES * BLOCK_HOPS;
/** Frequency is measured over this many hops (25 ms) and must lie within 4 grid steps (2.4 %): 1.5 % in, 3.5 % out. */
const FREQUENCY_HOPS = 5;
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
  /** How many hops ago, counted from the end of the newest, the first block that agreed began. */
  onsetHopsAgo: number;
}

/**
 * Recognises keys for capture. Errs towards no, and looks at other things than the masker: duration, purity block by
 * block and as a whole, true frequency, second harmonics. One key per press however long, two for the same key twice.
 */
export class CaptureDetector {
  readonly #heard: HeardKey = { eventCode: -1, onsetHopsAgo: 0 };
  /** The samples of the hops in which frequencies are measured: 400 bytes. */
  readonly #recent = new Int16Array(FREQUENCY_HOPS * HOP_SAMPLES);
  #pair = -1;
  #agreed = 0;
  #failed = 0;
  #runHops = 0;
  #sounding = -1;
  #lowLevel = 0;
  #highLevel = 0;
  #quietHops = 0;
  #lostHops = 0;
  /** One bit for each of the hops in which frequencies are measured, the newest lowest: 1 when it arrived. */
  #arrived = 2 ** FREQUENCY_HOPS - 1;

  /** Event code of the key that is sounding now, -1: none. */
  get sounding(): number {
    return this.#sounding < 0 ? -1 : eventCodeOf(this.#sounding >> 2, this.#sounding & 3);
  }

  /** Takes the bank's newest hop. A key is returned once, when it is sure; the object is reused. */
  listen(bank: HopBank, lost: boolean, pcm: Int16Array): HeardKey | undefined {
    this.#recent.copyWithin(0, HOP_SAMPLES);
    this.#recent.set(pcm, (FREQUENCY_HOPS - 1) * HOP_SAMPLES);
    this.#runHops += 1;
    this.#arrived = ((this.#arrived << 1) | (lost ? 0 : 1)) & (2 ** FREQUENCY_HOPS - 1);
    if (lost) {
      this.#missed();
      return undefined;
    }
    this.#lostHops = 0;
    if (this.#sounding >= 0) this.#followSounding(bank);
    const pair = purePair(bank);
    this.#followRun(pair);
    if (pair < 0 || pair === this.#sounding || this.#agreed < AGREEING_BLOCKS) return undefined;
    if (!isKeyAsAWhole(bank, pair, this.#arrivedHops())) return undefined;
    if (this.#hasSecondHarmonics(bank, pair)) return undefined;
    return this.#report(bank, pair);
  }

  wipe(): void {
    this.#heard.eventCode = -1;
    this.#heard.onsetHopsAgo = 0;
    this.#recent.fill(0);
    this.#pair = -1;
    this.#agreed = 0;
    this.#failed = 0;
    this.#runHops = 0;
    this.#sounding = -1;
    this.#lowLevel = 0;
    this.#highLevel = 0;
    this.#quietHops = 0;
    this.#lostHops = 0;
    this.#arrived = 2 ** FREQUENCY_HOPS - 1;
  }

  /** Voices have harmonics, keys have none: the power at twice the tones against the tones themselves. */
  #hasSecondHarmonics(bank: HopBank, pair: number): boolean {
    const low = pair >> 2;
    const high = 4 + (pair & 3);
    const harmonics =
      goertzel(this.#recent, 2 * (TONES_HZ[low] ?? 0)) + goertzel(this.#recent, 2 * (TONES_HZ[high] ?? 0));
    return (
      harmonics > HARMONIC_RATIO_MAX * (bank.power(low, FREQUENCY_HOPS) + bank.power(high, FREQUENCY_HOPS))
    );
  }

  /** Counts the blocks in a row that show one pair. */
  #followRun(pair: number): void {
    if (pair >= 0 && pair !== this.#pair) {
      this.#pair = pair;
      this.#agreed = 0;
      this.#failed = 0;
      this.#runHops = BLOCK_HOPS;
    }
    if (pair >= 0) {
      this.#agreed += 1;
      return;
    }
    this.#failed += 1;
    if (this.#failed > FAILED_BLOCKS_MAX) this.#pair = -1;
  }

  #report(bank: HopBank, pair: number): HeardKey {
    this.#sounding = pair;
    this.#lowLevel = bank.power(pair >> 2, 1);
    this.#highLevel = bank.power(4 + (pair & 3), 1);
    this.#quietHops = 0;
    this.#heard.eventCode = this.sounding;
    this.#heard.onsetHopsAgo = this.#runHops;
    return this.#heard;
  }

  /** Ends the sounding key on lost level, not on lost purity: a voice over a long press is no second press. */
  #followSounding(bank: HopBank): void {
    const low = bank.power(this.#sounding >> 2, 1);
    const high = bank.power(4 + (this.#sounding & 3), 1);
    if (low >= GAP_RATIO * this.#lowLevel && high >= GAP_RATIO * this.#highLevel) {
      this.#quietHops = 0;
      return;
    }
    this.#quietHops += 1;
    if (this.#quietHops >= GAP_HOPS) {
      this.#sounding = -1;
      this.#pair = -1;
    }
  }

  #arrivedHops(): number {
    let hops = 0;
    for (let bits = this.#arrived; bits > 0; bits >>= 1) hops += bits & 1;
    return hops;
  }

  #missed(): void {
    this.#lostHops += 1;
    if (this.#lostHops <= LOST_HOPS_BRIDGED) return;
    this.#sounding = -1;
    this.#pair = -1;
  }
}

/** The key whose two tones make up the last block, or -1. */
function purePair(bank: HopBank): number {
  const energy = bank.energy(BLOCK_HOPS);
  if (energy < QUIETEST_BLOCK_ENERGY) return -1;
  const low = strongest(bank, 0);
  const high = strongest(bank, 4);
  const lowPower = bank.power(low, BLOCK_HOPS);
  const highPower = bank.power(high, BLOCK_HOPS);
  if (highPower > TWIST_RATIO_MAX * lowPower || lowPower > TWIST_RATIO_MAX * highPower) return -1;
  const fraction = (2 * (lowPower + highPower)) / (BLOCK_HOPS * HOP_SAMPLES * energy);
  return fraction < PURE_FRACTION ? -1 : low * 4 + high - 4;
}

function strongest(bank: HopBank, first: number): number {
  let tone = first;
  let most = -1;
  for (let candidate = first; candidate < first + 4; candidate += 1) {
    const power = bank.power(candidate, BLOCK_HOPS);
    if (power > most) {
      most = power;
      tone = candidate;
    }
  }
  return tone;
}

/** Both frequencies near nominal, and the whole as pure as a tone that holds its frequency is. */
function isKeyAsAWhole(bank: HopBank, pair: number, arrivedHops: number): boolean {
  const low = powerNearNominal(bank, pair >> 2);
  const high = powerNearNominal(bank, 4 + (pair & 3));
  if (low < 0 || high < 0) return false;
  return 2 * (low + high) >= WHOLE_FRACTION * arrivedHops * HOP_SAMPLES * bank.energy(FREQUENCY_HOPS);
}

/** Power at the tone's true frequency, found on the grid; -1 when that is too far from nominal. */
function powerNearNominal(bank: HopBank, tone: number): number {
  let best = 0;
  let most = -1;
  for (let step = -DEVIATION_STEPS_MEASURED; step <= DEVIATION_STEPS_MEASURED; step += 1) {
    const power = bank.power(tone, FREQUENCY_HOPS, step);
    if (power > most) {
      most = power;
      best = step;
    }
  }
  return Math.abs(best) <= DEVIATION_STEPS_ACCEPTED ? most : -1;
}

/** |correlation|^2 of the samples with a frequency that the bank does not have. */
function goertzel(pcm: Int16Array, frequencyHz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / SAMPLE_RATE_HZ);
  let last = 0;
  let beforeLast = 0;
  for (let n = 0; n < pcm.length; n += 1) {
    const next = (pcm[n] ?? 0) + coefficient * last - beforeLast;
    beforeLast = last;
    last = next;
  }
  return last * last + beforeLast * beforeLast - coefficient * last * beforeLast;
}
