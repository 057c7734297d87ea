import type { ConnectorId, SessionId } from '@sordino/core';
import type { ChargeAttempt } from '../charge/attempt.ts';
import { isOpenOperation, type PaymentOperation } from '../charge/operation.ts';
import type { IncomingNotice, NoticeItem } from '../gateways/notice.ts';
import { recordOutcome } from '../operations/outcome.ts';
import type { ServiceContext } from './context.ts';
import type { NoticeResult } from './service.ts';
import { settle } from './settle.ts';

/**
 * What a gateway has sent on its own. Only what its reader has verified is looked at; the same message again changes nothing, and no
 * message, however late, takes back what is known. What is about nothing of ours is said in the log and taken.
 */
export async function takeNotice(
  context: ServiceContext,
  connector: string,
  notice: IncomingNotice,
): Promise<NoticeResult> {
  const { deps } = context;
  const [id, gateway] = [...deps.gateways].find(([each]) => each === connector) ?? [];
  if (id === undefined || gateway?.notices === undefined) return { kind: 'no_such_connector' };
  const verdict = gateway.notices(notice);
  if (verdict.kind === 'refused') return verdict;
  const sessions = new Set<SessionId>();
  for (const item of verdict.items) {
    const attempt = attemptOf(context, id, item.about);
    // Of another connector: its reference says nothing here.
    if (attempt === undefined || attempt.connector !== id) {
      deps.log.info('a gateway tells of a charge that is not here', { connector, of: item.tells.of });
      continue;
    }
    sessions.add(attempt.session);
    await takeOnce(context, connector, attempt, item);
  }
  return { kind: 'taken', answer: verdict.answer ?? '', sessions: [...sessions] };
}

function attemptOf(
  { deps: { store } }: ServiceContext,
  connector: ConnectorId,
  about: NoticeItem['about'],
): ChargeAttempt | undefined {
  if ('key' in about) return store.attemptByKey(about.key);
  if ('keyEnd' in about) return store.attemptByKeyEnd(about.keyEnd);
  return store.attemptByGatewayId(connector, about.gatewayId);
}

/** First its effect, then that it was seen: a crash between the two lets it come again, and what it tells changes a thing only once. */
async function takeOnce(
  context: ServiceContext,
  connector: string,
  attempt: ChargeAttempt,
  item: NoticeItem,
): Promise<void> {
  const { store, scheduler } = context.deps;
  const key = `gateway_event ${connector} ${item.id}`;
  if (store.answer(key) !== undefined) return;
  await context.queues.run(attempt.session, () => take(context, attempt, item));
  await store.commit({ answer: { key, bodyHash: '', status: 200, body: '', created: scheduler.wallMs() } });
}

async function take(context: ServiceContext, attempt: ChargeAttempt, { tells }: NoticeItem): Promise<void> {
  const { store, log } = context.deps;
  if (tells.of === 'charge') {
    // Whatever else it is, it is no news: the resolver goes on asking.
    if (['approved', 'declined', 'failed'].includes(tells.outcome.kind))
      await settle(context, attempt, tells.outcome);
    return;
  }
  const operation = stepOf(store.operations(attempt.session), attempt, tells);
  if (operation !== undefined) await recordOutcome(context, operation, tells.outcome, false);
  else
    log.warn('a gateway tells of a step that was not made here', {
      session: attempt.session,
      reference: attempt.key,
      of: tells.of,
      outcome: tells.outcome.kind,
    });
}

/**
 * By its key; where the gateway does not repeat that, or repeats the charge's in its place (Adyen, by what is asked for), the oldest of the
 * kind that has no outcome yet, or else the latest.
 */
function stepOf(
  operations: readonly PaymentOperation[],
  { id, key: chargeKey }: ChargeAttempt,
  tells: Exclude<NoticeItem['tells'], { readonly of: 'charge' }>,
): PaymentOperation | undefined {
  if (tells.key !== null && tells.key !== chargeKey) return operations.find(({ key }) => key === tells.key);
  const ofKind = operations.filter(({ kind, attempt }) => kind === tells.of && attempt === id);
  return ofKind.find((each) => isOpenOperation(each) || each.state === 'pending') ?? ofKind.at(-1);
}
