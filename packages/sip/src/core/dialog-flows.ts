import type { Dialog } from 'sip.js/lib/core/index.js';
import type { Flow, SipAddress } from '../router/transport.ts';
import type { Edge } from './edge.ts';

export interface HeardOver {
  readonly edge: Edge;
  readonly remote: SipAddress;
}

/**
 * The connection that each dialog was last heard from. A peer whose connection was lost comes back from another port; its tags,
 * which nobody can guess, say that it is the same peer. Streams only: over UDP there is no connection to find.
 */
export class DialogFlows {
  readonly #dialogOf: (id: string) => Dialog | undefined;
  readonly #byDialog = new WeakMap<Dialog, HeardOver>();
  /** Of the message that is being served: its dialog may come into being only by that. */
  #latest: { readonly id: string; readonly over: HeardOver } | undefined;
  #any = false;

  constructor(dialogOf: (id: string) => Dialog | undefined) {
    this.#dialogOf = dialogOf;
  }

  /** False: nothing was ever heard over a stream, and a look is needless. */
  get any(): boolean {
    return this.#any;
  }

  note(id: string, edge: Edge, flow: Flow): void {
    if (flow.protocol === 'udp') return;
    this.#any = true;
    const over = { edge, remote: flow.remote };
    this.#latest = { id, over };
    const dialog = this.#dialogOf(id);
    if (dialog !== undefined) this.#byDialog.set(dialog, over);
  }

  of(id: string): HeardOver | undefined {
    const dialog = this.#dialogOf(id);
    const over = dialog && this.#byDialog.get(dialog);
    return over ?? (this.#latest?.id === id ? this.#latest.over : undefined);
  }
}

/** sip.js' name of the dialog that a request of ours belongs to; a request outside any finds none. */
export function dialogIdOf(request: string): string {
  const callId = /\r\nCall-ID: ([^\r\n]*)/i.exec(request)?.[1] ?? '';
  const from = /\r\nFrom: [^\r\n]*;tag=([^;\r\n]+)/i.exec(request)?.[1] ?? '';
  const to = /\r\nTo: [^\r\n]*;tag=([^;\r\n]+)/i.exec(request)?.[1] ?? '';
  return callId + from + to;
}
