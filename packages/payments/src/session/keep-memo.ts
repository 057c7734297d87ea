import type { AttemptId } from '@sordino/core';
import { containsCardNumber } from '../card/find-in-text.ts';
import type { ChargeAttempt } from '../charge/attempt.ts';
import { isOpenAttempt } from '../charge/outcome.ts';
import type { ChargeTrace } from '../gateways/gateway.ts';
import type { ServiceContext } from './context.ts';
import { FINISH_WITHIN_MS } from './limits.ts';

/** Printable and short, so that nothing else can travel in it. */
const MEMO = /^[\x20-\x7e]{1,255}$/;

/** Stores what finishes the charge without its card. Rejects when it could not: the gateway must not go on then. */
export async function keepMemo(context: ServiceContext, id: AttemptId, memo: string): Promise<void> {
  const { store, scheduler } = context.deps;
  if (!MEMO.test(memo) || containsCardNumber(memo)) throw new Error('a memo is plain text without a card');
  const session = store.attempt(id)?.session;
  if (session === undefined) throw new Error(`attempt ${id} is not in the store`);
  await context.queues.run(session, async () => {
    const attempt = store.attempt(id);
    if (attempt === undefined || !isOpenAttempt(attempt)) throw new Error('this attempt is over');
    await store.commit({ attempt: { ...attempt, memo, updated: scheduler.wallMs() } });
  });
}

export function traceOf({ deps }: ServiceContext, attempt: ChargeAttempt): ChargeTrace {
  const ageMs = deps.scheduler.wallMs() - attempt.created;
  const { key, intent, memo, created } = attempt;
  return {
    ...{ key, ...intent, created },
    reference: deps.store.session(attempt.session)?.intent.reference ?? null,
    // An attempt of an older version has none.
    memo: memo ?? null,
    mayFinish: ageMs < FINISH_WITHIN_MS,
  };
}
