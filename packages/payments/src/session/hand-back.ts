import { ok, type Result, type SessionId, type SessionObject } from '@sordino/core';
import { inTurn, type ServiceContext } from './context.ts';
import { leave } from './departure.ts';
import type { Caller, ServiceProblem } from './service.ts';
import { nextPaymentStatus } from './status-machine.ts';
import { toSessionObject } from './view.ts';
import { whyOver } from './why-not.ts';

/** Ends the payment, wipes the card, hands the call back. Repeating it is harmless. */
export const cancel = (
  context: ServiceContext,
  caller: Caller,
  id: SessionId,
): Promise<Result<SessionObject, ServiceProblem>> =>
  inTurn(context, caller, id, async (record) => {
    if (record.status === 'canceled') return ok(toSessionObject(record));
    if (nextPaymentStatus(record.status, 'canceled') === undefined) return whyOver(record);
    const changed = await leave(context, record, {
      on: 'canceled',
      failureCode: 'requested',
      events: [{ type: 'session.canceled', data: { code: 'requested', call_safe: true } }],
    });
    context.deps.calls.restore(id, 'canceled');
    return ok(toSessionObject(changed));
  });

/**
 * Hands the call back now; what is known of the payment stays, a running charge goes on. Digits that were not charged yet are wiped,
 * so a payment that was ready to confirm is only `ready` afterwards.
 */
export const restore = (
  context: ServiceContext,
  caller: Caller,
  id: SessionId,
): Promise<Result<SessionObject, ServiceProblem>> =>
  inTurn(context, caller, id, async (record) => {
    if (record.callEnded) return ok(toSessionObject(record));
    const changed = await leave(
      context,
      record,
      nextPaymentStatus(record.status, 'digits-wiped') ? { on: 'digits-wiped' } : {},
    );
    context.deps.calls.restore(id, 'requested');
    return ok(toSessionObject(changed));
  });
