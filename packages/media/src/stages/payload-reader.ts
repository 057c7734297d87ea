import {
  type AudioCodec,
  PAYLOAD_TICKS_MAX,
  payloadTicks,
  timestampsPerTick,
} from '../codecs/audio-codec.ts';
import { createDecoder, type OpusLibrary } from '../codecs/create-codec.ts';
import { type G711Codec, g711DecodeTable, g711TranscodeTable } from '../codecs/g711.ts';
import type { AudioDecoder } from '../codecs/linear.ts';
import { Halver } from '../codecs/resample.ts';
import { makeHopUnits } from './hop.ts';
import { isG711, type LineUnits, lineFormatOf } from './line-format.ts';
import { OPUS_FRAME_TICKS } from './opus-replacement.ts';
import type { PacketStore } from './packet-store.ts';

/** How payloads of one codec become hops for one kind of line. */
export interface PayloadReader {
  /** Of one hop: `read` writes here. */
  readonly units: LineUnits;
  /** RTP timestamps for each tick. */
  readonly timestampsPerTick: number;
  /** How long the payload plays; 0: it is none of this codec. Looks at its length and header only. */
  ticksOf(payload: Uint8Array, length: number): number;
  /** Decodes a payload that begins at `position` of the stream and of which `skip` ticks come too late; false: it cannot be. */
  begin(payload: Uint8Array, length: number, position: number, skip: number): boolean;
  /** Writes `ticks` of it, from `from` on, into a hop from `at` on. */
  read(pcm: Int16Array, at: number, from: number, ticks: number): void;
  /** Forgets the past. */
  reset(): void;
}

/** `packets` is where Opus packets wait that may leave as they came. */
export function createReader(
  customer: AudioCodec,
  clean: AudioCodec,
  packets: PacketStore,
  opus: OpusLibrary | undefined,
): PayloadReader {
  const format = lineFormatOf(customer, clean);
  if (format === 'opus') return new OpusReader(createDecoder('opus', 8000, opus), packets);
  if (isG711(format) && isG711(customer)) return new G711Reader(customer, format);
  return format === 'linear16' ? new WideReader(customer, opus) : new NarrowReader(customer, opus);
}

/** Codes stay codes: no sample changes that nobody masks. */
class G711Reader implements PayloadReader {
  readonly units = makeHopUnits('PCMU');
  readonly timestampsPerTick = 1;
  readonly #customer: G711Codec;
  readonly #linear: Int16Array;
  readonly #clean: Uint8Array;
  #payload: Uint8Array = this.units as Uint8Array;

  constructor(customer: G711Codec, clean: G711Codec) {
    this.#customer = customer;
    this.#linear = g711DecodeTable(customer);
    this.#clean = g711TranscodeTable(customer, clean);
  }

  ticksOf(payload: Uint8Array, length: number): number {
    return payloadTicks(this.#customer, payload, length);
  }

  begin(payload: Uint8Array): boolean {
    this.#payload = payload;
    return true;
  }

  read(pcm: Int16Array, at: number, from: number, ticks: number): void {
    const units = this.units;
    const linear = this.#linear;
    const clean = this.#clean;
    const payload = this.#payload;
    for (let n = 0; n < ticks; n += 1) {
      const code = payload[from + n] ?? 0;
      pcm[at + n] = linear[code] ?? 0;
      units[at + n] = clean[code] ?? 0;
    }
  }

  reset(): void {
    this.units.fill(0);
  }
}

/** Decodes to 8 kHz: what is listened to is what leaves. */
class NarrowReader implements PayloadReader {
  readonly units = makeHopUnits('linear8');
  readonly timestampsPerTick: number;
  readonly #customer: AudioCodec;
  readonly #decoder: AudioDecoder;
  readonly #pcm = new Int16Array(PAYLOAD_TICKS_MAX);

  constructor(customer: AudioCodec, opus: OpusLibrary | undefined) {
    this.#customer = customer;
    this.#decoder = createDecoder(customer, 8000, opus);
    this.timestampsPerTick = timestampsPerTick(customer);
  }

  ticksOf(payload: Uint8Array, length: number): number {
    return payloadTicks(this.#customer, payload, length);
  }

  begin(payload: Uint8Array, length: number): boolean {
    return this.#decoder.decode(payload, length, this.#pcm) === this.ticksOf(payload, length);
  }

  read(pcm: Int16Array, at: number, from: number, ticks: number): void {
    for (let n = 0; n < ticks; n += 1) {
      const sample = this.#pcm[from + n] ?? 0;
      pcm[at + n] = sample;
      this.units[at + n] = sample;
    }
  }

  reset(): void {
    this.#decoder.reset();
    this.#pcm.fill(0);
    this.units.fill(0);
  }
}

/** Decodes to 16 kHz, which leaves, and listens to the half of it in which keys are. */
class WideReader implements PayloadReader {
  readonly units = makeHopUnits('linear16');
  readonly timestampsPerTick: number;
  readonly #customer: AudioCodec;
  readonly #decoder: AudioDecoder;
  readonly #halver = new Halver();
  readonly #wide = new Int16Array(2 * PAYLOAD_TICKS_MAX);
  readonly #narrow = new Int16Array(PAYLOAD_TICKS_MAX);

  constructor(customer: AudioCodec, opus: OpusLibrary | undefined) {
    this.#customer = customer;
    this.#decoder = createDecoder(customer, 16_000, opus);
    this.timestampsPerTick = timestampsPerTick(customer);
  }

  ticksOf(payload: Uint8Array, length: number): number {
    return payloadTicks(this.#customer, payload, length);
  }

  begin(payload: Uint8Array, length: number): boolean {
    const samples = this.#decoder.decode(payload, length, this.#wide);
    if (samples !== 2 * this.ticksOf(payload, length)) return false;
    this.#halver.convert(this.#wide, samples, this.#narrow);
    return true;
  }

  read(pcm: Int16Array, at: number, from: number, ticks: number): void {
    for (let n = 0; n < ticks; n += 1) pcm[at + n] = this.#narrow[from + n] ?? 0;
    for (let n = 0; n < 2 * ticks; n += 1) this.units[2 * at + n] = this.#wide[2 * from + n] ?? 0;
  }

  reset(): void {
    this.#decoder.reset();
    this.#halver.reset();
    this.#wide.fill(0);
    this.#narrow.fill(0);
    this.units.fill(0);
  }
}

/** Decodes to listen, and keeps the packet: there is no encoder in the path of Opus to Opus. */
class OpusReader implements PayloadReader {
  readonly units = makeHopUnits('opus');
  readonly timestampsPerTick = timestampsPerTick('opus');
  readonly #decoder: AudioDecoder;
  readonly #packets: PacketStore;
  readonly #pcm = new Int16Array(PAYLOAD_TICKS_MAX);

  constructor(decoder: AudioDecoder, packets: PacketStore) {
    this.#decoder = decoder;
    this.#packets = packets;
  }

  ticksOf(payload: Uint8Array, length: number): number {
    return payloadTicks('opus', payload, length);
  }

  /**
   * A packet of which only the end is wanted cannot leave as it came, so that it does not leave at all; nor does one of
   * less than 10 ms, for which there is no replacement.
   */
  begin(payload: Uint8Array, length: number, position: number, skip: number): boolean {
    const ticks = this.ticksOf(payload, length);
    if (this.#decoder.decode(payload, length, this.#pcm) !== ticks) return false;
    if (skip > 0 || ticks % OPUS_FRAME_TICKS !== 0) return false;
    this.#packets.put(position, ticks, payload, length);
    return true;
  }

  read(pcm: Int16Array, at: number, from: number, ticks: number): void {
    for (let n = 0; n < ticks; n += 1) pcm[at + n] = this.#pcm[from + n] ?? 0;
  }

  reset(): void {
    this.#decoder.reset();
    this.#pcm.fill(0);
  }
}
