import type { LegView, SessionId } from '@sordino/core';
import type { Operations } from '../operations/operations.ts';
import type { ServiceContext } from './context.ts';
import { leave } from './departure.ts';
import type { EventDraft } from './ledger.ts';
import { RECOVERED_AT_ONCE } from './limits.ts';
import type { SessionRecord } from './record.ts';
import type { Resolver } from './resolver.ts';
import { isBeforeCharge } from './status-machine.ts';

/** What a restart found and did. */
export interface Recovery {
  readonly sessionsClosed: number;
  readonly attemptsResolved: number;
  readonly attemptsStillUnknown: number;
  readonly operationsStillUnknown: number;
}

/**
 * A restart has lost every private key and every digit, on purpose. So each unfinished attempt is asked for at its gateway (it is
 * ambiguous, and there is no card to send again), and each unfinished session is closed and its call handed back.
 */
export async function recover(
  context: ServiceContext,
  resolver: Resolver,
  operations: Operations,
  handedBack: ReadonlySet<string> = new Set(),
  of?: ReadonlySet<SessionId>,
): Promise<Recovery> {
  const isMeant = (id: SessionId) => of?.has(id) ?? true;
  const { store, scheduler } = context.deps;
  const ageOf = ({ updated }: { readonly updated: number }): number =>
    Math.max(0, scheduler.wallMs() - updated);
  const ofMeant = <Item extends { readonly session: SessionId }>(items: readonly Item[]) =>
    items.filter(({ session }) => isMeant(session));
  let attemptsResolved = 0;
  let attemptsStillUnknown = 0;
  await eachOf(ofMeant(store.openAttempts()), async (attempt) => {
    const ageMs = ageOf(attempt);
    if (await resolver.askNow(attempt, ageMs).catch(() => false)) attemptsResolved += 1;
    else {
      attemptsStillUnknown += 1;
      resolver.follow(attempt.id, ageMs);
    }
  });
  let operationsStillUnknown = 0;
  await eachOf(ofMeant(store.openOperations()), async (operation) => {
    // Undoing by our key is tried again by whoever asks for the charge.
    if (operation.kind === 'cancel') return;
    const ageMs = ageOf(operation);
    if (await operations.askNow(operation).catch(() => false)) return;
    operationsStillUnknown += 1;
    operations.follow(operation, ageMs);
  });
  let sessionsClosed = 0;
  for (const { id } of context.deps.store.openSessions()) {
    if (!isMeant(id)) continue;
    if (await context.queues.run(id, () => closeInterrupted(context, id, handedBack.has(id))))
      sessionsClosed += 1;
  }
  return { sessionsClosed, attemptsResolved, attemptsStillUnknown, operationsStillUnknown };
}

async function eachOf<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += RECOVERED_AT_ONCE)
    await Promise.all(items.slice(at, at + RECOVERED_AT_ONCE).map(work));
}

async function closeInterrupted(
  context: ServiceContext,
  id: SessionId,
  handedBack: boolean,
): Promise<boolean> {
  const { store, calls } = context.deps;
  const record = store.session(id);
  if (record === undefined || context.live.has(id)) return false;
  const interrupted = isBeforeCharge(record.status);
  if (!interrupted && record.callEnded) return false;
  const legs = await calls.legs(id).catch((): LegView[] => []);
  const callIsHere = legs.length > 0;
  const gone = !callIsHere && isInCall(record) ? (handedBack ? 'restored' : 'lost') : undefined;
  const events: EventDraft[] = [];
  if (interrupted) events.push({ type: 'session.failed', data: { code: 'interrupted', call_safe: true } });
  if (gone !== undefined) events.push({ type: `session.${gone}`, data: { reason: 'interrupted' } });
  await leave(context, record, {
    ...(interrupted ? { on: 'failed', failureCode: 'interrupted' } : {}),
    patch: {
      rendezvous: null,
      ...(callIsHere ? {} : { callEnded: true }),
      ...(gone === undefined ? {} : { topology: gone }),
    },
    events,
  });
  calls.restore(id, 'interrupted');
  return true;
}

/** The store says that we were in the media path. */
const isInCall = ({ topology }: SessionRecord): boolean =>
  topology !== 'original' && topology !== 'restored' && topology !== 'lost';
