import { randomInt } from 'node:crypto';
import type { Cancel } from '@sordino/core';
import type { InviteUserAgentServer, Session, UserAgentServer } from 'sip.js/lib/core/index.js';
import type { EdgeRequest } from '../core/edge-message.ts';
import type { LegContext } from './leg-context.ts';

/** RFC 3262 §3: first interval between repetitions, doubled each time. */
const T1_MS = 500;
/** RFC 3262 §3: 64*T1 without PRACK, and the INVITE is refused. */
const GIVE_UP_MS = 64 * T1_MS;
/** RFC 3262 §3: the first RSeq is from 1 to 2^31 - 1. */
const FIRST_RSEQ_MAX = 2 ** 31 - 1;
const RACK = /^(\d{1,10})\s+(\d{1,10})\s+(\S+)$/;

/**
 * Our 180 and 183 to a caller that requires 100rel (RFC 3262), one after the other. They carry no SDP, so the 200 need not
 * wait for the PRACK.
 */
export class ReliableProvisional {
  readonly #context: LegContext;
  readonly #uas: InviteUserAgentServer;
  readonly #giveUp: () => void;
  #rseq = randomInt(1, FIRST_RSEQ_MAX);
  /** The one that waits for its PRACK, or waited when the final answer went out. */
  #awaited: number | undefined;
  #cancel: Cancel = () => {};

  constructor(context: LegContext, uas: InviteUserAgentServer, giveUp: () => void) {
    this.#context = context;
    this.#uas = uas;
    this.#giveUp = giveUp;
  }

  /** RFC 3262 §3: no second one before the first is acknowledged; undefined then, and nothing is sent. */
  send(statusCode: number): Session | undefined {
    if (this.#awaited !== undefined) return undefined;
    this.#awaited = this.#rseq;
    this.#rseq += 1;
    const rseq = this.#awaited;
    const once = (): Session =>
      this.#uas.progress({ statusCode, extraHeaders: ['Require: 100rel', `RSeq: ${rseq}`] }).session;
    const session = once();
    this.#repeat(once, T1_MS, 0);
    return session;
  }

  /** The final answer is out. */
  stop(): void {
    this.#cancel();
  }

  answerPrack(server: UserAgentServer, request: EdgeRequest): void {
    const [, rseq, cseq, method] = RACK.exec(request.value('RAck') ?? '') ?? [];
    const matches =
      Number(rseq) === this.#awaited && Number(cseq) === this.#uas.message.cseq && method === 'INVITE';
    if (!matches) {
      server.reject({ statusCode: 481 });
      return;
    }
    this.#awaited = undefined;
    this.#cancel();
    // RFC 3262 §5: our provisional answers have no SDP, so none may stand here.
    if (request.sdp === undefined) server.accept({ statusCode: 200 });
    else server.reject({ statusCode: 488 });
  }

  #repeat(once: () => void, delayMs: number, sinceMs: number): void {
    this.#cancel = this.#context.scheduler.after(delayMs, () => {
      const nowMs = sinceMs + delayMs;
      if (nowMs >= GIVE_UP_MS) {
        this.#giveUp();
        return;
      }
      once();
      this.#repeat(once, Math.min(2 * delayMs, GIVE_UP_MS - nowMs), nowMs);
    });
  }
}
