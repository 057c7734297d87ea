import type { LeakSign, MaskAttestation } from '@sordino/core';
import type { MediaDescription } from '@sordino/interception';
import {
  Attestor,
  type AudioDecoder,
  ComfortNoise,
  IDLE_MS,
  payloadTicks,
  RTP_HEADER_BYTES,
} from '@sordino/media';

/** RFC 3550 §5.1: version 2, and neither padding nor extension nor contributing sources (rule 3). */
const PLAIN_RTP = 0x80;
/** 120 ms, the longest packet of any codec, at 8 kHz. */
const SAMPLES_MAX = 960;

export interface Leg7GateOptions {
  /** What is sent in this codec, as linear audio at 8 kHz. */
  readonly decoderOf: (codec: MediaDescription['codec']) => AudioDecoder;
  /** Once for each incident. */
  readonly suspected: (sign: LeakSign) => void;
}

/*
 *   listening --a key is heard, or no audio is to leave--> muted --3 s without another, and no field is collected--> listening
 */

/** What is being listened to, of whichever call: nothing of it is needed when the packet is judged. */
const pcm = new Int16Array(SAMPLES_MAX);
/** The packet in hand and its payload: writers hand out one view again and again. */
let whole: Uint8Array = new Uint8Array(RTP_HEADER_BYTES);
let payload: Uint8Array = whole.subarray(RTP_HEADER_BYTES);

/**
 * The last thing before the socket of leg 7, and before its encryption. It takes the mask's word for nothing: it reads each packet as a
 * listener would, and when it finds what must not leave, this packet and what follows go out as quiet noise (rule 1).
 */
export class Leg7Gate {
  readonly #options: Leg7GateOptions;
  readonly #attestor = new Attestor();
  #codec: MediaDescription['codec'] | undefined;
  #decoder: AudioDecoder | undefined;
  #noise: ComfortNoise | undefined;
  #collecting = false;
  #muted = false;
  #suspectedAtMs = 0;
  #leaksSuspected = 0;

  constructor(options: Leg7GateOptions) {
    this.#options = options;
  }

  get leaksSuspected(): number {
    return this.#leaksSuspected;
  }

  /** A packet on its way to `peer`; it may be changed. `endsMs`: see `StripperSink`. False: it must not leave. */
  pass(packet: Uint8Array, peer: MediaDescription, nowMs: number, endsMs: number): boolean {
    if (!isAgreedAudio(packet, peer)) {
      this.#suspect('packet', nowMs);
      return false;
    }
    if (packet !== whole) {
      whole = packet;
      payload = packet.subarray(RTP_HEADER_BYTES);
    }
    if (this.#muted && !this.#collecting && nowMs - this.#suspectedAtMs >= IDLE_MS) this.#muted = false;
    const samples = this.#decoderFor(peer.codec).decode(payload, payload.length, pcm);
    // Nobody can say what is in it.
    if (samples === 0) {
      this.#suspect('packet', nowMs);
      return false;
    }
    if (this.#attestor.hear(pcm, samples, endsMs, !this.#muted)) this.#suspect('tone', nowMs);
    return !this.#muted || this.#fillWithNoise(payload, peer.codec);
  }

  /** A key was pressed, by the clock of `endsMs`. */
  key(onsetMs: number): void {
    this.#attestor.key(onsetMs);
  }

  setCollecting(collecting: boolean): void {
    this.#collecting = collecting;
  }

  attestation(keysIn: number, lookbackMs: number): MaskAttestation {
    const { tonesOut, worstResidualDbm0, speechDbm0 } = this.#attestor.heard();
    return {
      keys_in: keysIn,
      tones_out: tonesOut,
      worst_residual_dbm0: worstResidualDbm0 ?? null,
      speech_dbm0: speechDbm0 ?? null,
      lookback_ms: lookbackMs,
      complete: true,
    };
  }

  wipe(): void {
    this.#attestor.wipe();
    pcm.fill(0);
    this.#decoder?.reset();
    this.#decoder = undefined;
    this.#codec = undefined;
  }

  #suspect(sign: LeakSign, nowMs: number): void {
    this.#suspectedAtMs = nowMs;
    if (this.#muted) return;
    this.#muted = true;
    this.#leaksSuspected += 1;
    this.#options.suspected(sign);
  }

  #decoderFor(codec: MediaDescription['codec']): AudioDecoder {
    if (this.#decoder !== undefined && this.#codec === codec) return this.#decoder;
    this.#decoder?.reset();
    this.#decoder = this.#options.decoderOf(codec);
    this.#codec = codec;
    this.#noise = undefined;
    return this.#decoder;
  }

  /** False: there is no noise of this size (an Opus packet has any size), so that nothing leaves. */
  #fillWithNoise(payload: Uint8Array, codec: MediaDescription['codec']): boolean {
    if (codec === 'opus') return false;
    this.#noise ??= new ComfortNoise(codec);
    payload.set(this.#noise.next(payloadTicks(codec, payload, payload.length)));
    return true;
  }
}

function isAgreedAudio(packet: Uint8Array, peer: MediaDescription): boolean {
  const payloadType = (packet[1] ?? 0) & 0x7f;
  return (
    packet.length > RTP_HEADER_BYTES &&
    packet[0] === PLAIN_RTP &&
    payloadType === peer.audioPayloadType &&
    // Even where the two were agreed to be the same number.
    payloadType !== peer.eventPayloadType
  );
}
