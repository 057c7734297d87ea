import { Operations } from '../operations/operations.ts';
import { pay } from '../pay-connector/pay.ts';
import { CallEvents } from './call-events.ts';
import { Charging } from './charging.ts';
import { clear, collect } from './collect.ts';
import { makeContext } from './context.ts';
import { create } from './create.ts';
import type { SessionServiceDeps } from './deps.ts';
import { FieldDesk } from './field-desk.ts';
import { cancel, restore } from './hand-back.ts';
import { paymentsInProgress } from './in-progress.ts';
import { takeNotice } from './notices.ts';
import { play } from './play.ts';
import { callerForClientSecret, events, legs, list, read } from './read.ts';
import { recover } from './recover.ts';
import { resolveByHand } from './resolve-by-hand.ts';
import { Resolver } from './resolver.ts';
import type { SessionService } from './service.ts';
import { stopCapture } from './stop-capture.ts';

/** The session API over its ports. One per process and store. Call `recover` before the first request. */
export function createSessionService(deps: SessionServiceDeps): SessionService {
  const context = makeContext(deps);
  const desk = new FieldDesk(context);
  const operations = new Operations(context);
  context.wired.operations = operations;
  const resolver = new Resolver(context, operations);
  const charging = new Charging(context, resolver);
  const callEvents = new CallEvents(context, desk);
  return {
    create: (caller, body) => create(context, caller, body),
    read: (caller, id) => read(context, caller, id),
    list: (caller, filter) => list(context, caller, filter),
    collect: (caller, id, field) => collect(context, desk, caller, id, field),
    clear: (caller, id, field, last) => clear(context, desk, caller, id, field, last),
    confirm: (caller, id, override) => charging.confirm(caller, id, override),
    pay: (caller, connector, body) => pay(context, charging, caller, connector, body),
    resolve: (caller, id, finding) => resolveByHand(context, resolver, caller, id, finding),
    operate: (caller, id, kind, request) => operations.request(caller, id, kind, request),
    operations: (caller, id) => operations.list(caller, id),
    notice: (connector, notice) => takeNotice(context, connector, notice),
    cancel: (caller, id) => cancel(context, caller, id),
    restore: (caller, id) => restore(context, caller, id),
    play: (caller, id, to, prompt) => play(context, caller, id, to, prompt),
    legs: (caller, id) => legs(context, caller, id),
    events: (caller, id, after, limit) => events(context, caller, id, after, limit),
    subscribe: (id, listener) => context.ledger.subscribe(id, listener),
    callerForClientSecret: (secret) => callerForClientSecret(context, secret),
    onCallEvent: (event) => callEvents.take(event),
    paymentsInProgress: () => paymentsInProgress(context),
    stopCapture: () => stopCapture(context, desk),
    recover: (handedBack, of) => recover(context, resolver, operations, handedBack, of),
    async close() {
      // Digits first: whatever waits below, no card data waits with it.
      for (const live of context.live.values()) live.end();
      await charging.idle();
      await resolver.stop();
      await operations.close();
      await context.queues.idle();
      context.live.clear();
    },
  };
}
