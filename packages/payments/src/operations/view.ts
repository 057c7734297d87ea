import type { OperationObject } from '@sordino/core';
import type { PaymentOperation } from '../charge/operation.ts';
import type { SessionRecord } from '../session/record.ts';

/** The step as the API shows it. */
export const toOperationObject = (
  { id, created, session, kind, amount, state, code, why }: PaymentOperation,
  { livemode, intent }: SessionRecord,
): OperationObject => ({
  ...{ id, object: 'operation', livemode, created: Math.floor(created / 1_000), session },
  ...{ kind, amount, currency: intent.currency, state, code, why },
});
