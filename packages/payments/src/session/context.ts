import type { Result, SessionId } from '@sordino/core';
import { plainCardMemory } from '../capture/card-memory.ts';
import type { Operations } from '../operations/operations.ts';
import { VELOCITY_LIMITS } from '../velocity/limits.ts';
import { Velocity } from '../velocity/velocity.ts';
import type { SessionDefaults, SessionServiceDeps } from './deps.ts';
import { Ledger, StoreFailed } from './ledger.ts';
import { START_TIMEOUT_DEFAULT_MS } from './limits.ts';
import type { LiveSession } from './live-session.ts';
import { busy, noSuchSession } from './problems.ts';
import { SessionQueues } from './queues.ts';
import type { SessionRecord } from './record.ts';
import type { Caller, ServiceProblem } from './service.ts';

/** What the verbs share. One per service. */
export interface ServiceContext {
  readonly deps: SessionServiceDeps;
  readonly ledger: Ledger;
  readonly queues: SessionQueues;
  readonly live: Map<SessionId, LiveSession>;
  readonly defaults: Settings;
  readonly velocity: Velocity;
  readonly cardMemory: NonNullable<SessionServiceDeps['cardMemory']>;
  /** Made from this context, and needed by what is made of it. */
  readonly wired: { operations?: Operations };
}

type Settings = Omit<SessionDefaults, 'connector'> & Partial<Pick<SessionDefaults, 'connector'>>;

const SETTINGS: Settings = {
  fields: ['card_number', 'expiry', 'cvc'],
  mask: { style: 'flat_tone', hold: 'per_key' },
  startTimeoutMs: START_TIMEOUT_DEFAULT_MS,
  acceptedBrands: 'any',
};

export function makeContext(deps: SessionServiceDeps): ServiceContext {
  const cardMemory = deps.cardMemory ?? plainCardMemory;
  return {
    deps,
    ledger: new Ledger(deps),
    queues: new SessionQueues(),
    live: new Map(),
    defaults: { ...SETTINGS, ...deps.defaults },
    velocity: new Velocity({
      limits: deps.velocity ?? VELOCITY_LIMITS,
      clock: deps.scheduler,
      random: deps.random,
      sha256: deps.sha256,
      cardMemory,
      alarm: (alarm) => {
        const { by, tenant, livemode, declines, lockMs } = alarm;
        const locked_s = lockMs / 1_000;
        deps.log.error('card testing suspected', { by, tenant, livemode, declines, locked_s });
        deps.cardTesting?.(alarm);
      },
    }),
    cardMemory,
    wired: {},
  };
}

/** The caller's own session, or undefined: foreign ids do not exist (rule 8). */
export function ownSession(
  { deps }: Pick<ServiceContext, 'deps'>,
  caller: Caller,
  id: SessionId,
): SessionRecord | undefined {
  const record = deps.store.session(id);
  return record?.tenant === caller.tenant && record.livemode === caller.livemode ? record : undefined;
}

/** A verb on one session: in its turn, on the caller's own session, with a failing store told as such. */
export function inTurn<Value>(
  context: ServiceContext,
  caller: Caller,
  id: SessionId,
  verb: (
    record: SessionRecord,
    live: LiveSession | undefined,
  ) => Promise<Result<Value, ServiceProblem>> | Result<Value, ServiceProblem>,
): Promise<Result<Value, ServiceProblem>> {
  if (ownSession(context, caller, id) === undefined) return Promise.resolve(noSuchSession());
  return context.queues.run(id, async () => {
    const record = ownSession(context, caller, id);
    if (record === undefined) return noSuchSession();
    try {
      return await verb(record, context.live.get(id));
    } catch (error) {
      if (error instanceof StoreFailed) return storeFailed(context, error);
      throw error;
    }
  });
}

export function storeFailed({ deps }: ServiceContext, error: StoreFailed) {
  deps.log.error(error.message, { code: error.code });
  return busy(error.code, 'the change could not be stored, so it was not made: try again shortly');
}
