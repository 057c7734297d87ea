import type { HostPort, IncomingCallHandler, SipCalls, SipTransportName } from '@sordino/interception';

export type SimTransport = 'udp' | 'tcp';

/** One SIP message as a party sent or received it: the trace entry of `@sordino/sip`. */
export interface SimSipTrace {
  /** Unix ms. */
  readonly atMs: number;
  readonly direction: 'in' | 'out';
  readonly flow: { readonly protocol: SipTransportName; readonly local: HostPort; readonly remote: HostPort };
  readonly text: string;
}

/** A whole demo has some two hundred messages; retransmissions of a failure test make it a few times more. */
export const TRACE_ENTRIES_MAX = 5_000;

/** What a simulated party needs from a SIP endpoint: the port of the product's call model, and a life cycle. */
export interface SimSip extends SipCalls {
  local(transport: SimTransport): HostPort;
  readonly trace: readonly SimSipTrace[];
  close(): Promise<void>;
}

export type OpenSimSip = (onInvite: IncomingCallHandler) => Promise<SimSip>;
