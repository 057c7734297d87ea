/**
 * How a connector reaches its gateway. Implemented by the process over `node:http` and `node:https`, from Buffers: the body holds card data,
 * so it must not become text, be logged, or be kept after the promise settles.
 */
export type FetchBytes = (request: HttpRequest) => Promise<HttpOutcome>;

/** A client that breaks instead of answering may have sent the request. */
export const neverRejecting =
  (fetchBytes: FetchBytes): FetchBytes =>
  async (request) => {
    try {
      return await fetchBytes(request);
    } catch {
      return { kind: 'lost', code: 'client_broke' };
    }
  };

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  /** From the first attempt to connect to the last byte of the answer. */
  readonly timeoutMs: number;
}

export type HttpOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly body: Uint8Array }
  /** Refused, no such host, TLS failed: certain that no byte of the body left. `code` is the system's, such as `ECONNREFUSED`. */
  | { readonly kind: 'not_sent'; readonly code: string }
  /** Reset, timeout or anything else once the request may have left. */
  | { readonly kind: 'lost'; readonly code: string };
