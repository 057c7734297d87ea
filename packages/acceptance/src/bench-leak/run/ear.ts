import { decodeG711, SAMPLES_PER_MS } from '@sordino/testkit';
import { FIRST_TIMESTAMP } from '../plan/call-plan.ts';

const HEADER_BYTES = 12;
const SAMPLES_MAX = 10 * 60_000 * SAMPLES_PER_MS;
const FIRST_CAPACITY = 30_000 * SAMPLES_PER_MS;

/** What RTP packets say, laid where their timestamps put them; silence where none came. Events are not heard. */
export class Ear {
  #samples: Int16Array;
  #length = 0;
  #origin: number | undefined;

  /** `length`: of a line whose first timestamp is known; else the first packet begins what is heard. */
  constructor(length?: number) {
    this.#samples = new Int16Array(length ?? FIRST_CAPACITY);
    if (length === undefined) return;
    this.#length = length;
    this.#origin = FIRST_TIMESTAMP;
  }

  hear(datagram: Buffer): void {
    const payloadType = (datagram[1] ?? 0) & 0x7f;
    if (datagram.length <= HEADER_BYTES || (payloadType !== 0 && payloadType !== 8)) return;
    const timestamp = datagram.readUInt32BE(4);
    this.#origin ??= timestamp;
    const at = (timestamp - this.#origin) | 0;
    const samples = decodeG711(payloadType === 0 ? 'PCMU' : 'PCMA', datagram.subarray(HEADER_BYTES));
    if (at < 0 || at + samples.length > SAMPLES_MAX) return;
    this.#reserve(at + samples.length);
    this.#samples.set(samples, at);
    this.#length = Math.max(this.#length, at + samples.length);
  }

  heard(): Int16Array {
    return this.#samples.slice(0, this.#length);
  }

  #reserve(length: number): void {
    if (length <= this.#samples.length) return;
    const larger = new Int16Array(Math.max(length, 2 * this.#samples.length));
    larger.set(this.#samples);
    this.#samples = larger;
  }
}
