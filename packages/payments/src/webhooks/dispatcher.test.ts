import { describe, expect, it } from '@jest/globals';
import type { EventEnvelope, EventId, EventType, SessionId } from '@sordino/core';
import { silentLog } from '@sordino/core';
import { FakeScheduler } from '@sordino/core/testing';
import type { SessionRecord } from '../session/record.ts';
import { InMemoryStore } from '../test-support/in-memory-store.ts';
import { type DeliveryOutcome, WebhookDispatcher } from './dispatcher.ts';
import type { WebhookEndpoint } from './endpoint.ts';

const TAKEN: DeliveryOutcome = { kind: 'taken' };
const DOWN: DeliveryOutcome = { kind: 'failed', reason: 'ECONNREFUSED' };
const HOUR_MS = 3_600_000;

const anEndpoint = (change: Partial<WebhookEndpoint> = {}): WebhookEndpoint => ({
  id: 'whe_crm',
  url: 'https://crm.example.com/',
  tenant: 'acme',
  livemode: false,
  events: ['*'],
  secrets: [new Uint8Array(24)],
  ...change,
});

const aRecord = (name: string, change: Partial<SessionRecord> = {}): SessionRecord =>
  ({ id: `ses_${name}`, tenant: 'acme', livemode: false, ...change }) as SessionRecord;

const anEvent = (name: string, seq: number, type: EventType = 'field.progress'): EventEnvelope => ({
  id: `evt_${name}_${seq}` as EventId,
  ...{ type, seq, session: `ses_${name}` as SessionId, created: seq, data: {} },
});

/** A dispatcher over a store; the receiver's side does as told, and `taken` is what reached it. */
class Scene {
  readonly scheduler = new FakeScheduler();
  readonly store: InMemoryStore;
  readonly tries: string[] = [];
  /** By event id; everything else is taken. */
  readonly answers = new Map<string, DeliveryOutcome[]>();
  /** Set: every receiver waits for it. */
  gate: Promise<void> | undefined;
  sending = 0;
  readonly dispatcher: WebhookDispatcher;
  readonly #watched;

  constructor(endpoints: readonly WebhookEndpoint[] = [anEndpoint()], store = new InMemoryStore()) {
    this.store = store;
    this.dispatcher = new WebhookDispatcher({
      store,
      endpoints,
      scheduler: this.scheduler,
      log: silentLog,
      hmac: () => 'signed',
      chance: () => 0,
      send: async ({ id }, headers) => {
        this.sending += 1;
        await this.gate;
        this.sending -= 1;
        const event = headers['webhook-id'] ?? '';
        const outcome = this.answers.get(event)?.shift() ?? TAKEN;
        this.tries.push(`${id} ${event} ${outcome.kind}`);
        return outcome;
      },
    });
    this.#watched = this.dispatcher.watch();
  }

  commit(name: string, seq: number, type?: EventType, change?: Partial<SessionRecord>): Promise<void> {
    return this.#watched.commit({ session: aRecord(name, change), events: [anEvent(name, seq, type)] });
  }

  /** Everything that is due by then, and what follows from it. */
  async pass(ms = 0): Promise<void> {
    await this.scheduler.advanceAsync(ms);
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  }
}

describe('the events of a session', () => {
  it('reach each endpoint of its tenant and mode, in order', async () => {
    const scene = new Scene([
      anEndpoint(),
      anEndpoint({ id: 'whe_other', tenant: 'other' }),
      anEndpoint({ id: 'whe_live', livemode: true }),
      anEndpoint({ id: 'whe_second' }),
    ]);
    for (const seq of [1, 2, 3]) await scene.commit('a', seq);
    await scene.pass();
    const of = (id: string) => scene.tries.filter((line) => line.startsWith(`${id} `));
    expect(of('whe_crm')).toEqual([1, 2, 3].map((seq) => `whe_crm evt_a_${seq} taken`));
    expect(of('whe_second')).toHaveLength(3);
    expect(scene.tries).toHaveLength(6);
  });

  it('are only those that the endpoint wants', async () => {
    const scene = new Scene([anEndpoint({ events: ['payment.*', 'session.ready'] })]);
    await scene.commit('a', 1, 'session.created');
    await scene.commit('a', 2, 'session.ready');
    await scene.commit('a', 3, 'field.captured');
    await scene.commit('a', 4, 'payment.approved');
    await scene.pass();
    expect(scene.tries).toEqual(['whe_crm evt_a_2 taken', 'whe_crm evt_a_4 taken']);
    expect(scene.store.webhookCursors()).toMatchObject([{ delivered: 4 }]);
  });

  it('wait for the one before them, which is tried again; other sessions do not', async () => {
    const scene = new Scene();
    scene.answers.set('evt_a_1', [DOWN, DOWN]);
    await scene.commit('a', 1);
    await scene.commit('a', 2);
    await scene.commit('b', 1);
    await scene.pass();
    expect(scene.tries).toEqual(['whe_crm evt_a_1 failed', 'whe_crm evt_b_1 taken']);
    await scene.pass(5_000);
    expect(scene.tries.slice(2)).toEqual(['whe_crm evt_a_1 failed']);
    await scene.pass(300_000);
    expect(scene.tries.slice(3)).toEqual(['whe_crm evt_a_1 taken', 'whe_crm evt_a_2 taken']);
    expect(scene.dispatcher.health('whe_crm')).toMatchObject({ waiting: 0, gaveUp: 0 });
  });

  it('are given up after 72 hours, and sent by a replay', async () => {
    const scene = new Scene();
    scene.answers.set(
      'evt_a_1',
      Array.from({ length: 100 }, () => DOWN),
    );
    await scene.commit('a', 1);
    await scene.commit('a', 2);
    await scene.pass(71 * HOUR_MS);
    expect(scene.dispatcher.health('whe_crm')).toMatchObject({ waiting: 1, gaveUp: 0 });
    await scene.pass(HOUR_MS);
    const tries = scene.tries.length;
    await scene.pass(100 * HOUR_MS);
    expect(scene.tries).toHaveLength(tries);
    expect(scene.dispatcher.health('whe_crm')).toMatchObject({
      waiting: 0,
      gaveUp: 1,
      lastFailure: { reason: 'ECONNREFUSED' },
    });
    scene.answers.clear();
    expect(await scene.dispatcher.replay('whe_crm', 'ses_a' as SessionId, 1)).toBe(true);
    await scene.pass();
    expect(scene.tries.slice(tries)).toEqual(['whe_crm evt_a_1 taken', 'whe_crm evt_a_2 taken']);
  });

  it('are not sent any more to an endpoint that is gone (410)', async () => {
    const scene = new Scene();
    scene.answers.set('evt_a_1', [{ kind: 'gone' }]);
    await scene.commit('a', 1);
    await scene.pass(100 * HOUR_MS);
    expect(scene.tries).toEqual(['whe_crm evt_a_1 gone']);
  });

  it('are sent a few sessions at a time, and all of them in the end', async () => {
    const scene = new Scene();
    let open = (): void => {};
    scene.gate = new Promise((resolve) => {
      open = resolve;
    });
    for (let n = 0; n < 30; n += 1) await scene.commit(`s${n}`, 1);
    await scene.pass();
    expect(scene.sending).toBe(8);
    open();
    await scene.pass();
    expect(scene.tries).toHaveLength(30);
  });
});

describe('a replay', () => {
  it('sends again from a seq on, also in the middle of a pause', async () => {
    const scene = new Scene();
    scene.answers.set('evt_a_3', [DOWN]);
    for (const seq of [1, 2, 3]) await scene.commit('a', seq);
    await scene.pass();
    scene.tries.length = 0;
    expect(await scene.dispatcher.replay('whe_crm', 'ses_a' as SessionId, 2)).toBe(true);
    await scene.pass();
    expect(scene.tries).toEqual(['whe_crm evt_a_2 taken', 'whe_crm evt_a_3 taken']);
  });

  it('is refused for an endpoint or a session that the tenant does not have', async () => {
    const scene = new Scene([anEndpoint()]);
    await scene.commit('foreign', 1, 'session.created', { tenant: 'other' });
    const replay = (endpoint: string, session: string) =>
      scene.dispatcher.replay(endpoint, session as SessionId, 1);
    expect(await replay('whe_crm', 'ses_foreign')).toBe(false);
    expect(await replay('whe_crm', 'ses_none')).toBe(false);
    expect(await replay('whe_none', 'ses_foreign')).toBe(false);
  });
});

describe('after a crash', () => {
  it('what was on its way goes out: the cursor was in the commit of the event', async () => {
    const before = new Scene();
    before.gate = new Promise(() => {});
    await before.commit('a', 1);
    await before.commit('a', 2);
    expect(before.store.changes[0]?.cursors).toMatchObject([{ endpoint: 'whe_crm', delivered: 0 }]);
    const after = new Scene([anEndpoint()], before.store);
    after.dispatcher.resume();
    await after.pass();
    expect(after.tries).toEqual(['whe_crm evt_a_1 taken', 'whe_crm evt_a_2 taken']);
  });

  it('an endpoint that is new hears of new events only', async () => {
    const before = new Scene([]);
    await before.commit('a', 1);
    const after = new Scene([anEndpoint()], before.store);
    after.dispatcher.resume();
    await after.commit('a', 2);
    await after.pass();
    expect(after.tries).toEqual(['whe_crm evt_a_2 taken']);
  });

  it('a progress that could not be stored means that an event is sent twice, with the same id', async () => {
    const scene = new Scene();
    await scene.commit('a', 1);
    scene.store.failures = 1;
    await scene.pass();
    await scene.pass(5_000);
    expect(scene.tries).toEqual(['whe_crm evt_a_1 taken', 'whe_crm evt_a_1 taken']);
    expect(scene.store.webhookCursors()).toMatchObject([{ delivered: 1 }]);
  });
});

it('a commit that fails begins no delivery', async () => {
  const scene = new Scene();
  scene.store.failures = 1;
  await expect(scene.commit('a', 1)).rejects.toMatchObject({ code: 'ENOSPC' });
  await scene.pass();
  expect(scene.tries).toEqual([]);
});

it('what is given up because we stop counts as no failure', async () => {
  const scene = new Scene();
  let open = (): void => {};
  scene.gate = new Promise((resolve) => {
    open = resolve;
  });
  scene.answers.set('evt_a_1', [DOWN]);
  await scene.commit('a', 1);
  await scene.pass();
  const stopped = scene.dispatcher.stop();
  open();
  await stopped;
  expect(scene.store.webhookCursors()).toMatchObject([{ delivered: 0, failures: 0 }]);
});

it('after stop nothing is begun', async () => {
  const scene = new Scene();
  scene.answers.set('evt_a_1', [DOWN]);
  await scene.commit('a', 1);
  await scene.pass();
  await scene.dispatcher.stop();
  await scene.commit('b', 1);
  await scene.pass(100 * HOUR_MS);
  expect(scene.tries).toEqual(['whe_crm evt_a_1 failed']);
});
