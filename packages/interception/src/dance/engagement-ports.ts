import type { Log, Scheduler, SessionId } from '@sordino/core';
import type { InterceptionEvent } from '../events.ts';
import type { PlatformProfile } from '../platform/profile.ts';
import type { MediaRelay } from '../ports/media-relay.ts';
import type { SdpNegotiator } from '../ports/sdp-negotiator.ts';
import type { SipCalls } from '../ports/sip-calls.ts';

/** What one engagement works with; wired by hand in the apps. */
export interface EngagementPorts {
  readonly sip: SipCalls;
  readonly sdp: SdpNegotiator;
  readonly media: MediaRelay;
  readonly scheduler: Scheduler;
  readonly log: Log;
  report(event: InterceptionEvent): void;
  /** Nothing more will happen with this session's call. */
  finished(session: SessionId): void;
}

/** One session's part in it. */
export interface EngagementPlan {
  readonly session: SessionId;
  readonly cycle: number;
  readonly platform: PlatformProfile;
  /** The platform's own id of the call. */
  readonly callId: string;
  /** Where this session wants leg 7, instead of the profile's `returnUri`. */
  readonly returnUri: string | undefined;
  readonly sealTo: Uint8Array;
  readonly mask: Parameters<MediaRelay['open']>[0]['mask'];
}
