import type { FaultDesk } from '@sordino/app-payments';
import { type EventEnvelope, FAULT_KINDS, overriding, type Scheduler, type SessionId } from '@sordino/core';
import type { Rehearsal, Rehearsals } from '@sordino/interception';
import type { ChargeOutcome, Gateway, PaymentStore, StoreChange } from '@sordino/payments';

/** Instead of the 20 s after which a charge is given up. */
const GATEWAY_SLOW_MS = 3_000;
/** From the hang-up to the gateway's work: by then the session is told of it. */
const DROP_LEAD_MS = 500;

/** The gateway of one session, whose answer is lost when that is rehearsed. Every charge is sent once and for real. */
export function rehearsedGateway(
  gateway: Gateway,
  rehearsal: Rehearsal | undefined,
  scheduler: Scheduler,
): Gateway {
  if (rehearsal === undefined) return gateway;
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      scheduler.after(ms, resolve);
    });
  return overriding(gateway, {
    charge: async (request, card, keep): Promise<ChargeOutcome> => {
      if (rehearsal.takes('call_dropped_while_processing')) {
        rehearsal.customerHangsUp();
        await pause(DROP_LEAD_MS);
      }
      const outcome = await gateway.charge(request, card, keep);
      if (rehearsal.takes('gateway_slow')) {
        await pause(GATEWAY_SLOW_MS);
        return { kind: 'unknown', code: 'gateway_too_slow' };
      }
      return rehearsal.takes('gateway_answer_lost') ? { kind: 'unknown', code: 'answer_lost' } : outcome;
    },
  });
}

/** The store, as if its disk were full for sessions that rehearse that. */
export function rehearsedStore(store: PaymentStore, rehearsals: Rehearsals): PaymentStore {
  return overriding(store, {
    commit: (change) => {
      const session = sessionOf(change);
      if (session === undefined || rehearsals.of(session)?.storageIsDown !== true)
        return store.commit(change);
      return Promise.reject(Object.assign(new Error('rehearsal: no space left'), { code: 'ENOSPC' }));
    },
  });
}

/** The answer to whoever asked for it goes out first. */
const KILLED_AFTER_MS = 200;

export interface FaultDeskParts {
  readonly rehearsals: Rehearsals;
  readonly store: Pick<PaymentStore, 'openSessions'>;
  readonly scheduler: Scheduler;
  /** SIGKILL of this process; absent where nobody would take the calls back. */
  readonly killProcess: (() => void) | undefined;
}

/** Every session whose call this process has; that it is a test session, and the caller's own, the API has made sure of. */
export function faultDesk({ rehearsals, store, scheduler, killProcess }: FaultDeskParts): FaultDesk {
  return {
    arm: (session, fault) => {
      if (fault !== 'process_killed') return rehearsals.of(session)?.arm(fault) ?? 'unknown';
      if (killProcess === undefined) return 'not_guarded';
      if (store.openSessions().some(({ livemode }) => livemode)) return 'live_calls';
      scheduler.after(KILLED_AFTER_MS, killProcess);
      return 'fired';
    },
    stateOf: (session, fault) => rehearsals.of(session)?.stateOf(fault) ?? 'fired',
    expected: (session, fault) => rehearsals.of(session)?.expected(fault) ?? FAULT_KINDS[fault].expected,
  };
}

function sessionOf({ session, events, attempt }: StoreChange): SessionId | undefined {
  const [first]: readonly EventEnvelope[] = events ?? [];
  return session?.id ?? first?.session ?? attempt?.session;
}
