import {
  type ListObject,
  makeId,
  type OperationId,
  type OperationObject,
  ok,
  type Result,
  type SessionId,
} from '@sordino/core';
import type { ChargeAttempt } from '../charge/attempt.ts';
import { isOpenOperation, type PaymentOperation } from '../charge/operation.ts';
import { isOpenAttempt } from '../charge/outcome.ts';
import type { FollowUpKind, Gateway } from '../gateways/gateway.ts';
import type { FollowUpOutcome } from '../gateways/outcome.ts';
import { raise } from '../session/attention.ts';
import { inTurn, ownSession, type ServiceContext } from '../session/context.ts';
import { traceOf } from '../session/keep-memo.ts';
import { lettersOf } from '../session/letters.ts';
import { OPERATION_LIMIT_MS } from '../session/limits.ts';
import { badParam, gatewayUnreachable, noSuchSession, requestReused } from '../session/problems.ts';
import type { SessionRecord } from '../session/record.ts';
import { type Round, Rounds } from '../session/rounds.ts';
import type { Caller, OperationRequest, ServiceProblem } from '../session/service.ts';
import { amountOf } from './funds.ts';
import { recordOutcome } from './outcome.ts';
import { toOperationObject } from './view.ts';

const LOST: FollowUpOutcome = { kind: 'unknown', code: 'gateway_too_slow' };

/**
 * Steps after a charge: settle, void, refund, and undoing by our key. As a charge: durable before the first byte, asked for outside of the
 * session's turn, and said again with the same key until the outcome is known (`followUp` does each key once).
 */
export class Operations {
  readonly #context: ServiceContext;
  readonly #rounds: Rounds<OperationId>;
  readonly #running = new Set<Promise<unknown>>();

  constructor(context: ServiceContext) {
    this.#context = context;
    this.#rounds = new Rounds(context.deps.scheduler);
  }

  list(caller: Caller, id: SessionId): Result<ListObject<OperationObject>, ServiceProblem> {
    const record = ownSession(this.#context, caller, id);
    if (record === undefined) return noSuchSession();
    const data = this.#context.deps.store.operations(id).map((each) => toOperationObject(each, record));
    return ok({ object: 'list', data, has_more: false });
  }

  async request(
    caller: Caller,
    id: SessionId,
    kind: FollowUpKind,
    request: OperationRequest,
  ): Promise<Result<OperationObject, ServiceProblem>> {
    const begun = await inTurn(this.#context, caller, id, (record) => this.#begin(record, kind, request));
    if (!begun.ok) return begun;
    const { operation, record, isNew } = begun.value;
    const now = isNew ? await this.carryOut(operation) : operation;
    if (now.state === 'not_sent') return gatewayUnreachable(now.code ?? 'gateway_unreachable');
    return ok(toOperationObject(now, record));
  }

  /** A step that is in the store already. Rejects when its outcome could not be stored: it is followed then. */
  carryOut(operation: PaymentOperation): Promise<PaymentOperation> {
    const work = this.#ask(operation, true).catch((error: unknown) => {
      this.follow(operation);
      throw error;
    });
    this.#running.add(work);
    return work.finally(() => this.#running.delete(work));
  }

  follow({ id, session }: PaymentOperation, ageMs = 0): void {
    this.#rounds.follow(id, (round) => this.#round(id, session, round), ageMs);
  }

  /** After a restart: asks once, now. True when the outcome is known. */
  async askNow(operation: PaymentOperation): Promise<boolean> {
    return !isOpenOperation(await this.#ask(operation, false));
  }

  /** Undoes a charge by our key, where the gateway can and the connector's policy wants it. True when the charge is settled. */
  async reverse(attempt: ChargeAttempt): Promise<boolean> {
    const { deps, queues, ledger } = this.#context;
    const gateway = deps.gateways.get(attempt.connector);
    if (!gateway?.capabilities.cancelByReference || !deps.reverseOnUnknown?.has(attempt.connector))
      return false;
    const operation = await queues.run(attempt.session, async () => {
      const current = deps.store.attempt(attempt.id);
      if (current === undefined || !isOpenAttempt(current)) return undefined;
      const known = deps.store
        .operations(attempt.session)
        .find(({ kind, attempt: of }) => kind === 'cancel' && of === attempt.id);
      if (known) return known;
      const made = this.#make(attempt, 'cancel', attempt.intent.amount, 'outcome_unknown', null);
      await ledger.change(attempt.session, { operation: made });
      return made;
    });
    if (operation !== undefined && isOpenOperation(operation)) await this.#ask(operation, false);
    const now = deps.store.attempt(attempt.id);
    return now === undefined || !isOpenAttempt(now);
  }

  /** The void of a charge that was approved after it was settled otherwise; undefined where its gateway cannot. Not stored yet. */
  lateVoid(attempt: ChargeAttempt): PaymentOperation | undefined {
    const can = this.#context.deps.gateways.get(attempt.connector)?.capabilities.void === true;
    return can && attempt.gatewayId !== null
      ? this.#make(attempt, 'void', attempt.intent.amount, 'late_approval', null)
      : undefined;
  }

  /** Nothing is asked after this; what is being asked is waited for. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#running]);
    await this.#rounds.stop();
  }

  async #begin(
    record: SessionRecord,
    kind: FollowUpKind,
    { amount: asked, key }: OperationRequest,
  ): Promise<Result<{ operation: PaymentOperation; record: SessionRecord; isNew: boolean }, ServiceProblem>> {
    const { deps, ledger } = this.#context;
    if (asked !== undefined && (!Number.isSafeInteger(asked) || asked < 1))
      return badParam('amount', 'amount_out_of_range', 'amount is in minor units: a whole number from 1');
    const operations = deps.store.operations(record.id);
    const requestKey = lettersOf(deps.sha256(new TextEncoder().encode(`${kind} ${key}`)));
    // Asked twice for the same, also over a restart: it is done once.
    const same = operations.find((each) => each.requestKey === requestKey && each.state !== 'not_sent');
    if (same && (asked ?? same.amount) !== same.amount) return requestReused();
    if (same) return ok({ operation: same, record, isNew: false });
    const attempt = record.attempt === null ? undefined : deps.store.attempt(record.attempt);
    const charge = attempt?.state === 'approved' ? attempt : undefined;
    const gateway = deps.gateways.get(record.connector);
    if (gateway === undefined)
      return badParam(
        'connector',
        'unsupported_by_connector',
        'the connector of this session is not configured any more',
      );
    const funds = {
      charge,
      operations: operations.filter(({ attempt: of }) => of === charge?.id),
      capabilities: gateway.capabilities,
    };
    const amount = amountOf(kind, asked, funds);
    if (!amount.ok) return amount;
    if (charge === undefined) throw new Error('an amount without a charge');
    const operation = this.#make(charge, kind, amount.value, 'requested', requestKey);
    await ledger.change(record.id, { operation });
    return ok({ operation, record, isNew: true });
  }

  #make(
    { id: attempt, session, connector }: ChargeAttempt,
    kind: PaymentOperation['kind'],
    amount: number,
    why: PaymentOperation['why'],
    requestKey: string | null,
  ): PaymentOperation {
    const { random, scheduler } = this.#context.deps;
    const now = scheduler.wallMs();
    return {
      ...{ id: makeId<OperationId>('op', random), session, attempt, connector },
      ...{ kind, key: makeId('chg', random), requestKey, why, amount },
      ...{ state: 'sending', code: null, gatewayId: null, created: now, updated: now },
    };
  }

  async #ask(operation: PaymentOperation, isFirst: boolean): Promise<PaymentOperation> {
    const outcome = await this.#send(operation);
    const surelyNotSent = isFirst && operation.why === 'requested';
    const now = await this.#context.queues.run(operation.session, () =>
      recordOutcome(this.#context, operation, outcome, surelyNotSent),
    );
    const recorded = now ?? operation;
    // Undoing by our key is tried again by whoever asks for the charge.
    if (isOpenOperation(recorded) && recorded.kind !== 'cancel') this.follow(recorded);
    return recorded;
  }

  async #round(id: OperationId, session: SessionId, { last }: Round): Promise<boolean> {
    const { store } = this.#context.deps;
    const operation = store.operations(session).find((each) => each.id === id);
    if (operation === undefined || !isOpenOperation(operation)) return true;
    const known = await this.askNow(operation).catch(() => false);
    const charge = store.attempt(operation.attempt);
    if (!known && last && charge !== undefined)
      await raise(this.#context, charge, {
        code: 'operation_still_unknown',
        message: `the outcome of a ${operation.kind} is still unknown: look it up at the gateway`,
      });
    return known;
  }

  /** Never rejects, never takes longer than the limit. */
  async #send(operation: PaymentOperation): Promise<FollowUpOutcome> {
    const { deps } = this.#context;
    const charge = deps.store.attempt(operation.attempt);
    const gateway = deps.gateways.get(operation.connector);
    if (gateway === undefined || charge === undefined) return { kind: 'unknown', code: 'connector_gone' };
    let cancel = (): void => {};
    const tooLate = new Promise<FollowUpOutcome>((resolve) => {
      cancel = deps.scheduler.after(OPERATION_LIMIT_MS, () => resolve(LOST));
    });
    try {
      return await Promise.race([this.#say(gateway, charge, operation), tooLate]);
    } catch {
      return { kind: 'unknown', code: 'gateway_broke' };
    } finally {
      cancel();
    }
  }

  async #say(
    gateway: Gateway,
    attempt: ChargeAttempt,
    { kind, key, amount }: PaymentOperation,
  ): Promise<FollowUpOutcome> {
    const charge = traceOf(this.#context, attempt);
    const none: FollowUpOutcome = { kind: 'refused', code: 'unsupported_by_connector' };
    if (kind === 'cancel') return (await gateway.cancel?.(charge, key)) ?? none;
    const { gatewayId } = attempt;
    if (gatewayId === null) return none;
    return (await gateway.followUp?.({ kind, key, charge, gatewayId, amount })) ?? none;
  }
}
