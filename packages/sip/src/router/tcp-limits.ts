/** What a TCP peer may cost us. */
export interface TcpLimits {
  readonly messageBytes: number;
  readonly headerBytes: number;
  readonly messageTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly sendTimeoutMs: number;
  readonly unsentBytes: number;
  readonly connections: number;
  readonly pingEveryMs: number;
  readonly pongMs: number;
}

export const DEFAULT_TCP_LIMITS: TcpLimits = {
  /** Octets of one message: what UDP could carry at most. */
  messageBytes: 65_535,
  /** Octets up to the empty line; the parser refuses longer ones anyway. */
  headerBytes: 16_384,
  /** From the first octet of a message to its last: a peer that drips octets holds a buffer no longer than this. */
  messageTimeoutMs: 10_000,
  /** Without any octet either way. As long as the usual Session-Expires (1800 s), so a quiet call keeps its connection. */
  idleTimeoutMs: 1_800_000,
  /** A SYN that nobody answers: well below timer B (32 s), so that the caller can still do something else. */
  connectTimeoutMs: 4_000,
  /** Queued octets of which none leave: the peer is gone or does not read. */
  sendTimeoutMs: 10_000,
  /** Octets queued for a peer that does not read: about 500 messages. Then the connection is given up. */
  unsentBytes: 1_048_576,
  /** Connections at a time: each may hold one message buffer, so at most 64 MiB. */
  connections: 1_024,
  /** RFC 5626 §4.4.1: a dialled connection without traffic is pinged after 95 to 120 s. */
  pingEveryMs: 110_000,
  /** RFC 5626 §4.4.1: a pong that is not here by then will not come. */
  pongMs: 10_000,
};
