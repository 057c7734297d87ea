import type { HostPort, IncomingCallHandler, SipCalls, SipTransportName } from '@sordino/interception';

export type SimTransport = 'udp' | 'tcp' | 'tls';

/** PEM files with which a party speaks TLS: as server and as client. */
export interface SimTls {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
}

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
  /** Adds what crossed another socket of the same party. */
  record(entry: SimSipTrace): void;
  close(): Promise<void>;
}

/** `sip:user@host:port;transport=…` that leads to a party. */
export function uriOf(user: string, { host, port }: HostPort, transport: SimTransport): string {
  return `sip:${user}@${hostPort({ host, port })};transport=${transport}`;
}

/** RFC 3261 §25.1: an IPv6 address stands in brackets. */
export const hostPort = ({ host, port }: HostPort): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

export type OpenSimSip = (onInvite: IncomingCallHandler) => Promise<SimSip>;
