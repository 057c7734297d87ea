import type { AudioDecoder, AudioEncoder, LinearRateHz, OpusLibrary } from '@sordino/media';
import createLibopus, {
  type LibopusHandler,
  type LibopusModule,
} from 'opusscript/build/opusscript_native_wasm.js';

/** RFC 6716 §3.2.1: 1275 octets a frame; six of 20 ms in a packet are what we would ever look at. */
const PACKET_BYTES_MAX = 6 * 1275;
/** The library writes up to 120 ms at 48 kHz whatever the rate, each octet of a sample in 16 bits of its own. */
const PCM_OCTETS_MAX = 5760 * 2;
const BYTES_PER_OCTET = 2;

/** `OPUS_APPLICATION_RESTRICTED_LOWDELAY`: no speech mode, so that frames of one length have one configuration. */
const LOW_DELAY = 2051;
const SET_BITRATE = 4002;
const SET_VBR = 4006;
const SET_COMPLEXITY = 4010;
const SET_INBAND_FEC = 4012;
const SET_DTX = 4016;
const RESET_STATE = 4028;
const SET_PREDICTION_DISABLED = 4042;
/** Wideband speech without a flaw that a telephone would show; 40 octets in 10 ms. */
const BITRATE = 32_000;
/** Of 0 to 10: above it more time buys nothing that is heard in speech. */
const COMPLEXITY = 5;

/**
 * libopus 1.4 in WebAssembly, as opusscript builds it: loaded once for each worker, in its warm-up (some 40 ms). Its module is used
 * directly: the wrapper around it takes byte addresses for indices of 16-bit words, and so has libopus write outside of the
 * memory that it reserved, where with many calls other decoders are.
 */
export class WasmOpus implements OpusLibrary {
  #memory: LibopusMemory | undefined;

  decoder(rateHz: LinearRateHz): AudioDecoder {
    return new WasmDecoder(this.#loaded(), rateHz);
  }

  encoder(rateHz: LinearRateHz): AudioEncoder {
    return new WasmEncoder(this.#loaded(), rateHz);
  }

  #loaded(): LibopusMemory {
    this.#memory ??= new LibopusMemory();
    return this.#memory;
  }
}

/** One packet and one frame of samples, handed in and out of the library's memory: calls follow each other, so one is enough. */
class LibopusMemory {
  readonly module: LibopusModule = createLibopus();
  readonly packetAt = this.module._malloc(PACKET_BYTES_MAX);
  readonly pcmAt = this.module._malloc(PCM_OCTETS_MAX * BYTES_PER_OCTET);

  writePacket(payload: Uint8Array, length: number): void {
    const bytes = this.module.HEAPU8;
    for (let n = 0; n < length; n += 1) bytes[this.packetAt + n] = payload[n] ?? 0;
  }

  readPacket(into: Uint8Array, length: number): void {
    const bytes = this.module.HEAPU8;
    for (let n = 0; n < length; n += 1) into[n] = bytes[this.packetAt + n] ?? 0;
  }

  writePcm(pcm: Int16Array, samples: number): void {
    const octets = this.module.HEAPU16;
    const at = this.pcmAt / BYTES_PER_OCTET;
    for (let n = 0; n < samples; n += 1) {
      const sample = pcm[n] ?? 0;
      octets[at + 2 * n] = sample & 0xff;
      octets[at + 2 * n + 1] = (sample >> 8) & 0xff;
    }
  }

  readPcm(into: Int16Array, samples: number): void {
    const octets = this.module.HEAPU16;
    const at = this.pcmAt / BYTES_PER_OCTET;
    for (let n = 0; n < samples; n += 1) {
      into[n] = ((octets[at + 2 * n] ?? 0) & 0xff) | ((octets[at + 2 * n + 1] ?? 0) << 8);
    }
  }

  /** What was decoded may have been a key (rule 6). */
  wipe(): void {
    this.module.HEAPU8.fill(0, this.packetAt, this.packetAt + PACKET_BYTES_MAX);
    this.module.HEAPU8.fill(0, this.pcmAt, this.pcmAt + PCM_OCTETS_MAX * BYTES_PER_OCTET);
  }
}

class WasmDecoder implements AudioDecoder {
  readonly #memory: LibopusMemory;
  readonly #rateHz: LinearRateHz;
  #handler: LibopusHandler | undefined;

  constructor(memory: LibopusMemory, rateHz: LinearRateHz) {
    this.#memory = memory;
    this.#rateHz = rateHz;
  }

  decode(payload: Uint8Array, length: number, into: Int16Array): number {
    // An empty packet would have the library invent audio (its loss concealment).
    if (length < 1 || length > PACKET_BYTES_MAX) return 0;
    const { module, packetAt, pcmAt } = this.#memory;
    this.#handler ??= new module.OpusScriptHandler(this.#rateHz, 1, LOW_DELAY);
    this.#memory.writePacket(payload, length);
    const samples = this.#handler._decode(packetAt, length, pcmAt);
    if (samples <= 0 || samples > into.length) return 0;
    this.#memory.readPcm(into, samples);
    return samples;
  }

  reset(): void {
    if (this.#handler === undefined) return;
    this.#handler._decoder_ctl(RESET_STATE, 0);
    this.#memory.module.OpusScriptHandler.destroy_handler(this.#handler);
    this.#handler = undefined;
    this.#memory.wipe();
  }
}

class WasmEncoder implements AudioEncoder {
  readonly #memory: LibopusMemory;
  readonly #rateHz: LinearRateHz;
  #handler: LibopusHandler | undefined;

  constructor(memory: LibopusMemory, rateHz: LinearRateHz) {
    this.#memory = memory;
    this.#rateHz = rateHz;
  }

  encode(pcm: Int16Array, samples: number, into: Uint8Array): number {
    const { packetAt, pcmAt } = this.#memory;
    const tenMs = this.#rateHz / 100;
    if (samples !== tenMs && samples !== 2 * tenMs) return 0;
    this.#handler ??= this.#begin();
    this.#memory.writePcm(pcm, samples);
    const octets = this.#handler._encode(pcmAt, 2 * samples, packetAt, samples);
    if (octets <= 0 || octets > into.length) return 0;
    this.#memory.readPacket(into, octets);
    return octets;
  }

  reset(): void {
    if (this.#handler === undefined) return;
    this.#handler._encoder_ctl(RESET_STATE, 0);
    this.#memory.module.OpusScriptHandler.destroy_handler(this.#handler);
    this.#handler = undefined;
    this.#memory.wipe();
  }

  /** Of constant size, and each frame by itself, so that it sounds the same after whatever came before: no prediction from
   * the frame before, no FEC that repeats it, no silence that shows as size. */
  #begin(): LibopusHandler {
    const handler = new this.#memory.module.OpusScriptHandler(this.#rateHz, 1, LOW_DELAY);
    handler._encoder_ctl(SET_BITRATE, BITRATE);
    handler._encoder_ctl(SET_VBR, 0);
    handler._encoder_ctl(SET_COMPLEXITY, COMPLEXITY);
    handler._encoder_ctl(SET_INBAND_FEC, 0);
    handler._encoder_ctl(SET_DTX, 0);
    handler._encoder_ctl(SET_PREDICTION_DISABLED, 1);
    return handler;
  }
}
