/** Between the load (parent) and the system under test (child), over the IPC channel of `fork`. */

export interface SystemSetup {
  readonly type: 'start';
  /** Where leg 7 goes: the load's second socket. */
  readonly returnUri: string;
  /** sip.js' own parser in the place of ours: what it is measured against. */
  readonly parser: 'ours' | 'sip.js';
  /** Finished transactions are forgotten after so long; undefined: as RFC 3261 has it, 32 s over UDP. */
  readonly transactionMemoryMs: number | undefined;
}

export type SystemRequest =
  | SystemSetup
  /** So many sessions, as the session API would create them, each with its one-time token. */
  | { readonly type: 'tokens'; readonly count: number }
  | { readonly type: 'sample'; readonly collectGarbage: boolean }
  | { readonly type: 'stop' };

export interface SystemSample {
  /** User and system time of the process so far. */
  readonly cpuMs: number;
  readonly heapUsedBytes: number;
  readonly rssBytes: number;
  /** What could leak, from the endpoint and the interceptor: all 0 when nothing is going on. */
  readonly open: Readonly<Record<string, number>>;
  /** Errors that the system logged. */
  readonly errors: number;
}

export type SystemAnswer =
  | { readonly type: 'started'; readonly sipPort: number; readonly tcpPort: number }
  /** Fewer than asked for: the system has as many calls as it takes. */
  | { readonly type: 'tokens'; readonly tokens: readonly string[] }
  | { readonly type: 'sample'; readonly sample: SystemSample }
  | { readonly type: 'failed'; readonly problem: string };
