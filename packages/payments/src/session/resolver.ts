import type { AttemptId } from '@sordino/core';
import type { ChargeAttempt } from '../charge/attempt.ts';
import { isOpenAttempt } from '../charge/outcome.ts';
import type { ChargeOutcome } from '../gateways/outcome.ts';
import type { Operations } from '../operations/operations.ts';
import { raise } from './attention.ts';
import type { ServiceContext } from './context.ts';
import { traceOf } from './keep-memo.ts';
import { NEVER_MADE_AFTER_MS, REVERSE_AFTER_MS } from './limits.ts';
import { type Round, Rounds } from './rounds.ts';
import { settle } from './settle.ts';

/** Finds out what became of charges whose answer was lost: asks by reference, undoes by reference where that is wanted, never sends again (rule 7). */
export class Resolver {
  readonly #context: ServiceContext;
  readonly #operations: Operations;
  readonly #rounds: Rounds<AttemptId>;

  constructor(context: ServiceContext, operations: Operations) {
    this.#context = context;
    this.#operations = operations;
    this.#rounds = new Rounds(context.deps.scheduler);
  }

  follow(id: AttemptId, ageMs = 0): void {
    this.#rounds.follow(id, (round) => this.#round(id, round), ageMs);
  }

  /** Not yet given up: the gateway may still tell by itself. */
  isAsking(id: AttemptId): boolean {
    return this.#rounds.isFollowing(id);
  }

  /** Asks once, now. True when the outcome is known and recorded. */
  async askNow(attempt: ChargeAttempt, ageMs: number): Promise<boolean> {
    const { deps, queues } = this.#context;
    const outcome = conclusive(await this.#query(attempt), ageMs);
    await queues.run(attempt.session, () => settle(this.#context, attempt, outcome));
    const now = deps.store.attempt(attempt.id);
    return now !== undefined && !isOpenAttempt(now);
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  async #round(id: AttemptId, { ageMs, last }: Round): Promise<boolean> {
    const attempt = this.#context.deps.store.attempt(id);
    if (attempt === undefined || !isOpenAttempt(attempt)) return true;
    if (await this.askNow(attempt, ageMs).catch(() => false)) return true;
    if (ageMs >= REVERSE_AFTER_MS && (await this.#operations.reverse(attempt))) return true;
    if (last)
      await raise(this.#context, attempt, {
        code: 'outcome_still_unknown',
        message: 'the outcome of a charge is still unknown: look it up at the gateway',
      });
    return false;
  }

  async #query(attempt: ChargeAttempt): Promise<ChargeOutcome | { readonly kind: 'not_found' }> {
    const gateway = this.#context.deps.gateways.get(attempt.connector);
    if (gateway === undefined) return { kind: 'unknown', code: 'connector_gone' };
    try {
      return await gateway.query(traceOf(this.#context, attempt));
    } catch {
      return { kind: 'unknown', code: 'gateway_broke' };
    }
  }
}

/**
 * What an answer to a query proves. `not_found` right after a timeout may mean that the charge is still on its way; only when it stays
 * unheard of for long was it never made.
 */
function conclusive(answer: ChargeOutcome | { readonly kind: 'not_found' }, ageMs: number): ChargeOutcome {
  switch (answer.kind) {
    case 'approved':
    case 'declined':
    case 'failed':
      return answer;
    case 'not_found':
      return ageMs >= NEVER_MADE_AFTER_MS
        ? { kind: 'failed', code: 'charge_not_received' }
        : { kind: 'unknown', code: 'not_found_yet' };
    case 'not_sent':
    case 'unknown':
      return { kind: 'unknown', code: answer.code };
  }
}
