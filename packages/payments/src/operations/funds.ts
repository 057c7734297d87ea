import { ok, type Result } from '@sordino/core';
import type { ChargeAttempt } from '../charge/attempt.ts';
import { isOpenOperation, type PaymentOperation } from '../charge/operation.ts';
import type { FollowUpKind, GatewayCapabilities } from '../gateways/gateway.ts';
import { badParam, notNow } from '../session/problems.ts';
import type { ServiceProblem } from '../session/service.ts';

export interface Funds {
  /** The approved one. */
  readonly charge: ChargeAttempt | undefined;
  /** All of the charge so far. */
  readonly operations: readonly PaymentOperation[];
  readonly capabilities: GatewayCapabilities;
}

/**
 * The amount that may be settled, voided or refunded now, or why none. Whatever is not surely undone counts as done: a refund whose answer
 * was lost is spent, so that never more goes back than was taken.
 */
export function amountOf(
  kind: FollowUpKind,
  asked: number | undefined,
  { charge, operations, capabilities }: Funds,
): Result<number, ServiceProblem> {
  if (charge === undefined)
    return notNow(
      'not_approved',
      'nothing is charged: only an approved payment can be settled, voided or refunded',
    );
  if (charge.intent.type === 'tokenize')
    return notNow('nothing_charged', 'the card was only saved: there is no money to move');
  if (!capabilities[kind])
    return badParam(
      'connector',
      'unsupported_by_connector',
      `the connector of this session cannot ${kind}: do it at the gateway`,
    );
  if ((charge.gatewayId ?? null) === null)
    return notNow(
      'charge_without_gateway_id',
      `the gateway gave no id for this charge: ${kind} it at the gateway, reference ${charge.key}`,
    );
  const took = operations.filter(({ state }) => state !== 'refused' && state !== 'not_sent');
  const open = took.find(isOpenOperation);
  if (open)
    return notNow(
      'operation_unknown',
      `the outcome of an earlier ${open.kind} is not known yet: wait for its event, and do not repeat it`,
    );
  if (took.some((each) => each.kind === 'void' || each.kind === 'cancel'))
    return notNow('already_voided', 'the charge is voided: no money of it can move');
  const settlement = took.find((each) => each.kind === 'settle');
  const refunded = took.filter((each) => each.kind === 'refund').reduce((sum, { amount }) => sum + amount, 0);
  switch (kind) {
    case 'settle':
      return settled(asked, charge, settlement, capabilities);
    case 'void':
      return voided(asked, charge, settlement, refunded);
    case 'refund':
      return refund(
        asked,
        charge.intent.type === 'charge' ? charge.intent.amount : settlement?.amount,
        refunded,
      );
  }
}

function settled(
  asked: number | undefined,
  { intent }: ChargeAttempt,
  settlement: PaymentOperation | undefined,
  { partialSettle }: GatewayCapabilities,
): Result<number, ServiceProblem> {
  if (intent.type !== 'authorize' || settlement)
    return notNow('already_settled', 'the payment is settled: it cannot be settled again');
  const amount = asked ?? intent.amount;
  if (amount > intent.amount)
    return badParam('amount', 'amount_out_of_range', `at most ${intent.amount} was authorised (minor units)`);
  if (amount < intent.amount && !partialSettle)
    return badParam(
      'amount',
      'partial_unsupported',
      'the connector settles the whole amount only: leave amount out',
    );
  return ok(amount);
}

function voided(
  asked: number | undefined,
  { intent }: ChargeAttempt,
  settlement: PaymentOperation | undefined,
  refunded: number,
): Result<number, ServiceProblem> {
  if (settlement) return notNow('already_settled', 'the payment is settled: refund it');
  if (refunded > 0) return notNow('already_refunded', 'a part is refunded already: refund the rest');
  return asked !== undefined && asked !== intent.amount
    ? badParam(
        'amount',
        'partial_unsupported',
        'a charge is voided as a whole: leave amount out, or refund a part',
      )
    : ok(intent.amount);
}

function refund(
  asked: number | undefined,
  taken: number | undefined,
  refunded: number,
): Result<number, ServiceProblem> {
  if (taken === undefined) return notNow('not_settled', 'the payment is authorised only: void it');
  const left = taken - refunded;
  if (left === 0) return notNow('already_refunded', 'all of it is refunded');
  return (asked ?? left) > left
    ? badParam('amount', 'refund_exceeds_charge', `at most ${left} is left to refund (minor units)`)
    : ok(asked ?? left);
}
