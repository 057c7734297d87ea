import { decodeG711, SAMPLES_PER_MS, type Spandsp } from '@sordino/testkit';
import { FIRST_TIMESTAMP } from '../plan/call-plan.ts';
import { AUDIO_PAYLOAD_TYPE } from '../plan/line-codec.ts';

const HEADER_BYTES = 12;
const SAMPLES_MAX = 10 * 60_000 * SAMPLES_PER_MS;
const FIRST_CAPACITY = 30_000 * SAMPLES_PER_MS;
/** What an encoder of G.722 makes of silence: zeros would be loud. */
const G722_SILENCE = 0xfa;
const { PCMU, PCMA, G722 } = AUDIO_PAYLOAD_TYPE;

/** What RTP packets say, laid where their timestamps put them; silence where none came. Events are not heard. */
export class Ear {
  #samples: Int16Array;
  /** An octet for each sample, of a stream that can only be decoded as a whole. */
  #g722: Uint8Array | undefined;
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
    if (datagram.length <= HEADER_BYTES) return;
    this.take((datagram[1] ?? 0) & 0x7f, datagram.readUInt32BE(4), datagram.subarray(HEADER_BYTES));
  }

  take(payloadType: number, timestamp: number, payload: Uint8Array): void {
    if (payloadType !== PCMU && payloadType !== PCMA && payloadType !== G722) return;
    this.#origin ??= timestamp;
    const at = (timestamp - this.#origin) | 0;
    if (at < 0 || at + payload.length > SAMPLES_MAX) return;
    this.#reserve(at + payload.length);
    if (payloadType === G722) {
      this.#g722 ??= new Uint8Array(this.#samples.length).fill(G722_SILENCE);
      this.#g722.set(payload, at);
    } else this.#samples.set(decodeG711(payloadType === PCMU ? 'PCMU' : 'PCMA', payload), at);
    this.#length = Math.max(this.#length, at + payload.length);
  }

  async heard(spandsp: Spandsp): Promise<Int16Array> {
    if (this.#g722 !== undefined) return spandsp.g722Decode(this.#g722.subarray(0, this.#length), 8_000);
    return this.#samples.slice(0, this.#length);
  }

  #reserve(length: number): void {
    if (length <= this.#samples.length) return;
    const capacity = Math.max(length, 2 * this.#samples.length);
    const [samples, g722] = [this.#samples, this.#g722];
    this.#samples = new Int16Array(capacity);
    this.#samples.set(samples);
    if (g722 === undefined) return;
    this.#g722 = new Uint8Array(capacity).fill(G722_SILENCE);
    this.#g722.set(g722);
  }
}
