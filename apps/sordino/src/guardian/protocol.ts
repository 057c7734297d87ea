/** What guardian and service say to each other over their channel. */

/** Between two signs of life, ms: four of them fit into a second, and cost nothing. */
export const HEARTBEAT_MS = 250;

/** What the next service takes over from the one that died, and the first from nobody. */
export interface Carried {
  /** For what must not outlive the guardian: dialogs where the store is in memory. */
  readonly scratch: string;
  /** Where it listened: an address that was free then is known to pages and platforms now. */
  readonly bound: Bound | undefined;
  /** Of this run, where none is configured. */
  readonly apiKey: string | undefined;
}

export interface Bound {
  /** Port of each of `sip.listen`, in order. */
  readonly sip: readonly number[];
  readonly api: number;
}

export type ToService =
  | { readonly kind: 'begin'; readonly carried: Carried }
  /** `atOnce`: nobody waits for payments any more. */
  | { readonly kind: 'stop'; readonly atOnce: boolean };

export type ToGuardian =
  | { readonly kind: 'beat' }
  /** Where its dialogs are written down, from now on. */
  | { readonly kind: 'dialogs'; readonly file: string }
  | { readonly kind: 'ready'; readonly bound: Bound; readonly apiKey: string | undefined };
