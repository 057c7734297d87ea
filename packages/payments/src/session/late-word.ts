import type { ChargeAttempt } from '../charge/attempt.ts';
import { REVERSED } from '../charge/outcome.ts';
import type { ChargeOutcome } from '../gateways/outcome.ts';
import { attentionEvent } from './attention.ts';
import type { ServiceContext } from './context.ts';

type Approved = Extract<ChargeOutcome, { readonly kind: 'approved' }>;

/** What a gateway says of a charge whose outcome is recorded already. Nothing goes back; where money may be wrong, people are told, once. */
export async function lateWord(
  context: ServiceContext,
  known: ChargeAttempt,
  outcome: ChargeOutcome,
): Promise<void> {
  if (outcome.kind === 'approved' && known.state !== 'approved') await approvedLate(context, known, outcome);
  else if (known.byHand === 'unopposed' && contradicts(known, outcome))
    await context.ledger.change(known.session, {
      attempt: { ...known, byHand: 'contradicted' },
      events: [
        attentionEvent(context, known, {
          code: 'reported_otherwise',
          message: `a charge that a person settled as ${known.state} is reported otherwise (${outcome.kind}): look it up at the gateway`,
        }),
      ],
    });
}

/** Of a charge that a person has looked up and found approved. That a declined one has failed, or the reverse, is nobody's loss. */
function contradicts({ state, gatewayId }: ChargeAttempt, outcome: ChargeOutcome): boolean {
  if (state !== 'approved') return false;
  if (outcome.kind === 'declined' || outcome.kind === 'failed') return true;
  return outcome.kind === 'approved' && outcome.gatewayId != null && outcome.gatewayId !== gatewayId;
}

/**
 * Said otherwise already, and perhaps charged again: money has moved that nobody is told of. Voided where its gateway can, told to
 * people where it cannot. What was undone by our key is no news: the gateway has promised that no money will move.
 */
async function approvedLate(
  context: ServiceContext,
  settledBefore: ChargeAttempt,
  { gatewayId }: Approved,
): Promise<void> {
  const { state, result, approvedLate: isKnown } = settledBefore;
  if (isKnown || result.failureCode === REVERSED) return;
  const attempt = {
    ...settledBefore,
    approvedLate: true,
    gatewayId: gatewayId ?? settledBefore.gatewayId ?? null,
  };
  const operation = context.wired.operations?.lateVoid(attempt);
  const what = operation === undefined ? 'refund it' : 'it is being voided';
  await context.ledger.change(attempt.session, {
    attempt,
    ...(operation === undefined ? {} : { operation }),
    events: [
      attentionEvent(context, attempt, {
        code: 'approved_late',
        message: `a charge that was settled as ${state} is approved at the gateway: ${what}`,
      }),
    ],
  });
  // Should its outcome not be stored, it is followed.
  if (operation !== undefined) context.wired.operations?.carryOut(operation).catch(() => {});
}
