import type { Scheduler } from '@sordino/core';
import type { ParsedMessage } from '../ingress/parse-result.ts';
import type { SipAddress } from './transport.ts';

/** Timers B and F of RFC 3261 §17.1, ms: then the transaction is over, whatever happens to the connection. */
const TRANSACTION_MS = 32_000;
/** Requests remembered at a time: those of 32 s at 400 calls a second. */
const REQUESTS_MAX = 32_768;

interface Request {
  readonly text: string;
  readonly remote: SipAddress;
  readonly untilMs: number;
}

/**
 * Requests that went over a stream and have no answer yet. What the kernel had taken when the peer reset the connection is lost,
 * and TCP has no timer A or E to repeat it: so it is sent once more over a new connection. Had it arrived all the same, its
 * branch says that it is a repetition (RFC 3261 §17.2.3).
 */
export class Unanswered {
  readonly #scheduler: Scheduler;
  /** In the order they were sent. */
  readonly #requests = new Map<string, Request>();

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Call before a message is sent. */
  sent(text: string, remote: SipAddress): void {
    if (text.startsWith('SIP/2.0 ') || text.startsWith('ACK ')) return;
    const [, method, branch] = /^([A-Z]+) [^\r\n]*\r\nVia: [^\r\n]*;branch=([^;\r\n]+)/.exec(text) ?? [];
    if (branch === undefined) return;
    const nowMs = this.#scheduler.monotonicMs();
    for (const [key, { untilMs }] of this.#requests) {
      if (untilMs > nowMs && this.#requests.size < REQUESTS_MAX) break;
      this.#requests.delete(key);
    }
    this.#requests.set(`${branch} ${method}`, { text, remote, untilMs: nowMs + TRANSACTION_MS });
  }

  received(message: ParsedMessage): void {
    if (message.kind === 'response')
      this.#requests.delete(`${message.vias[0]?.branch} ${message.cseq.method}`);
  }

  /** What went to `remote` and is to be sent again; each request once. */
  takeFor({ host, port }: SipAddress): { readonly text: string; readonly remote: SipAddress }[] {
    const nowMs = this.#scheduler.monotonicMs();
    const taken: Request[] = [];
    for (const [key, request] of this.#requests) {
      if (request.remote.host !== host || request.remote.port !== port) continue;
      this.#requests.delete(key);
      if (request.untilMs > nowMs) taken.push(request);
    }
    return taken;
  }
}
