import type { OutboundAccount } from './digest/call-credentials.ts';
import type { InboundAccount } from './digest/inbound-digest.ts';

/** Who may speak to us, and whom we may call, for one platform. */
export interface PlatformAdmission {
  readonly id: string;
  /** Addresses and CIDR blocks that it speaks from. */
  readonly allow: readonly string[];
  /** Names of its client certificate, of which one must be on a verified certificate. */
  readonly tlsNames: readonly string[];
  /** `host`, or `host:port`, that a request of ours may go to. In a dialog the dialog says where (RFC 3261 §12.2.1.1). */
  readonly callHosts: readonly string[];
  /** What it signs in with, digest as a server. */
  readonly inbound?: Omit<InboundAccount, 'platform'> | undefined;
  /** What we sign in with, digest as a client. */
  readonly outbound?: OutboundAccount | undefined;
}

export interface SourceLimits {
  /** Messages of one source (address, or IPv6 /64) per second. */
  readonly messagesPerS: number;
  /** New INVITEs of one source per second. */
  readonly invitesPerS: number;
  /** TCP, TLS and WebSocket connections of one source at a time. */
  readonly connections: number;
  /** Wrong passwords, and apart from them unknown calls, of one source in a minute, after which it may be stopped (`guesses.ts`). */
  readonly wrongPerMin: number;
}

/**
 * Generous: they keep one source that runs wild from taking everything, and never a platform from its calls. A call costs six
 * messages, so a core is full long before either rate.
 */
export const DEFAULT_SOURCE_LIMITS: SourceLimits = {
  messagesPerS: 10_000,
  invitesPerS: 1_000,
  connections: 256,
  wrongPerMin: 60,
};

export interface AdmissionOptions {
  readonly platforms: readonly PlatformAdmission[];
  readonly limits?: Partial<SourceLimits>;
}
