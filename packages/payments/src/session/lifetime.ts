import type { ServiceContext } from './context.ts';
import { leave } from './departure.ts';
import { failClosed } from './fail-closed.ts';
import { SESSION_LIFETIME_MS } from './limits.ts';
import type { LiveSession } from './live-session.ts';
import { nextPaymentStatus } from './status-machine.ts';

/** However a session is forgotten, in half an hour its digits are gone and its call is back. */
export function watchLifetime(context: ServiceContext, live: LiveSession): void {
  const { scheduler, store, calls } = context.deps;
  const expire = async (): Promise<void> => {
    const record = store.session(live.id);
    if (record === undefined) return;
    if (nextPaymentStatus(record.status, 'expired')) {
      await leave(context, record, {
        on: 'expired',
        failureCode: 'session_too_old',
        events: [{ type: 'session.expired', data: { code: 'session_too_old', call_safe: true } }],
      });
    } else live.close();
    if (!record.callEnded) calls.restore(live.id, 'expired');
    context.live.delete(live.id);
  };
  live.lifetime(
    scheduler.after(SESSION_LIFETIME_MS, () => {
      context.queues.run(live.id, expire).catch((error) => failClosed(context, live.id, error));
    }),
  );
}
