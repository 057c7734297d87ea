import { decodeG711, SAMPLES_PER_MS, type Spandsp } from '@sordino/testkit';
import { decodeOpus } from '../../codecs/opus-line.ts';
import { FIRST_TIMESTAMP } from '../plan/call-plan.ts';
import { AUDIO_PAYLOAD_TYPE, TIMESTAMPS_PER_SAMPLE } from '../plan/line-codec.ts';

const HEADER_BYTES = 12;
const SAMPLES_MAX = 10 * 60_000 * SAMPLES_PER_MS;
const FIRST_CAPACITY = 30_000 * SAMPLES_PER_MS;
/** What an encoder of G.722 makes of silence: zeros would be loud. */
const G722_SILENCE = 0xfa;
const { PCMU, PCMA, G722, opus: OPUS } = AUDIO_PAYLOAD_TYPE;

/** What RTP packets say, laid where their timestamps put them; silence where none came. Events are not heard. */
export class Ear {
  #samples: Int16Array;
  /** An octet for each sample, of a stream that can only be decoded as a whole. */
  #g722: Uint8Array | undefined;
  /** Decoded one after the other at the end, as a phone would. */
  readonly #opus: { readonly at: number; readonly payload: Uint8Array }[] = [];
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
    this.#origin ??= timestamp;
    const elapsed = (timestamp - this.#origin) | 0;
    if (payloadType === OPUS)
      this.#opus.push({ at: elapsed / TIMESTAMPS_PER_SAMPLE.opus, payload: Uint8Array.from(payload) });
    if (payloadType !== PCMU && payloadType !== PCMA && payloadType !== G722) return;
    if (!this.#reserve(elapsed, payload.length)) return;
    if (payloadType === G722) {
      this.#g722 ??= new Uint8Array(this.#samples.length).fill(G722_SILENCE);
      this.#g722.set(payload, elapsed);
    } else this.#samples.set(decodeG711(payloadType === PCMU ? 'PCMU' : 'PCMA', payload), elapsed);
  }

  async heard(spandsp: Spandsp): Promise<Int16Array> {
    if (this.#g722 !== undefined) return spandsp.g722Decode(this.#g722.subarray(0, this.#length), 8_000);
    const packets = this.#opus.sort((one, other) => one.at - other.at);
    for (const [n, samples] of decodeOpus(packets.map(({ payload }) => payload)).entries()) {
      const at = packets[n]?.at ?? -1;
      if (this.#reserve(at, samples.length)) this.#samples.set(samples, at);
    }
    return this.#samples.slice(0, this.#length);
  }

  /** False: it is not of this call's time. */
  #reserve(at: number, count: number): boolean {
    const length = at + count;
    if (at < 0 || length > SAMPLES_MAX) return false;
    this.#length = Math.max(this.#length, length);
    if (length <= this.#samples.length) return true;
    const capacity = Math.max(length, 2 * this.#samples.length);
    const [samples, g722] = [this.#samples, this.#g722];
    this.#samples = new Int16Array(capacity);
    this.#samples.set(samples);
    if (g722 === undefined) return true;
    this.#g722 = new Uint8Array(capacity).fill(G722_SILENCE);
    this.#g722.set(g722);
    return true;
  }
}
