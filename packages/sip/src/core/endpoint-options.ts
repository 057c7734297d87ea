import type { Log, Scheduler } from '@sordino/core';
import type { IncomingCallHandler, SipHeaders } from '@sordino/interception';
import type { AdmissionOptions } from '../admission/admission-options.ts';
import type { DialogKeeper } from '../farewell/stored-leg.ts';
import { DEFAULT_PARSE_LIMITS } from '../ingress/parse-limits.ts';
import type { MessageParser } from '../ingress/parse-message.ts';
import type { ParseLimits } from '../ingress/parse-result.ts';
import type { LegTiming } from '../legs/leg-timing.ts';
import type { SipResolver } from '../router/dns/sip-resolver.ts';
import type { ListenPoint, SipAddress, SipProtocol, TlsClientFiles } from '../router/transport.ts';
import type { SipTraceEntry } from './trace.ts';

export interface SipEndpointLimits {
  /** Legs at a time, both directions: one more INVITE is answered 503. A leg costs about 20 KB. */
  readonly legs: number;
  readonly parse: ParseLimits;
}

export const DEFAULT_ENDPOINT_LIMITS: SipEndpointLimits = { legs: 4000, parse: DEFAULT_PARSE_LIMITS };

export interface SipEndpointOptions {
  readonly listen: readonly ListenPoint[];
  /** What peers see in Via and Contact; needed when a listening point is bound to all addresses. */
  readonly advertisedHost?: string;
  /** Addresses of DNS servers, `192.0.2.53` or `192.0.2.53:5353`. Default: what the system is set up with. */
  readonly dnsServers?: readonly string[];
  /** Instead of the DNS. */
  readonly resolver?: SipResolver;
  /** For connections of ours over TLS. Default: the authorities of the system, and no certificate of our own. */
  readonly tlsClient?: TlsClientFiles;
  readonly userAgent?: string;
  /** Extensions that the application itself takes in an INVITE, lower case: a peer may require them. Default: none. */
  readonly optionTags?: readonly string[];
  /** User part of our Contact. */
  readonly fixedContactUser?: string;
  readonly log: Log;
  /** Absent: each INVITE is answered 480. */
  readonly onInvite?: IncomingCallHandler;
  /** Answer to an OPTIONS outside a dialog (keep-alive, drain); absent: 200. */
  readonly onOptions?: () => { readonly status: 200 | 503; readonly headers?: SipHeaders };
  readonly trace?: (message: SipTraceEntry) => void;
  readonly limits?: Partial<SipEndpointLimits>;
  readonly timing?: Partial<LegTiming>;
  readonly scheduler?: Scheduler;
  /** Absent: anybody may call, and be called. */
  readonly admission?: AdmissionOptions;
  /** Another parser in the place of ours: for the benchmark, which measures ours against that of sip.js. */
  readonly parse?: MessageParser;
  /** Where every leg is written down, for whoever may have to end it in our place. */
  readonly dialogs?: DialogKeeper;
}

export interface ListeningPoint {
  readonly protocol: SipProtocol;
  /** As bound. */
  readonly local: SipAddress;
  /** As peers see it, ready for a URI: `203.0.113.10:5061`, `[2001:db8::1]:5061`. */
  readonly hostPort: string;
  /** Value of `;transport=` in a URI that leads here. */
  readonly transport: string;
}
