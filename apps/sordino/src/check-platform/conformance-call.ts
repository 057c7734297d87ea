import { randomUUID } from 'node:crypto';
import type {
  CreateSessionBody,
  EventEnvelope,
  LegView,
  RendezvousObject,
  SessionId,
  SessionObject,
} from '@sordino/core';
import { Ladder } from '@sordino/testkit';
import type { Patience } from './patience.ts';
import { SessionWatch } from './session-watch.ts';
import type { SordinoUnderCheck } from './sordino-under-check.ts';
import type { WireMessage } from './wire-record.ts';

/** Which call of a check this is. */
export type CallKind = 'whole' | 'held' | 'silent';

/** Who brings the call and presses the keys: a person who reads, or a simulated platform in tests. */
export interface Operator {
  /** The call is awaited. `asked`: Sordino asks the platform for it by REFER, so that nobody has to divert it. */
  divert(kind: CallKind, rendezvous: RendezvousObject, asked: boolean): void;
  pressKeys(): void;
}

export interface CallOrder {
  readonly kind: CallKind;
  readonly platform: string;
  readonly callId: string;
  readonly ani: string | undefined;
  /** The platform's dialog with the customer, where Sordino is to ask for the call. */
  readonly dialog: CreateSessionBody['call']['dialog'];
  readonly patience: Patience;
  readonly takeBackMs: number;
  readonly operator: Operator;
  /** Nothing is waited for any more. */
  readonly signal: AbortSignal | undefined;
  /** What is done with a call that is ready, before it goes back. */
  whileReady(call: ReadyCall): Promise<void>;
}

export interface ReadyCall {
  readonly sordino: SordinoUnderCheck;
  readonly watch: SessionWatch;
  readonly session: SessionId;
}

/** All that one call showed. */
export interface CallSeen {
  readonly rendezvous: RendezvousObject;
  /** As it was when the call was over. */
  readonly session: SessionObject;
  readonly events: readonly EventEnvelope[];
  readonly legs: readonly LegView[];
  readonly wire: readonly WireMessage[];
  /** Addresses whose SIP was ignored, for no platform allows them. */
  readonly ignoredSources: readonly string[];
  /** What Sordino warned of. */
  readonly log: readonly string[];
  /** Everything to and from the platform, times in front. */
  readonly ladder: string;
}

/** Nothing more can become of a call on the way in. */
const ENDED: ReadonlySet<string> = new Set([
  'session.failed',
  'session.canceled',
  'session.expired',
  'session.lost',
]);

/** Beyond the platform's time to take the customer back: key guard, quiet, linger, and the API on a busy machine. */
const BACK_MARGIN_MS = 10_000;

/** Plays one call from the rendezvous to the customer's return. Whatever the platform does is an observation, never an error. */
export async function playCall(sordino: SordinoUnderCheck, order: CallOrder): Promise<CallSeen> {
  const { client, wire, logged } = sordino;
  const { kind, platform, callId, ani, dialog, patience, operator } = order;
  const asked = dialog !== undefined;
  const created = await client.create(
    {
      call: {
        platform,
        call_id: callId,
        ...(ani === undefined ? {} : { ani }),
        ...(dialog === undefined ? {} : { dialog }),
      },
      start: { method: asked ? 'refer' : 'await_invite', timeout_ms: patience.divertMs },
      // Nothing is charged: the check never confirms.
      intent: { type: 'tokenize', amount: 0, currency: 'eur', reference: `check-platform ${kind}` },
    },
    randomUUID(),
  );
  if (!created.ok) throw new Error(`the session was refused: ${created.error.message}`);
  const { id, rendezvous } = created.value;
  if (rendezvous === null) throw new Error('the session has no rendezvous');

  await using watch = new SessionWatch(client, id, order.signal);
  operator.divert(kind, rendezvous, asked);
  const isEnd = ({ type }: EventEnvelope): boolean => ENDED.has(type);
  const way = await watch.until(
    (event) => event.type === 'session.ready' || isEnd(event),
    patience.divertMs + patience.readyMs,
  );
  if (way?.type === 'session.ready') {
    await order.whileReady({ sordino, watch, session: id });
    await client.cancel(id);
  }
  await untilBack(watch, order.takeBackMs + BACK_MARGIN_MS);
  await new Promise((resolve) => setTimeout(resolve, patience.afterMs));

  const [session, legs] = [await client.read(id), await client.legs(id)];
  const views = legs.ok ? legs.value.data : [];
  return {
    rendezvous,
    session: session.ok ? session.value : created.value,
    events: watch.events,
    legs: views,
    wire: [...wire.messages],
    ignoredSources: [...logged.ignoredSources],
    log: [...logged.lines],
    ladder: ladderOf(wire.messages, views),
  };
}

/** A call that never moved is back already; one that did is back, lost, or not taken back. */
async function untilBack(watch: SessionWatch, patienceMs: number): Promise<void> {
  const moved = watch.events.some(({ type }) => type === 'session.restoring' || type === 'session.engaged');
  if (!moved) return;
  const over: ReadonlySet<string> = new Set(['session.restored', 'session.degraded', 'session.lost']);
  await watch.until(({ type }) => over.has(type), patienceMs);
}

function ladderOf(messages: readonly WireMessage[], legs: readonly LegView[]): string {
  const ladder = new Ladder({ columns: ['platform', 'sordino'] });
  for (const [role, tag] of [
    ['leg5_in', '(5)'],
    ['leg7_out', '(7)'],
  ] as const) {
    const callId = legs.find((leg) => leg.role === role)?.sip?.call_id;
    if (callId !== undefined) ladder.tagLeg(callId, tag);
  }
  for (const { atMs, direction, text } of messages) {
    const [from, to] = direction === 'in' ? ['platform', 'sordino'] : ['sordino', 'platform'];
    ladder.message({ atMs, from, to, text });
  }
  return ladder.render();
}
