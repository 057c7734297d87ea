import {
  type Cancel,
  type EventEnvelope,
  type Log,
  overriding,
  type Scheduler,
  type SessionId,
} from '@sordino/core';
import type { PaymentStore, StoreChange } from '../ports/stores.ts';
import { cursorAt, type WebhookCursor } from './cursor.ts';
import { belongsTo, type WebhookEndpoint, wants } from './endpoint.ts';
import { pauseBefore } from './retries.ts';
import { type HmacSha256, signedHeaders } from './signature.ts';

/** What became of one try. `taken`: any 2xx. `gone`: 410, the receiver wants no more of this. */
export type DeliveryOutcome =
  | { readonly kind: 'taken' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Posts one body. Never rejects; `stop` ends it early. */
export type SendWebhook = (
  endpoint: WebhookEndpoint,
  headers: Readonly<Record<string, string>>,
  body: string,
  stop: AbortSignal,
) => Promise<DeliveryOutcome>;

export interface WebhookDeps {
  readonly store: PaymentStore;
  readonly endpoints: readonly WebhookEndpoint[];
  readonly send: SendWebhook;
  readonly hmac: HmacSha256;
  readonly scheduler: Scheduler;
  /** 0 to 1, for jitter only. */
  readonly chance: () => number;
  readonly log: Log;
}

/** How an endpoint does, for whoever has to look after it. */
export interface EndpointHealth {
  /** Unix ms. */
  readonly lastTaken: number | null;
  readonly lastFailure: { readonly at: number; readonly reason: string } | null;
  /** Sessions with events that the endpoint has not taken yet. */
  readonly waiting: number;
  readonly gaveUp: number;
}

/** Sessions of one endpoint that are being sent at a time: a slow receiver must not hold a thousand sockets of ours. */
const LANES_MAX = 8;
const PAGE_EVENTS = 50;

/**
 * Delivers the events of each session to each endpoint of its tenant: in order, at least once, again and again for 72 hours. The store is
 * the queue: a cursor per endpoint and session is in the same commit as the event that it waits for, so that no crash
 * loses one.
 */
export class WebhookDispatcher {
  readonly #deps: WebhookDeps;
  readonly #lines: ReadonlyMap<string, EndpointLine>;
  #stopped = false;

  constructor(deps: WebhookDeps) {
    this.#deps = deps;
    this.#lines = new Map(deps.endpoints.map((endpoint) => [endpoint.id, new EndpointLine(deps, endpoint)]));
  }

  /** The store as the payment side is to see it: what it commits begins to be delivered. */
  watch(): PaymentStore {
    return overriding(this.#deps.store, { commit: (change) => this.#commit(change) });
  }

  /** After a restart: what was on its way. */
  resume(): void {
    for (const cursor of this.#deps.store.webhookCursors())
      if (!cursor.gaveUp) this.#lines.get(cursor.endpoint)?.wake(cursor.session);
  }

  /** Sends the events with `seq` from `fromSeq` on again, in order. False: no such endpoint, or not its session. */
  async replay(endpoint: string, session: SessionId, fromSeq: number): Promise<boolean> {
    const line = this.#lines.get(endpoint);
    const record = this.#deps.store.session(session);
    if (line === undefined || record === undefined || !belongsTo(line.endpoint, record)) return false;
    await this.#deps.store.commit({ cursors: [cursorAt(endpoint, session, Math.max(0, fromSeq - 1))] });
    line.wake(session, 'now');
    return true;
  }

  health(endpoint: string): EndpointHealth | undefined {
    return this.#lines.get(endpoint)?.health();
  }

  /** Nothing is begun after this; what is being sent is given up, and sent again after the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#lines.values()].map((line) => line.stop()));
  }

  async #commit(change: StoreChange): Promise<void> {
    const first = change.events?.[0];
    const record = first && (change.session ?? this.#deps.store.session(first.session));
    const lines = record
      ? [...this.#lines.values()].filter(({ endpoint }) => belongsTo(endpoint, record))
      : [];
    if (first === undefined || lines.length === 0) return this.#deps.store.commit(change);
    const known = new Set(this.#deps.store.webhookCursors(first.session).map(({ endpoint }) => endpoint));
    const cursors = lines
      .filter(({ endpoint }) => !known.has(endpoint.id))
      .map(({ endpoint }) => cursorAt(endpoint.id, first.session, first.seq - 1));
    await this.#deps.store.commit({ ...change, cursors: [...(change.cursors ?? []), ...cursors] });
    if (!this.#stopped) for (const line of lines) line.wake(first.session);
  }
}

/** One endpoint: which sessions have something for it, and a few of them at a time. */
class EndpointLine {
  readonly endpoint: WebhookEndpoint;
  readonly #deps: WebhookDeps;
  /** In the order in which they had something. */
  readonly #ready = new Set<SessionId>();
  readonly #pausing = new Map<SessionId, Cancel>();
  readonly #running = new Map<SessionId, Promise<void>>();
  #lastTaken: number | null = null;
  #lastFailure: EndpointHealth['lastFailure'] = null;
  readonly #stopping = new AbortController();

  constructor(deps: WebhookDeps, endpoint: WebhookEndpoint) {
    this.#deps = deps;
    this.endpoint = endpoint;
  }

  /** `now`: whatever pause it is in. */
  wake(session: SessionId, when: 'after_pause' | 'now' = 'after_pause'): void {
    if (when === 'now') {
      this.#pausing.get(session)?.();
      this.#pausing.delete(session);
    }
    if (this.#stopping.signal.aborted || this.#pausing.has(session)) return;
    this.#ready.add(session);
    this.#begin();
  }

  health(): EndpointHealth {
    const cursors = this.#deps.store
      .webhookCursors()
      .filter(
        ({ endpoint, session, delivered }) =>
          endpoint === this.endpoint.id && this.#deps.store.events(session, delivered, 1).length > 0,
      );
    return {
      lastTaken: this.#lastTaken,
      lastFailure: this.#lastFailure,
      waiting: cursors.filter(({ gaveUp }) => !gaveUp).length,
      gaveUp: cursors.filter(({ gaveUp }) => gaveUp).length,
    };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const cancel of this.#pausing.values()) cancel();
    this.#pausing.clear();
    this.#ready.clear();
    await Promise.allSettled(this.#running.values());
  }

  #begin(): void {
    for (const session of this.#ready) {
      if (this.#running.size >= LANES_MAX) return;
      if (this.#running.has(session)) continue;
      this.#ready.delete(session);
      const run = this.#run(session)
        .catch((error: unknown) => this.#later(session, error))
        .finally(() => {
          this.#running.delete(session);
          this.#begin();
        });
      this.#running.set(session, run);
    }
  }

  /** Sends what there is, until the endpoint does not take it. */
  async #run(session: SessionId): Promise<void> {
    for (;;) {
      const cursor = this.#cursor(session);
      if (cursor === undefined || cursor.gaveUp || this.#stopping.signal.aborted) return;
      const page = this.#deps.store.events(session, cursor.delivered, PAGE_EVENTS);
      const next = page.find((event) => wants(this.endpoint, event));
      const last = next ?? page.at(-1);
      if (last === undefined) return;
      if (next !== undefined && !(await this.#deliver(next, cursor))) return;
      await this.#store(cursor, { ...cursorAt(cursor.endpoint, session, last.seq) });
    }
  }

  /** True when it was taken. Otherwise the cursor tells how often it was not, and a timer is set. */
  async #deliver(event: EventEnvelope, cursor: WebhookCursor): Promise<boolean> {
    const { scheduler, send, hmac } = this.#deps;
    const body = JSON.stringify(event);
    const nowMs = scheduler.wallMs();
    const headers = signedHeaders(event.id, Math.floor(nowMs / 1_000), body, this.endpoint.secrets, hmac);
    const { signal } = this.#stopping;
    const outcome = await send(this.endpoint, headers, body, signal);
    if (outcome.kind === 'taken') {
      this.#lastTaken = scheduler.wallMs();
      return true;
    }
    // What we gave up ourselves is no fault of the receiver.
    if (!signal.aborted) await this.#failed(cursor, outcome);
    return false;
  }

  async #failed(cursor: WebhookCursor, outcome: Exclude<DeliveryOutcome, { kind: 'taken' }>): Promise<void> {
    const { scheduler, chance, log } = this.#deps;
    const { endpoint, session } = cursor;
    const nowMs = scheduler.wallMs();
    const reason = outcome.kind === 'gone' ? 'HTTP 410' : outcome.reason;
    this.#lastFailure = { at: nowMs, reason };
    const failingSince = cursor.failingSince ?? nowMs;
    const failures = cursor.failures + 1;
    const pauseMs =
      outcome.kind === 'gone' ? undefined : pauseBefore(failures, nowMs - failingSince, chance());
    const said = { endpoint, session, seq: cursor.delivered + 1, tries: failures, reason };
    if (pauseMs === undefined)
      log.error('a webhook endpoint takes nothing: its events wait for a replay', said);
    else log.warn('a webhook was not taken', { ...said, next_try_ms: Math.round(pauseMs) });
    await this.#store(cursor, { ...cursor, failures, failingSince, gaveUp: pauseMs === undefined });
    if (pauseMs !== undefined) this.#pause(session, pauseMs);
  }

  /** A replay may have moved the cursor meanwhile: then that counts. */
  async #store(before: WebhookCursor, next: WebhookCursor): Promise<void> {
    if (this.#cursor(before.session) !== before) return;
    await this.#deps.store.commit({ cursors: [next] });
  }

  #cursor(session: SessionId): WebhookCursor | undefined {
    return this.#deps.store.webhookCursors(session).find(({ endpoint }) => endpoint === this.endpoint.id);
  }

  /** The store could not take the cursor: the event is sent once more, which its id tells. */
  #later(session: SessionId, error: unknown): void {
    this.#deps.log.error('the progress of a webhook could not be stored', {
      endpoint: this.endpoint.id,
      session,
      error: error instanceof Error ? error.name : typeof error,
    });
    this.#pause(session, pauseBefore(1, 0, this.#deps.chance()) ?? 0);
  }

  #pause(session: SessionId, pauseMs: number): void {
    if (this.#stopping.signal.aborted) return;
    // What came meanwhile waits behind what was not taken.
    this.#ready.delete(session);
    const cancel = this.#deps.scheduler.after(pauseMs, () => {
      this.#pausing.delete(session);
      this.wake(session);
    });
    this.#pausing.set(session, cancel);
  }
}
