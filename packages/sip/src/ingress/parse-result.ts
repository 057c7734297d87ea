/**
 * A SIP message after the strict parser: bounded, checked, percent-escapes untouched. The core layer turns it into the
 * `IncomingRequestMessage` / `IncomingResponseMessage` that sip.js wants; nothing else reads raw octets.
 */
export interface ParsedHeader {
  /** Canonical long name, e.g. `Via`, `Call-ID`, `X-Sordino-Token`. Compact forms are expanded. */
  readonly name: string;
  /** Unfolded, trimmed; list headers (Via, Contact, Route, Record-Route, Supported …) have one entry per element. */
  readonly value: string;
}

export interface ParsedUri {
  /** Lower case. */
  readonly scheme: string;
  /** As written: never decoded. */
  readonly rawUser: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
  /** Names lower case. */
  readonly params: ReadonlyMap<string, string | undefined>;
  /** As written. */
  readonly text: string;
}

export interface ParsedNameAddr {
  readonly displayName: string | undefined;
  readonly uri: ParsedUri;
  /** Header parameters, names lower case: `tag`, `expires` … */
  readonly params: ReadonlyMap<string, string | undefined>;
}

export interface ParsedVia {
  /** Upper case: UDP, TCP, TLS, WS, WSS or an unknown token. */
  readonly transport: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly branch: string | undefined;
  readonly params: ReadonlyMap<string, string | undefined>;
}

interface ParsedCommon {
  readonly headers: readonly ParsedHeader[];
  readonly vias: readonly ParsedVia[];
  readonly from: ParsedNameAddr;
  readonly to: ParsedNameAddr;
  readonly callId: string;
  readonly cseq: { readonly number: number; readonly method: string };
  /** Absent, `*`, or as given. */
  readonly contacts: readonly ParsedNameAddr[];
  /** Octets, exactly Content-Length of them (UDP without Content-Length: to the end of the datagram). */
  readonly body: Uint8Array;
  readonly contentType: string | undefined;
}

export interface ParsedRequest extends ParsedCommon {
  readonly kind: 'request';
  readonly method: string;
  readonly requestUri: ParsedUri;
}

export interface ParsedResponse extends ParsedCommon {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
}

export type ParsedMessage = ParsedRequest | ParsedResponse;

/**
 * `drop`: not answerable (a broken response, no usable Via, keep-alive, scanner noise).
 * `refuse`: a request that deserves a final answer; `answer` is the complete response, ready to send back.
 */
export type ParseResult =
  | { readonly kind: 'message'; readonly message: ParsedMessage }
  | { readonly kind: 'refuse'; readonly status: number; readonly problem: string; readonly answer: string }
  | { readonly kind: 'drop'; readonly problem: string };

export interface ParseLimits {
  readonly messageBytes: number;
  readonly headers: number;
  readonly headerBytes: number;
  readonly vias: number;
  readonly listItems: number;
}
