export interface ClientOptions {
  /** `https://sordino.example.com`; in a page of the same origin: `''`. */
  readonly baseUrl: string;
  /** API key, agent token or client secret; a function is asked for each request, for tokens that are renewed. */
  readonly credential: string | (() => string | Promise<string>);
  /** How often a request is sent again where that cannot do it twice; 2 when left out. */
  readonly retries?: number;
  /** Of one attempt, ms; 60,000 when left out: `confirmSession` waits for the gateway. */
  readonly timeoutMs?: number;
  /** Left out: the platform's own. */
  readonly fetch?: typeof globalThis.fetch;
}

export const RETRIES_DEFAULT = 2;
export const TIMEOUT_DEFAULT_MS = 60_000;
/** Longer than that nobody waits at a desk: then the error is the answer. */
export const RETRY_AFTER_MAX_MS = 10_000;
const BACK_OFF_MS = 200;

/** Doubles each time, and two clients that failed together do not come back together. */
export const backOffMs = (attempt: number): number => BACK_OFF_MS * 2 ** attempt * (0.5 + Math.random() / 2);

export const authorization = async ({ credential }: ClientOptions): Promise<string> =>
  `Bearer ${typeof credential === 'string' ? credential : await credential()}`;

/** Resolves after so many ms, or at once when `signal` aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}
