import { ok, type Result, type SessionId, type SessionObject } from '@sordino/core';
import { plain } from '../gateways/answer.ts';
import type { ChargeOutcome } from '../gateways/outcome.ts';
import { inTurn, type ServiceContext } from './context.ts';
import { badParam, notNow } from './problems.ts';
import type { Resolver } from './resolver.ts';
import type { Caller, Finding, ServiceProblem } from './service.ts';
import { settle } from './settle.ts';
import { toSessionObject } from './view.ts';

/**
 * Ends a charge that stayed unknown until the resolver gave it up: somebody has looked it up at the gateway. Only then, so that a person and
 * the resolver never work on one charge; and what the gateway says afterwards is heard as after any other outcome (`lateWord`).
 */
export function resolveByHand(
  context: ServiceContext,
  resolver: Resolver,
  caller: Caller,
  id: SessionId,
  finding: Finding,
): Promise<Result<SessionObject, ServiceProblem>> {
  return inTurn(context, caller, id, async (record) => {
    const { gatewayId, note } = finding;
    if (gatewayId !== null && plain(gatewayId) === null)
      return badParam(
        'gateway_id',
        'card_data_refused',
        'gateway_id looks like a card number, or is none that a gateway gives: leave it out and say it in the note',
      );
    const attempt = record.attempt === null ? undefined : context.deps.store.attempt(record.attempt);
    const isSame =
      attempt?.state === finding.outcome && attempt.gatewayId === (gatewayId ?? attempt.gatewayId);
    if (attempt?.byHand !== undefined && isSame) return ok(toSessionObject(record));
    if (attempt === undefined || record.status !== 'unknown')
      return notNow(
        'outcome_known',
        `no charge of this session has an unknown outcome: the payment is ${record.status}`,
      );
    if (resolver.isAsking(attempt.id))
      return notNow(
        'still_being_asked',
        'the gateway is still being asked what became of this charge, for 24 hours: wait for its event, or for payment.attention_needed',
        true,
      );
    return ok(
      toSessionObject(await settle(context, attempt, outcomeOf(finding), { byHand: { gatewayId, note } })),
    );
  });
}

function outcomeOf({ outcome, gatewayId }: Finding): ChargeOutcome {
  switch (outcome) {
    case 'approved':
      return { kind: 'approved', authCode: null, token: null, gatewayId };
    case 'declined':
      return { kind: 'declined', declineCode: 'generic_decline' };
    case 'failed':
      return { kind: 'failed', code: 'resolved_by_hand' };
  }
}
