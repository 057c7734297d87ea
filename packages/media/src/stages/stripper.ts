import type { KeyTransport, MaskHold, MaskStyle } from '@sordino/core';
import type { AudioCodec } from '../codecs/audio-codec.ts';
import type { OpusLibrary } from '../codecs/create-codec.ts';

/** One RTP packet of the customer's stream, already checked for source and bounds. `payload` is valid during the call only. */
export interface CustomerPacket {
  readonly payloadType: number;
  readonly marker: boolean;
  /** 16 bits. */
  readonly sequence: number;
  /** 32 bits. */
  readonly timestamp: number;
  /** 32 bits. */
  readonly ssrc: number;
  readonly payload: Uint8Array;
}

export interface StripperOptions {
  readonly customerCodec: AudioCodec;
  readonly customerAudioPayloadType: number;
  /** Undefined: not negotiated; any payload type that is not the audio one is dropped. */
  readonly customerEventPayloadType: number | undefined;
  readonly cleanCodec: AudioCodec;
  /** Output packet time; constant packet size (rule 3), but where Opus packets leave as they came. */
  readonly packetTimeMs: number;
  /** Needed when either codec is Opus, now or after a re-INVITE. */
  readonly opus?: OpusLibrary | undefined;
  readonly lookbackMs: number;
  readonly mask: { readonly style: MaskStyle; readonly hold: MaskHold };
}

/** Where a stripper puts what it makes. Buffers are reused: copy or send before returning. */
export interface StripperSink {
  /**
   * One payload for leg 7; `ticks` (1/8000 s) of audio: exactly `packetTimeMs`, except with Opus on both sides, where packets
   * are as long as the customer's. `marker`: first after a pause in our output. `endsMs`: the time of its last sample, by the
   * clock of the onsets of keys.
   */
  cleanFrame(payload: Uint8Array, marker: boolean, ticks: number, endsMs: number): void;
  /** A key, once however many transports it came by. `eventCode` is its RFC 4733 code, 0-15. */
  key(eventCode: number, transport: KeyTransport, onsetMs: number): void;
  transportUnexpected(transport: 'rfc4733' | 'inband'): void;
  /** A key that came as an event was shorter than any receiver has to hear. It was taken; whoever presses so briefly may lose others. */
  shortKey(): void;
}

export interface StripperFigures {
  readonly framesOut: number;
  readonly framesReplaced: number;
  readonly maskedMs: number;
  readonly eventPacketsRemoved: number;
  readonly keys: number;
  readonly packetsLost: number;
  readonly packetsUninspectable: number;
}

/** The customer->agent direction of one bridge: the chain of stages that no key gets through. */
export interface Stripper {
  packet(packet: CustomerPacket, nowMs: number): void;
  /**
   * An event packet of another stream (SSRC) of the same customer, beside the audio's: heard and masked like one of this
   * stream, whose numbers it does not follow. Before the first packet of this stream nothing is heard of it.
   */
  beside(packet: CustomerPacket, nowMs: number): void;
  /** Call when `dueMs` has come, more often is harmless: emits replacement frames when the customer's packets pause (events without audio, loss, hold). */
  tick(nowMs: number): void;
  /** When the next tick has something to do, as things are now. Infinity: not before a packet comes. */
  dueMs(nowMs: number): number;
  /** A re-INVITE changed the customer's payload types or codec; the output stream goes on without a seam. */
  reconfigure(
    options: Pick<
      StripperOptions,
      'customerCodec' | 'customerAudioPayloadType' | 'customerEventPayloadType' | 'cleanCodec'
    >,
  ): void;
  setCollecting(collecting: boolean): void;
  figures(): StripperFigures;
  /** For rehearsals: from now on nothing is masked that came as audio. There is no way back. */
  maskOff(): void;
  /** Zeroes the delay line and the detectors' state. */
  wipe(): void;
}

export type CreateStripper = (options: StripperOptions, sink: StripperSink) => Stripper;
