import type { Scheduler } from '@sordino/core';
import type { DialogKeeper, StoredChange, StoredLeg } from '../farewell/stored-leg.ts';
import type { ParsedMessage } from '../ingress/parse-result.ts';
import type { SipAddress } from '../router/transport.ts';

/** What the book sees of a leg. */
export interface BookedLeg {
  readonly id: string;
  readonly callId: string;
  readonly state: string;
  readonly stored: StoredLeg | undefined;
  /** UAC: its INVITE is about to leave. */
  sending?(invite: string, address: SipAddress): void;
}

const CALL_ID = /\r\nCall-ID: ([^\r\n]+)/;
/** Of answers that put what the request said into force. */
const TARGET_TAKEN = /\r\nCSeq: \d+ (?:INVITE|UPDATE)\r\n/;

/**
 * Writes down every leg as it would be left behind, for whoever has to end it should this process die. Changes of one turn of the
 * event loop are one write; and none is still to be written when a message leaves, or a peer could be in a dialog that
 * nobody else has heard of.
 */
export class LegBook {
  readonly #keeper: DialogKeeper;
  readonly #scheduler: Scheduler;
  readonly #changed = new Set<BookedLeg>();
  readonly #written = new Set<string>();
  /** By Call-ID. */
  readonly #legs = new Map<string, BookedLeg>();
  #over: string[] = [];
  #soon = false;

  constructor(keeper: DialogKeeper, scheduler: Scheduler) {
    this.#keeper = keeper;
    this.#scheduler = scheduler;
  }

  changed(leg: BookedLeg): void {
    if (leg.state === 'ended') return;
    this.#legs.set(leg.callId, leg);
    this.#changed.add(leg);
    this.#flushSoon();
  }

  over(leg: BookedLeg): void {
    this.#changed.delete(leg);
    if (this.#legs.get(leg.callId) === leg) this.#legs.delete(leg.callId);
    if (!this.#written.delete(leg.id)) return;
    this.#over.push(leg.id);
    this.#flushSoon();
  }

  /** RFC 3261 §12.2.1.2, RFC 3311 §5.1: the answer to an INVITE or UPDATE may bring a new target, and so may the request. */
  heard(message: ParsedMessage): void {
    const { callId, cseq } = message;
    if (cseq.method !== 'INVITE' && cseq.method !== 'UPDATE') return;
    if (message.kind === 'request' || message.status >= 200) this.#lookAgain(callId);
  }

  /** A message is about to leave. */
  sending(message: string, address: SipAddress): void {
    if (message.startsWith('INVITE ')) {
      const leg = this.#legs.get(callIdOf(message));
      leg?.sending?.(message, address);
      if (leg !== undefined) this.#changed.add(leg);
    }
    // A leg that is over can wait for the end of the turn: whoever ended it again would be told that it is gone.
    if (this.#changed.size > 0) this.flush();
    if (message.startsWith('SIP/2.0 2') && TARGET_TAKEN.test(message)) this.#lookAgain(callIdOf(message));
  }

  flush(): void {
    if (this.#changed.size === 0 && this.#over.length === 0) return;
    const changes: StoredChange[] = this.#over.map((over) => ({ over }));
    this.#over = [];
    for (const leg of this.#changed) {
      const { stored } = leg;
      if (stored === undefined) continue;
      this.#written.add(leg.id);
      changes.push({ leg: stored });
    }
    this.#changed.clear();
    if (changes.length > 0) this.#keeper.write(changes);
  }

  #lookAgain(callId: string): void {
    const leg = this.#legs.get(callId);
    if (leg !== undefined) this.changed(leg);
  }

  #flushSoon(): void {
    if (this.#soon) return;
    this.#soon = true;
    this.#scheduler.after(0, () => {
      this.#soon = false;
      this.flush();
    });
  }
}

const callIdOf = (message: string): string => CALL_ID.exec(message)?.[1] ?? '';
