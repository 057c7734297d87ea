import type { ParseLimits } from './parse-result.ts';

/** What one message may cost us. A message over a limit is refused with 513, never cut and accepted. */
export const DEFAULT_PARSE_LIMITS: ParseLimits = {
  /** Octets: the largest UDP datagram; TCP gets no more. */
  messageBytes: 65_535,
  /** Header lines after unfolding: an INVITE of a large SBC has about 40. */
  headers: 128,
  /** Octets of start line and headers together: room for STIR identities and long User-to-User values. */
  headerBytes: 16_384,
  /** Via elements: RFC 3261 starts Max-Forwards at 70, so no honest path has more hops. */
  vias: 70,
  /** Elements of one list header line. */
  listItems: 64,
};

/** Parameters of one URI or header value. `To` with 16 000 parameters held the event loop for 153 ms in sip.js. */
export const PARAMETERS_MAX = 32;

/** RFC 3261 §8.1.1.5: less than 2**31. */
export const CSEQ_MAX = 2 ** 31 - 1;

/** RFC 3261 §20.22. */
export const MAX_FORWARDS_MAX = 255;

/** Seconds, RFC 3261 §20.19: delta-seconds of Expires go up to 2**32 - 1. */
export const DELTA_SECONDS_MAX = 2 ** 32 - 1;

export const PORT_MAX = 65_535;
