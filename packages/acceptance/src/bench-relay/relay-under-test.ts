/** What a call is made of: PCMU as it is, PCMU in SRTP (AES_CM_128_HMAC_SHA1_80), or Opus; on both legs the same, packets of 20 ms. */
export type Media = 'RTP' | 'SRTP' | 'Opus';
/** One of the dynamic ones. */
export const OPUS_PAYLOAD_TYPE = 111;

/** Key and salt, all zero: what the generator sends with. */
export const GENERATOR_KEY = new Uint8Array(30);
export const SRTP_KEY_BYTES = 16;

/** The ports that the two ends of a call send to, and the key and salt that they hear (hexadecimal), where the call is encrypted. */
export interface OpenedCall {
  readonly customer: number;
  readonly clean: number;
  readonly keys?: readonly [customer: string, clean: string] | undefined;
}

/** A relay that the benchmark drives: a process of its own. */
export interface RelayUnderTest extends AsyncDisposable {
  readonly pid: number;
  /** Fixed delay of the customer's voice on its way to the agent, and of the agent's on its way back; not counted as added. */
  readonly lookbackMs: { readonly toAgent: number; readonly toCustomer: number };
  /** Opus packets leave as they came; else each is encoded anew, and only that it comes, and when, can be told. */
  readonly keepsOpusPackets: boolean;
  /** With SRTP, what both ends send with is `GENERATOR_KEY`. */
  openCall(customerPort: number, cleanPort: number, media: Media): Promise<OpenedCall>;
  /** What only a relay of Node has: what went into collections of garbage, and the lateness of its loop, since the last time. */
  troubles(): Promise<RelayTroubles | undefined>;
}

export interface RelayTroubles {
  readonly gcMsPerS: number;
  readonly gcMaxMs: number;
  readonly loopLagMs: number;
}
