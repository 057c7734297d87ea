import { type AttemptId, makeId, ok, type Result, type SessionId, type SessionObject } from '@sordino/core';
import type { ChargeAttempt } from '../charge/attempt.ts';
import { CardBuffer } from '../charge/card-buffer.ts';
import { NO_RESULT } from '../charge/outcome.ts';
import type { ChargeRequest, Gateway } from '../gateways/gateway.ts';
import type { ChargeOutcome } from '../gateways/outcome.ts';
import type { Velocities } from '../velocity/velocity.ts';
import { askGateway } from './ask-gateway.ts';
import { inTurn, type ServiceContext, storeFailed } from './context.ts';
import { doubtfulCharges, tagOf, tooSoonToOverride, whyNotAgain } from './doubtful-card.ts';
import { keepMemo } from './keep-memo.ts';
import { StoreFailed } from './ledger.ts';
import { CHARGES_MAX, OVERRIDE_AFTER_MS } from './limits.ts';
import type { LiveSession } from './live-session.ts';
import { busy, cardTesting, gatewayUnreachable, notNow } from './problems.ts';
import type { SessionRecord } from './record.ts';
import type { Resolver } from './resolver.ts';
import type { Caller, ServiceProblem, UnknownOverride } from './service.ts';
import { settle } from './settle.ts';
import { toSessionObject } from './view.ts';
import { whyOver } from './why-not.ts';

interface Begun {
  readonly attempt: ChargeAttempt;
  readonly gateway: Gateway;
  readonly request: ChargeRequest;
  readonly card: CardBuffer;
  readonly velocities: Velocities;
}

/** Charges of this process that wait for their gateway. */
export class Charging {
  readonly #context: ServiceContext;
  readonly #resolver: Resolver;
  readonly #running = new Set<Promise<unknown>>();
  /** Their gateways are being asked now; any other attempt that is `sending` has lost its answer. */
  readonly #asked = new Set<AttemptId>();

  constructor(context: ServiceContext, resolver: Resolver) {
    this.#context = context;
    this.#resolver = resolver;
  }

  /**
   * Three steps: the attempt is made durable in the session's turn; the gateway is asked outside of it, so that a hang-up or a restore
   * need not wait; the answer is recorded in a turn again.
   */
  async confirm(
    caller: Caller,
    id: SessionId,
    override?: UnknownOverride,
  ): Promise<Result<SessionObject, ServiceProblem>> {
    const begun = await inTurn<Begun | SessionObject>(this.#context, caller, id, (record, live) =>
      this.#begin(record, live, override),
    );
    if (!begun.ok) return begun;
    if (!('attempt' in begun.value)) return ok(begun.value);
    const finish = this.#finish(begun.value);
    this.#running.add(finish);
    return finish.finally(() => this.#running.delete(finish));
  }

  /** Waits for the charges under way. */
  async idle(): Promise<void> {
    await Promise.allSettled([...this.#running]);
  }

  async #begin(
    record: SessionRecord,
    live: LiveSession | undefined,
    override: UnknownOverride | undefined,
  ): Promise<Result<Begun | SessionObject, ServiceProblem>> {
    const { deps, ledger, cardMemory, velocity } = this.#context;
    // Asked twice for what is done: the same answer, no second charge.
    if (record.status === 'approved') return ok(toSessionObject(record));
    if (record.status !== 'ready_to_confirm') return whyNotConfirm(record);
    const gateway = deps.gateways.get(record.connector);
    if (live === undefined || live.closed || gateway === undefined)
      return notNow('card_data_gone', 'the card data was wiped: create a new session');
    if (live.charges >= CHARGES_MAX)
      return notNow('too_many_charges', `a session takes at most ${CHARGES_MAX} charges: cancel it`);
    const cardTag = tagOf(this.#context, record, live);
    const doubtful = doubtfulCharges(this.#context, record, cardTag, this.#asked);
    const [first] = doubtful;
    if (first !== undefined && override === undefined) return whyNotAgain(first);
    const now = deps.scheduler.wallMs();
    if (doubtful.some(({ created }) => now - created < OVERRIDE_AFTER_MS)) return tooSoonToOverride();
    const velocities = velocity.of(
      { tenant: record.tenant, livemode: record.livemode },
      record.call.ani,
      live.vault,
    );
    const locked = velocity.begin(velocities);
    if (locked !== undefined) return cardTesting(locked);
    const { type, amount, currency, reference } = record.intent;
    const attempt: ChargeAttempt = {
      id: makeId<AttemptId>('att', deps.random),
      session: record.id,
      connector: record.connector,
      intent: { type, amount, currency },
      // Random, and stored before it is used: as stable over restarts as one derived from a secret.
      key: makeId('chg', deps.random),
      memo: null,
      state: 'sending',
      result: NO_RESULT,
      ...{ gatewayId: null, advice: null, cardTag, approvedLate: false },
      created: now,
      updated: now,
    };
    try {
      await ledger.change(record.id, {
        on: 'charge-started',
        patch: { attempt: attempt.id, result: attempt.result },
        attempt,
        events: [
          {
            type: 'payment.processing',
            data: {
              ...{ reference: attempt.key, amount, currency, connector: record.connector },
              ...(first === undefined || override === undefined
                ? {}
                : { override: { reason: override.reason, unknown: doubtful.map(({ key }) => key) } }),
            },
          },
        ],
      });
    } catch (error) {
      velocity.settled(velocities, false);
      throw error;
    }
    live.charges += 1;
    this.#asked.add(attempt.id);
    const card = new CardBuffer(live.vault, cardMemory);
    // Not on a call of ours: nobody is asked for another card, or for this one again.
    if (record.callEnded) live.close();
    return ok({
      attempt,
      gateway: deps.rehearse?.(record.id, gateway) ?? gateway,
      request: { key: attempt.key, type, amount, currency, reference },
      card,
      velocities,
    });
  }

  async #finish({ velocities, ...asked }: Begun): Promise<Result<SessionObject, ServiceProblem>> {
    const { attempt } = asked;
    const outcome = await askGateway(this.#context.deps.scheduler, {
      ...asked,
      keep: (memo) => keepMemo(this.#context, attempt.id, memo),
      // Should it not be stored, the resolver asks.
      answeredLate: (late) => this.#settle(attempt, late).then(ignore, ignore),
    });
    this.#asked.delete(attempt.id);
    this.#context.velocity.settled(velocities, outcome.kind === 'declined');
    try {
      const record = await this.#settle(attempt, outcome);
      if (outcome.kind === 'unknown') this.#resolver.follow(attempt.id);
      if (record.status === 'ready_to_confirm' && outcome.kind === 'not_sent')
        return gatewayUnreachable(outcome.code);
      return ok(toSessionObject(record));
    } catch (error) {
      // The money may have moved and the record does not say so: the attempt is still `sending` there, and the gateway is asked again.
      this.#context.live.get(attempt.session)?.forgetCard();
      this.#resolver.follow(attempt.id);
      if (!(error instanceof StoreFailed)) throw error;
      storeFailed(this.#context, error);
      return busy(
        'outcome_not_stored',
        'the gateway has answered but the answer could not be stored yet: do not take the payment again, wait for the event',
      );
    }
  }

  #settle(attempt: ChargeAttempt, outcome: ChargeOutcome): Promise<SessionRecord> {
    return this.#context.queues.run(attempt.session, () => settle(this.#context, attempt, outcome));
  }
}

const ignore = (): void => {};

function whyNotConfirm(record: SessionRecord) {
  if (['created', 'awaiting_media', 'ready', 'collecting', 'declined'].includes(record.status)) {
    const missing = record.fields.filter(({ state }) => state !== 'captured').map(({ name }) => name);
    return notNow(
      'not_ready_to_confirm',
      `wait for session.ready_to_confirm: still to be collected are ${missing.join(', ')}`,
      true,
    );
  }
  return whyOver(record);
}
