import type { AttemptId, Cancel } from '@sordino/core';
import type { ChargeAttempt } from '../charge/attempt.ts';
import { isOpenAttempt } from '../charge/outcome.ts';
import type { ChargeOutcome } from '../gateways/outcome.ts';
import type { ServiceContext } from './context.ts';
import { traceOf } from './keep-memo.ts';
import { RESOLVE_AFTER_MS } from './limits.ts';
import { settle } from './settle.ts';

/** Finds out what became of charges whose answer was lost: asks by reference, never sends again (rule 7). */
export class Resolver {
  readonly #context: ServiceContext;
  readonly #waiting = new Map<AttemptId, Cancel>();
  readonly #asking = new Set<Promise<void>>();
  #stopped = false;

  constructor(context: ServiceContext) {
    this.#context = context;
  }

  /** Asks again and again, further and further apart, until the outcome is known or the schedule ends. */
  follow(id: AttemptId, round = 0): void {
    const delayMs = RESOLVE_AFTER_MS[round];
    if (this.#stopped || delayMs === undefined || this.#waiting.has(id)) return;
    const ask = (): void => {
      this.#waiting.delete(id);
      const asking = this.#round(id, round);
      this.#asking.add(asking);
      asking.finally(() => this.#asking.delete(asking)).catch(() => {});
    };
    this.#waiting.set(id, this.#context.deps.scheduler.after(delayMs, ask));
  }

  /** Asks once, now. True when the outcome is known and recorded. `last`: nobody will ask again for now. */
  async askNow(attempt: ChargeAttempt, last: boolean): Promise<boolean> {
    const { deps, queues } = this.#context;
    const outcome = conclusive(await this.#query(attempt), last);
    await queues.run(attempt.session, () => settle(this.#context, attempt, outcome));
    const now = deps.store.attempt(attempt.id);
    return now !== undefined && !isOpenAttempt(now);
  }

  /** Nothing is asked after this; what is being asked is waited for. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#waiting.values()) cancel();
    this.#waiting.clear();
    await Promise.allSettled([...this.#asking]);
  }

  async #round(id: AttemptId, round: number): Promise<void> {
    const { store, log } = this.#context.deps;
    const attempt = store.attempt(id);
    if (attempt === undefined || !isOpenAttempt(attempt)) return;
    const last = round + 1 >= RESOLVE_AFTER_MS.length;
    const known = await this.askNow(attempt, last).catch(() => false);
    if (known) return;
    if (last)
      log.error('the outcome of a charge is still unknown: look it up at the gateway', {
        session: attempt.session,
        reference: attempt.key,
      });
    else this.follow(id, round + 1);
  }

  async #query(attempt: ChargeAttempt): Promise<ChargeOutcome | { readonly kind: 'not_found' }> {
    try {
      return (
        (await this.#context.deps.gateways
          .get(attempt.connector)
          ?.query(traceOf(this.#context, attempt))) ?? {
          kind: 'unknown',
          code: 'connector_gone',
        }
      );
    } catch {
      return { kind: 'unknown', code: 'gateway_broke' };
    }
  }
}

/**
 * What an answer to a query proves. `not_found` right after a timeout may mean that the charge is still on its way; only when it stays
 * unheard of to the end of the schedule was it never made.
 */
function conclusive(answer: ChargeOutcome | { readonly kind: 'not_found' }, last: boolean): ChargeOutcome {
  switch (answer.kind) {
    case 'approved':
    case 'declined':
    case 'failed':
      return answer;
    case 'not_found':
      return last
        ? { kind: 'failed', code: 'charge_not_received' }
        : { kind: 'unknown', code: 'not_found_yet' };
    case 'not_sent':
    case 'unknown':
      return { kind: 'unknown', code: answer.code };
  }
}
