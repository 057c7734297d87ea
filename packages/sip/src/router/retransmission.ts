import type { Cancel, Scheduler } from '@sordino/core';
import type { ParsedMessage, ParsedVia } from '../ingress/parse-result.ts';
import { readOutgoing } from './outgoing-message.ts';

/** RFC 3261 §17: estimate of the round trip, ms. */
const T1_MS = 500;
/** Longest time between two repetitions of a non-INVITE request or of a final response to INVITE, ms. */
const T2_MS = 4_000;
/** Timers B, F and H: after this the transaction is given up, ms. */
const TRANSACTION_TIMEOUT_MS = 64 * T1_MS;

/** Messages under repetition at a time: at 400 calls/s and total loss 32 s hold about 26 000. Above it nothing is repeated. */
const PENDING_MAX = 65_536;

type Timer = 'A' | 'E' | 'G';

interface Pending {
  readonly timer: Timer;
  readonly resend: () => void;
  readonly giveUpAtMs: number;
  intervalMs: number;
  cancel: Cancel;
}

/**
 * Repeats on UDP what sip.js sends once. sip.js has no timers A, E and G; it does have B, F, H, L, M, it repeats an ACK
 * when a final response comes again, a final response when the request comes again, and its dialogs repeat a 2xx to
 * INVITE until the ACK (timer L ends that): none of those is touched here.
 *
 *   A  INVITE request: after T1, then twice as long each time; any response ends it (RFC 3261 §17.1.1.2)
 *   E  other requests but ACK: the same up to T2; a 1xx sets T2, a final response ends it (§17.1.2.2)
 *   G  3xx-6xx to INVITE: the same up to T2; the ACK ends it (§17.2.1)
 *
 * A key is the branch and sent-by of the top Via and the CSeq method: CANCEL shares a branch with its INVITE.
 */
export class Retransmissions {
  readonly #scheduler: Scheduler;
  readonly #pending = new Map<string, Pending>();

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Messages that are being repeated now. */
  get size(): number {
    return this.#pending.size;
  }

  /** Call once a message was given to a UDP socket. `resend` sends the same octets again; it must not throw. */
  sent(message: string, resend: () => void): void {
    if (!isRepeated(message)) return;
    const read = readOutgoing(message);
    const branch = read?.topVia.branch;
    if (read === undefined || branch === undefined) return;
    const { start, cseqMethod } = read;
    let timer: Timer;
    if (start.kind === 'request') timer = start.method === 'INVITE' ? 'A' : 'E';
    else if (cseqMethod === 'INVITE') timer = 'G';
    else return;
    const key = keyOf(timer === 'G' ? 'in' : 'out', read.topVia, cseqMethod);
    // A final response that sip.js repeats itself keeps the timer it has.
    if (this.#pending.has(key) || this.#pending.size >= PENDING_MAX) return;
    const giveUpAtMs = this.#scheduler.monotonicMs() + TRANSACTION_TIMEOUT_MS;
    const pending: Pending = { timer, resend, giveUpAtMs, intervalMs: T1_MS, cancel: () => {} };
    this.#pending.set(key, pending);
    this.#schedule(key, pending);
  }

  /** Call for each message that the parser let through, before the core sees it. */
  received(message: ParsedMessage): void {
    const via = message.vias[0];
    if (via?.branch === undefined) return;
    if (message.kind === 'request') {
      if (message.method === 'ACK') this.#end(keyOf('in', via, 'INVITE'));
      return;
    }
    const key = keyOf('out', via, message.cseq.method);
    const pending = this.#pending.get(key);
    if (pending === undefined) return;
    if (pending.timer === 'E' && message.status < 200) {
      pending.intervalMs = T2_MS;
      pending.cancel();
      this.#schedule(key, pending);
    } else this.#end(key);
  }

  /** Ends all repetition: the transport is going. */
  stop(): void {
    for (const key of [...this.#pending.keys()]) this.#end(key);
  }

  #schedule(key: string, pending: Pending): void {
    if (this.#scheduler.monotonicMs() + pending.intervalMs >= pending.giveUpAtMs) {
      this.#pending.delete(key);
      return;
    }
    pending.cancel = this.#scheduler.after(pending.intervalMs, () => {
      pending.resend();
      const next = pending.intervalMs * 2;
      pending.intervalMs = pending.timer === 'A' ? next : Math.min(next, T2_MS);
      this.#schedule(key, pending);
    });
  }

  #end(key: string): void {
    this.#pending.get(key)?.cancel();
    this.#pending.delete(key);
  }
}

/** Most of what leaves is not: an ACK, and what sip.js repeats itself. */
const isRepeated = (message: string): boolean => !/^(?:ACK |SIP\/2\.0 [12])/.test(message);

/**
 * `in`: a transaction of a peer, whose branch is unique only beside its sent-by (RFC 3261 §17.2.3). `out`: one of ours,
 * found by the branch alone (§17.1.3).
 */
function keyOf(side: 'in' | 'out', via: ParsedVia, method: string): string {
  const sentBy = side === 'in' ? `${via.host.toLowerCase()}:${via.port ?? ''}` : '';
  return `${side}|${via.branch}|${sentBy}|${method}`;
}
