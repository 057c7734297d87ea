import type { MaskHold, MaskStyle } from '@sordino/core';
import { SAMPLES_PER_MS } from '@sordino/testkit';
import type { LegCodec } from './line-codec.ts';

/** How a key sounds on the line. */
export interface ToneShape {
  readonly durationMs: number;
  /** Of each of the two frequencies, before twist. */
  readonly levelDbm0: number;
  readonly twistDb: number;
  readonly deviationPercent: number;
  readonly rampMs: number;
}

/** A key as it is pressed on the customer's line, times from the beginning of the call. */
export interface PlannedKey {
  readonly key: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Within what ITU-T Q.24 asks a receiver to take, and with nothing of it lost: it has to be captured. */
  readonly mustCapture: boolean;
  readonly tone: ToneShape;
}

/** An RTP packet of the customer, and when it reaches the relay. */
export interface PlannedPacket {
  readonly atMs: number;
  /** Which of the customer's two phones sends it: the second one takes over at a re-INVITE. */
  readonly phone: 0 | 1;
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly payload: Uint8Array;
  /** Place of its audio in the line, samples; undefined for an event. */
  readonly position: number | undefined;
}

/** What signalling changes in mid-call: the peer of one side. */
export interface PlannedChange {
  readonly atMs: number;
  readonly side: 'customer' | 'clean';
  readonly codec: LegCodec;
  readonly phone: 0 | 1;
}

/** One customer's call: all that reaches leg 6, and what we know of it. */
export interface CallPlan {
  /** The class of case it belongs to. */
  readonly name: string;
  readonly durationMs: number;
  readonly keys: readonly PlannedKey[];
  readonly packets: readonly PlannedPacket[];
  /** What the line says, after all damage: 8 kHz samples exactly as the customer's codec holds them. */
  readonly line: Int16Array;
  /** The tones of it alone, sent through the same damage: tells where a tone is audible. */
  readonly tones: Int16Array;
  readonly customerCodec: LegCodec;
  readonly cleanCodec: LegCodec;
  readonly eventPayloadType: number | undefined;
  readonly mask: { readonly style: MaskStyle; readonly hold: MaskHold };
  readonly changes: readonly PlannedChange[];
  readonly packetTimeMs: number;
  readonly srtp: LegSuites;
}

/** Suites that another implementation has, too. */
export type LegSuite = 'AES_CM_128_HMAC_SHA1_80' | 'AEAD_AES_128_GCM';

/** What is encrypted, and how; each side has keys of its own, and new ones at each re-INVITE. */
export interface LegSuites {
  readonly customer?: LegSuite;
  readonly clean?: LegSuite;
}

export const EVENT_PAYLOAD_TYPE = 101;
/** RTP timestamp of the line's first sample: soon wraps. */
export const FIRST_TIMESTAMP = 0xffff_8000;

/** What a plain relay would have let the agent hear: the line, silent where packets were lost. */
export function unmasked(plan: CallPlan): Int16Array {
  const heard = new Int16Array(plan.line.length);
  for (const { position } of plan.packets) {
    if (position === undefined) continue;
    heard.set(plan.line.subarray(position, position + plan.packetTimeMs * SAMPLES_PER_MS), position);
  }
  return heard;
}
