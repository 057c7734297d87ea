import { MALFORMED, REPLAYED, ReceivingContext } from './receiving-context.ts';
import { type CreateAes, DROPPED, type SrtpDrops, type SrtpKeys, type SrtpReceiver } from './srtp.ts';

/** So many packets under the new key, and the one before is done: a second of 20 ms, longer than any late packet is late. */
const OVERLAP_PACKETS = 50;

/** Throws a RangeError when key or salt are not of the suite's length. */
export function createSrtpReceiver(keys: SrtpKeys, createAes: CreateAes): SrtpReceiver {
  return new Receiver(keys, createAes);
}

class Receiver implements SrtpReceiver {
  readonly #createAes: CreateAes;
  #current: ReceivingContext;
  /** Under the key before, while the new one is not established. */
  #before: ReceivingContext | undefined;
  readonly #stoodBefore = (ssrc: number): number => this.#before?.highestIndex(ssrc) ?? -1;
  #isWiped = false;
  #malformed = 0;
  #unauthentic = 0;
  #replayed = 0;

  constructor(keys: SrtpKeys, createAes: CreateAes) {
    this.#createAes = createAes;
    this.#current = new ReceivingContext(keys, createAes);
  }

  get drops(): SrtpDrops {
    return { malformed: this.#malformed, unauthentic: this.#unauthentic, replayed: this.#replayed };
  }

  unprotectRtp(packet: Uint8Array, length: number): number {
    if (this.#isWiped) return DROPPED;
    let result = this.#current.openRtp(packet, length, this.#stoodBefore);
    if (this.#before !== undefined) {
      if (result < 0) result = better(this.#before.openRtp(packet, length, unknown), result);
      else if (this.#current.heard >= OVERLAP_PACKETS) this.#forgetBefore();
    }
    return result < 0 ? this.#drop(result) : result;
  }

  unprotectRtcp(packet: Uint8Array, length: number): number {
    if (this.#isWiped) return DROPPED;
    let result = this.#current.openRtcp(packet, length);
    if (result < 0 && this.#before !== undefined)
      result = better(this.#before.openRtcp(packet, length), result);
    return result < 0 ? this.#drop(result) : result;
  }

  rekey(keys: SrtpKeys): void {
    if (this.#isWiped) return;
    const next = new ReceivingContext(keys, this.#createAes);
    // A key that was never heard was overtaken: the one before it is still the one in use.
    if (this.#before !== undefined && this.#current.heard === 0) this.#current.wipe();
    else {
      this.#forgetBefore();
      this.#before = this.#current;
    }
    this.#current = next;
  }

  wipe(): void {
    this.#isWiped = true;
    this.#current.wipe();
    this.#forgetBefore();
  }

  #forgetBefore(): void {
    this.#before?.wipe();
    this.#before = undefined;
  }

  #drop(reason: number): number {
    if (reason === MALFORMED) this.#malformed += 1;
    else if (reason === REPLAYED) this.#replayed += 1;
    else this.#unauthentic += 1;
    return DROPPED;
  }
}

const unknown = (): number => -1;

/** Of two refusals, under two keys: `replayed` says most, for the other one can only say that the key is not its own. */
const better = (one: number, other: number): number => (one >= 0 || one === REPLAYED ? one : other);
