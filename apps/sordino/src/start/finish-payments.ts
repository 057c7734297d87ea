import type { Log, Scheduler, SessionId } from '@sordino/core';

/** How often it is looked whether a payment has come to its end, ms: nobody notices a quarter of a second. */
const LOOK_EVERY_MS = 250;

/** How often the log says what is waited for, ms. */
const SAY_EVERY_MS = 5_000;

export interface FinishPaymentsPorts {
  inProgress(): readonly SessionId[];
  /** No new calls, and these go back. */
  handBack(which: (session: SessionId) => boolean): void;
  readonly scheduler: Scheduler;
  readonly log: Log;
}

/**
 * The first half of an ordered stop: calls without a payment in progress go back at once, the others as soon as their payment has
 * its outcome. Resolves when none is left, or when `hurry` does.
 */
export async function finishPayments(hurry: Promise<unknown>, ports: FinishPaymentsPorts): Promise<void> {
  const { scheduler, log } = ports;
  let hurried = false;
  void hurry.then(() => {
    hurried = true;
  });
  let saidAtMs = Number.NEGATIVE_INFINITY;
  for (;;) {
    const paying = new Set(ports.inProgress());
    ports.handBack((session) => !paying.has(session));
    if (paying.size === 0 || hurried) return;
    const nowMs = scheduler.monotonicMs();
    if (nowMs - saidAtMs >= SAY_EVERY_MS) {
      saidAtMs = nowMs;
      log.info('stopping: waiting for payments', { payments: paying.size });
    }
    await Promise.race([hurry, new Promise<void>((resolve) => void scheduler.after(LOOK_EVERY_MS, resolve))]);
  }
}
