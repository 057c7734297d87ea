import type { FieldCode, FieldName } from '@sordino/core';
import { hintFor } from '../capture/hints.ts';
import { adviceOf } from '../charge/decline.ts';
import type { ChargeOutcome, DeclineCategory } from '../gateways/outcome.ts';
import type { ServiceContext } from './context.ts';
import { failClosed } from './fail-closed.ts';
import { emptyField, type Fields, fieldNamed, resetFields, withField } from './fields.ts';
import type { EventDraft } from './ledger.ts';
import { KEPT_AFTER_DECLINE_MS } from './limits.ts';
import type { LiveSession } from './live-session.ts';
import { nextPaymentStatus } from './status-machine.ts';

/** What a bank can refuse of a card without refusing the card. */
const REFUSED_OF: Readonly<Partial<Record<DeclineCategory, FieldName>>> = {
  bad_cvv: 'cvc',
  expired: 'expiry',
  avs: 'postal_code',
};

const CODE_OF: Readonly<Partial<Record<FieldName, FieldCode>>> = {
  cvc: 'invalid_security_code',
  expiry: 'invalid_date',
  postal_code: 'invalid_postal_code',
};

/** The one field to ask for again, or undefined: then it takes another card. The rest has to be here still. */
export function refusedField(
  fields: Fields,
  live: LiveSession | undefined,
  outcome: ChargeOutcome,
): FieldName | undefined {
  if (outcome.kind !== 'declined' || live?.closed !== false) return undefined;
  const { category, retry } = adviceOf(outcome);
  const refused = retry === 'fix_field' ? REFUSED_OF[category] : undefined;
  if (refused === undefined || fieldNamed(fields, refused) === undefined) return undefined;
  return live.vault.length('card_number') > 0 ? refused : undefined;
}

/** Design rule 6: the security code does not survive the attempt, whichever field was refused. */
export function fieldsToFix(fields: Fields, refused: FieldName): Fields {
  const withoutCode = fieldNamed(fields, 'cvc') ? withField(fields, 'cvc', emptyField('cvc')) : fields;
  return withField(withoutCode, refused, {
    ...emptyField(refused),
    state: 'rejected',
    code: CODE_OF[refused] ?? null,
  });
}

/** For `payment.declined`: what is to be collected again, and what the agent can say. */
export function whatToFix(fields: Fields, refused: FieldName | undefined) {
  if (refused === undefined) return { fields: fields.map(({ name }) => name) };
  const again = fieldsToFix(fields, refused).filter(({ state }) => state !== 'captured');
  return { fields: again.map(({ name }) => name), message: hintFor(`refused_${refused}` as 'refused_cvc') };
}

/** Wipes what was refused and the security code, and the rest when it is not used in time. */
export function keepRest(context: ServiceContext, live: LiveSession, refused: FieldName): void {
  live.closeField();
  live.vault.erase('cvc');
  live.vault.erase(refused);
  live.keepRest(
    context.deps.scheduler.after(KEPT_AFTER_DECLINE_MS, () => {
      context.queues
        .run(live.id, () => forgetRest(context, live))
        .catch((error) => failClosed(context, live.id, error));
    }),
  );
}

async function forgetRest({ deps, ledger }: ServiceContext, live: LiveSession): Promise<void> {
  const record = deps.store.session(live.id);
  const wasOpen = live.collector !== undefined;
  // Another card, or none: what is in memory now is not what was kept.
  if (record === undefined || live.closed || !live.keepsRest) return;
  live.forgetCard();
  if (wasOpen) deps.calls.setCollecting(live.id, false);
  const isWiped = nextPaymentStatus(record.status, 'digits-wiped') !== undefined;
  // A charge that is under way has the card in a buffer of its own, and says itself what comes next.
  if (!isWiped && record.status !== 'ready' && record.status !== 'declined') return;
  const told: EventDraft = {
    type: 'field.hint',
    data: { field: null, code: 'card_forgotten', message: hintFor('card_forgotten') },
  };
  await ledger.change(live.id, {
    ...(isWiped ? { on: 'digits-wiped' } : {}),
    patch: { fields: resetFields(record.fields) },
    events: [told],
  });
}
