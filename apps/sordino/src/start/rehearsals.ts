import type { FaultDesk } from '@sordino/app-payments';
import { type EventEnvelope, FAULT_KINDS, type Scheduler, type SessionId } from '@sordino/core';
import { overriding, type Rehearsal, type Rehearsals } from '@sordino/interception';
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
    charge: async (request, card): Promise<ChargeOutcome> => {
      if (rehearsal.takes('call_dropped_while_processing')) {
        rehearsal.customerHangsUp();
        await pause(DROP_LEAD_MS);
      }
      const outcome = await gateway.charge(request, card);
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

/** Whom the API may let rehearse: every session whose call this process has, and the API asks for test sessions only. */
export function faultDesk(rehearsals: Rehearsals): FaultDesk {
  return {
    arm: (session, fault) => rehearsals.of(session)?.arm(fault) ?? 'unknown',
    stateOf: (session, fault) => rehearsals.of(session)?.stateOf(fault) ?? 'fired',
    expected: (session, fault) => rehearsals.of(session)?.expected(fault) ?? FAULT_KINDS[fault].expected,
  };
}

function sessionOf({ session, events, attempt }: StoreChange): SessionId | undefined {
  const [first]: readonly EventEnvelope[] = events ?? [];
  return session?.id ?? first?.session ?? attempt?.session;
}
