import { FIELD_NAMES, type FieldName, type PaymentStatus, type SealedKey } from '@sordino/core';
import { FieldCollector, type Step } from '../capture/field-collector.ts';
import type { FieldContext } from '../capture/field-rules.ts';
import { hintFor } from '../capture/hints.ts';
import { FIELD_ATTEMPTS_MAX } from '../capture/limits.ts';
import { type Acceptance, INVALID_CODE, KEYED_TWICE, type Refusal, rejected } from '../capture/verdict.ts';
import { lastFour } from '../card/last-four.ts';
import { isSecurityCode } from '../card/security-code.ts';
import type { ServiceContext } from './context.ts';
import { failClosed } from './fail-closed.ts';
import { allCaptured, emptyField, type Fields, fieldNamed, resetFields, withField } from './fields.ts';
import type { EventDraft } from './ledger.ts';
import type { LiveSession } from './live-session.ts';
import type { SessionRecord } from './record.ts';

const AWAITS_KEYS: ReadonlySet<PaymentStatus> = new Set([
  'awaiting_media',
  'ready',
  'collecting',
  'declined',
]);

/** Opens fields, feeds them keys and time, and closes them. Runs in the session's turn. */
export class FieldDesk {
  readonly #context: ServiceContext;

  constructor(context: ServiceContext) {
    this.#context = context;
  }

  /** Opens `field`; another one that was open is abandoned. `keepDigits`: as many as are to stay, all the rest is erased. */
  async open(
    live: LiveSession,
    record: SessionRecord,
    field: FieldName,
    keepDigits: number,
  ): Promise<SessionRecord> {
    const { calls } = this.#context.deps;
    const abandoned = live.collector?.field;
    const attempts = fieldNamed(record.fields, field)?.attempts ?? 0;
    // What was kept after a decline belongs to the card that was declined.
    const isOtherCard = live.keepsRest && field === 'card_number';
    let fields = withField(isOtherCard ? resetFields(record.fields) : record.fields, field, {
      ...emptyField(field),
      state: 'collecting',
      length: keepDigits,
      attempts,
    });
    if (abandoned !== undefined && abandoned !== field)
      fields = withField(fields, abandoned, { state: 'empty', length: 0, code: null });
    const changed = await this.#context.ledger.change(live.id, {
      on: 'field-opened',
      patch: { fields },
      events: [{ type: 'field.collecting', data: { field, attempt: attempts + 1, length: keepDigits } }],
    });
    if (abandoned !== undefined && abandoned !== field) live.vault.erase(abandoned);
    if (isOtherCard) this.#forgetOthers(live, field);
    if (keepDigits === 0) live.vault.erase(field);
    live.vault.removeLast(field, live.vault.length(field) - keepDigits);
    if (field === 'card_number') live.brand = undefined;
    live.hintedStrayKeys = false;
    live.hintedDoubledKeys = false;
    live.hintedShortKeys = false;
    calls.setCollecting(live.id, true);
    this.#listen(live, field);
    return changed;
  }

  #forgetOthers(live: LiveSession, field: FieldName): void {
    for (const other of FIELD_NAMES) if (other !== field) live.vault.erase(other);
    live.keepRestNoMore();
  }

  /** Takes digits back from the open field. */
  async repair(live: LiveSession, record: SessionRecord, field: FieldName, keepDigits: number) {
    const changed = await this.#context.ledger.change(live.id, {
      patch: { fields: withField(record.fields, field, { length: keepDigits }) },
      events: [{ type: 'field.progress', data: { field, length: keepDigits } }],
    });
    live.vault.removeLast(field, live.vault.length(field) - keepDigits);
    live.collector?.repaired(this.#context.deps.scheduler.monotonicMs());
    this.#arm(live);
    return changed;
  }

  async key(live: LiveSession, envelope: SealedKey): Promise<void> {
    const { log, scheduler } = this.#context.deps;
    const opened = await live.opener.open(envelope);
    if (!opened.ok) {
      log.warn('a sealed key press was refused', {
        session: live.id,
        why: opened.why,
        refused: live.opener.refused[opened.why],
      });
      return;
    }
    const isDouble = live.doubled.isDouble(opened.key, envelope);
    const collector = live.collector;
    if (collector === undefined) return isDouble ? undefined : this.#strayKey(live);
    if (opened.lost > 0) return this.#lostKeys(live, collector.field);
    if (isDouble) return this.#doubledKey(live, collector.field);
    const step = collector.press(opened.key, scheduler.monotonicMs(), this.#rules(live));
    await this.#take(live, collector.field, step);
  }

  /** Keys went missing without leaving a gap in the numbers (a relay died with them): the open field cannot be trusted. */
  async keysLost(live: LiveSession): Promise<void> {
    if (live.collector !== undefined) await this.#lostKeys(live, live.collector.field);
  }

  /** Told once for each time that the field is asked for. */
  async shortKey(live: LiveSession): Promise<void> {
    const field = live.collector?.field;
    if (field === undefined || live.hintedShortKeys) return;
    live.hintedShortKeys = true;
    const message = hintFor('short_keys');
    await this.#context.ledger.change(live.id, {
      events: [{ type: 'field.hint', data: { field, code: 'short_keys', message } }],
    });
  }

  async #take(live: LiveSession, field: FieldName, step: Step): Promise<void> {
    switch (step.kind) {
      case 'ignored':
        return;
      case 'progress': {
        const { fields } = this.#record(live);
        await this.#context.ledger.change(live.id, {
          patch: { fields: withField(fields, field, { length: step.length }) },
          events: [{ type: 'field.progress', data: { field, length: step.length } }],
        });
        return this.#arm(live);
      }
      case 'done':
        return step.verdict.ok
          ? this.#accept(live, field, step.verdict)
          : this.#reject(live, field, step.verdict);
    }
  }

  /** A field that is keyed twice is captured when both entries are the same. */
  async #accept(live: LiveSession, field: FieldName, verdict: Acceptance): Promise<void> {
    if (!KEYED_TWICE.has(field)) return this.#capture(live, field, verdict);
    if (!live.vault.hasFirst(field)) return this.#askAgain(live, field);
    if (live.vault.matchFirst(field)) return this.#capture(live, field, verdict);
    live.vault.erase(field);
    return this.#reject(live, field, rejected(INVALID_CODE[field], hintFor('entries_differ')));
  }

  /** The same field once more; the mask stays where it is. */
  async #askAgain(live: LiveSession, field: FieldName): Promise<void> {
    live.vault.keepFirst(field);
    const { fields } = this.#record(live);
    const attempt = (fieldNamed(fields, field)?.attempts ?? 0) + 1;
    const message = hintFor('key_again');
    await this.#context.ledger.change(live.id, {
      patch: { fields: withField(fields, field, { length: 0 }) },
      events: [
        { type: 'field.collecting', data: { field, attempt, length: 0, entry: 2 } },
        { type: 'field.hint', data: { field, code: 'key_again', message } },
      ],
    });
    this.#listen(live, field);
  }

  #listen(live: LiveSession, field: FieldName): void {
    const now = this.#context.deps.scheduler.monotonicMs();
    live.collector = new FieldCollector(field, live.vault, live.pace, now);
    this.#arm(live);
  }

  async #capture(live: LiveSession, field: FieldName, verdict: Acceptance) {
    this.#close(live);
    const shown = {
      length: live.vault.length(field),
      brand: verdict.brand,
      last4: SHOWS_LAST_FOUR.has(field) ? lastFour(live.vault.digits(field)) : null,
    };
    if (field === 'card_number') live.brand = verdict.brand ?? undefined;
    let fields = withField(this.#record(live).fields, field, { state: 'captured', code: null, ...shown });
    const events: EventDraft[] = [{ type: 'field.captured', data: { field, ...shown } }];
    const securityCode = this.#recheckSecurityCode(live, fields);
    if (securityCode) {
      fields = securityCode.fields;
      events.push(securityCode.event);
    }
    const complete = allCaptured(fields);
    if (complete) events.push({ type: 'session.ready_to_confirm', data: {} });
    await this.#context.ledger.change(live.id, {
      on: complete ? 'fields-complete' : 'field-closed',
      patch: { fields },
      events,
    });
  }

  /** A security code that was keyed before its card has to fit the card's brand now. */
  #recheckSecurityCode(
    live: LiveSession,
    fields: Fields,
  ): { readonly fields: Fields; readonly event: EventDraft } | undefined {
    const cvc = fieldNamed(fields, 'cvc');
    if (cvc?.state !== 'captured' || live.brand === undefined) return undefined;
    if (isSecurityCode(live.vault.digits('cvc'), live.brand)) return undefined;
    live.vault.erase('cvc');
    return refusalOf(fields, 'cvc', rejected('invalid_security_code', hintFor('security_code_brand')));
  }

  /** The digits stay, so that the agent can clear the last few and go on; not after the last try. */
  async #reject(live: LiveSession, field: FieldName, refusal: Refusal, first: readonly EventDraft[] = []) {
    this.#close(live);
    const { fields, event } = refusalOf(this.#record(live).fields, field, refusal);
    const isLast = (fieldNamed(fields, field)?.attempts ?? 0) >= FIELD_ATTEMPTS_MAX;
    // A second entry that is none leaves no first one to repair.
    if (isLast || live.vault.hasFirst(field)) live.vault.erase(field);
    await this.#context.ledger.change(live.id, {
      on: 'field-closed',
      patch: { fields },
      events: [...first, event],
    });
  }

  /** A field with a key missing must not be taken, even if what is left looks right. */
  async #lostKeys(live: LiveSession, field: FieldName): Promise<void> {
    const message = hintFor('keys_lost');
    const refusal = rejected(INVALID_CODE[field], message);
    live.vault.erase(field);
    await this.#reject(live, field, refusal, [
      { type: 'field.hint', data: { field, code: 'keys_lost', message } },
    ]);
  }

  /** Heard twice, counted once. The agent sees the count and knows better than we what the customer pressed. */
  async #doubledKey(live: LiveSession, field: FieldName): Promise<void> {
    if (live.hintedDoubledKeys) return;
    live.hintedDoubledKeys = true;
    const message = hintFor('doubled_key');
    await this.#context.ledger.change(live.id, {
      events: [{ type: 'field.hint', data: { field, code: 'duplicate_tones', message } }],
    });
  }

  async #strayKey(live: LiveSession): Promise<void> {
    if (live.hintedStrayKeys || live.closed) return;
    live.hintedStrayKeys = true;
    await this.#context.ledger.change(live.id, {
      events: [
        {
          type: 'field.hint',
          data: {
            field: null,
            code: 'no_field_open',
            message: 'the customer presses keys but no field is being collected: collect one first',
          },
        },
      ],
    });
  }

  /** Nothing may be taken now: what was keyed into the open field goes. The other fields stay, for later. */
  async giveUp(live: LiveSession): Promise<void> {
    const record = this.#context.deps.store.session(live.id);
    if (live.closed || record === undefined || !AWAITS_KEYS.has(record.status)) return;
    const field = live.collector?.field ?? null;
    const message = hintFor('audit_unavailable');
    const hint: EventDraft = { type: 'field.hint', data: { field, code: 'audit_unavailable', message } };
    if (field === null) {
      await this.#context.ledger.change(live.id, { events: [hint] });
      return;
    }
    this.#close(live);
    live.vault.erase(field);
    const fields = withField(record.fields, field, emptyField(field));
    await this.#context.ledger.change(live.id, { on: 'field-closed', patch: { fields }, events: [hint] });
  }

  #close(live: LiveSession): void {
    live.closeField();
    this.#context.deps.calls.setCollecting(live.id, false);
  }

  #arm(live: LiveSession): void {
    const { scheduler } = this.#context.deps;
    const collector = live.collector;
    if (collector === undefined) return;
    const waitMs = Math.max(0, collector.deadlineMs(this.#rules(live)) - scheduler.monotonicMs());
    live.fieldTimer(
      scheduler.after(waitMs, () => {
        this.#context.queues
          .run(live.id, () => this.#deadline(live, collector))
          .catch((error) => failClosed(this.#context, live.id, error));
      }),
    );
  }

  async #deadline(live: LiveSession, collector: FieldCollector): Promise<void> {
    if (live.collector !== collector) return;
    const now = this.#context.deps.scheduler.monotonicMs();
    const rules = this.#rules(live);
    // A key that was being opened while the timer fired has moved the deadline.
    if (collector.deadlineMs(rules) > now) return this.#arm(live);
    await this.#take(live, collector.field, collector.expire(now, rules));
  }

  #rules(live: LiveSession): FieldContext {
    const { livemode, intent } = this.#record(live);
    return {
      livemode,
      currency: intent.currency,
      acceptedBrands: this.#context.defaults.acceptedBrands,
      nowMs: this.#context.deps.scheduler.wallMs(),
      brand: live.brand,
    };
  }

  #record(live: LiveSession): SessionRecord {
    const record = this.#context.deps.store.session(live.id);
    if (record === undefined) throw new Error(`session ${live.id} is not in the store`);
    return record;
  }
}

function refusalOf(fields: Fields, field: FieldName, refusal: Refusal) {
  const attempts = (fieldNamed(fields, field)?.attempts ?? 0) + 1;
  const last = attempts >= FIELD_ATTEMPTS_MAX;
  const code = last ? 'too_many_attempts' : refusal.code;
  const event: EventDraft = {
    type: 'field.rejected',
    data: {
      field,
      code,
      reason: refusal.code,
      message: last ? hintFor('too_many_attempts') : refusal.hint,
      attempts,
      attempts_left: FIELD_ATTEMPTS_MAX - attempts,
    },
  };
  return { fields: withField(fields, field, { state: 'rejected', code, attempts }), event };
}

const SHOWS_LAST_FOUR: ReadonlySet<FieldName> = new Set<FieldName>([
  'card_number',
  'bank_routing',
  'bank_account',
]);
