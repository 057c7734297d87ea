import { CallCredentials, type OutboundAccount } from './call-credentials.ts';

/** The credentials of all calls that are up, by Call-ID: so an in-dialog request finds those of its INVITE. */
export class Authorizations {
  readonly #byCallId = new Map<string, CallCredentials>();

  get size(): number {
    return this.#byCallId.size;
  }

  of(callId: string): CallCredentials | undefined {
    return this.#byCallId.get(callId);
  }

  /** Returns what lets go of them. Without accounts nothing is held. */
  hold(callId: string, accounts: readonly OutboundAccount[]): () => void {
    if (accounts.length === 0) return () => {};
    const held = new CallCredentials(accounts);
    this.#byCallId.set(callId, held);
    return () => {
      if (this.#byCallId.get(callId) === held) this.#byCallId.delete(callId);
    };
  }
}
