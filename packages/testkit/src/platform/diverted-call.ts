import type { LegRole } from '@sordino/core';
import type { SipLegEnd } from '@sordino/interception';
import type { SpokenCodec } from '../audio/codec.ts';
import type { CustomerSide } from './customer-side.ts';
import type { LegTimeline } from './leg-timeline.ts';
import type { MediaBridge } from './media-bridge.ts';
import type { PacketCapture } from './packet-capture.ts';
import type { SimSip } from './sim-sip.ts';

/** What a diversion uses of the call it diverts. */
export interface DivertedCall {
  readonly sip: SimSip;
  readonly host: string;
  readonly bridge: MediaBridge;
  readonly customer: CustomerSide;
  readonly agentCodec: SpokenCodec;
  readonly timeline: LegTimeline;
  readonly capture: PacketCapture;
  /** Caller's number as the platform shows it: `sip:+44…@platform`. */
  readonly callerUri: string;
  readonly returnUri: string;
  nextSdpSessionId(): number;
  ended(role: LegRole, cycle: number, end: SipLegEnd): void;
  /** The customer can neither be moved nor taken back: the call is beyond help. */
  broken(): void;
}
