import { createHash, createHmac } from 'node:crypto';
import { composePayments, fetchBytes, makeSessionKey, type PaymentsApp } from '@sordino/app-payments';
import { type ConnectorId, type Log, ok, overriding, type SessionId, silentLog } from '@sordino/core';
import { FakeScheduler } from '@sordino/core/testing';
import {
  type CallControl,
  createSessionService,
  type FetchBytes,
  type Gateway,
  type PaymentStore,
  type SessionService,
} from '@sordino/payments';
import { randomBytes } from '@sordino/sordino';
import { openJournalStore } from '@sordino/store';
import { type SeededRandom, until } from '@sordino/testkit';
import { sealKeys } from '../security/memory/seal-key.ts';
import type { GatewayUnderTest } from './gateways.ts';

export const CALLER = { tenant: 'acme', livemode: false };

/** Instead of the 15 s that a client waits: a delay of the fault plan is longer. */
const ANSWER_TIMEOUT_MS = 300;
/** Of the commits, while charges are under way. */
const STORE_FAILS = 0.02;
const POLL_MS = 2;
const NO_LIMIT = 1_000_000;
/** Sessions in quick succession from one address of the simulators. */
const HTTP = { host: '127.0.0.1', port: 0 } as const;

const calls = (sealTo: Map<SessionId, Uint8Array>): CallControl => ({
  expect: ({ session, sealTo: key }) => {
    sealTo.set(session, key);
    return ok({
      ...{ sip_uri: 'sip:tok@127.0.0.1:5060', e164: null, user_to_user: '00', expires_at: 0 },
      ...{ header: { 'X-Sordino-Token': 'tok' }, cycle: 1, mediaPath: 'direct' as const },
    });
  },
  setCollecting: () => {},
  restore: () => {},
  play: () => ok(null),
  legs: async () => [],
});

/** One life of the payments service over the journal of its predecessors: real but for its clock and its calls. */
export class Life {
  readonly clock: FakeScheduler;
  readonly store: PaymentStore;
  readonly service: SessionService;
  /** Whether commits may fail. */
  storeFails = false;
  #inFlight = 0;
  #isDead = false;
  readonly #http: PaymentsApp;
  readonly #journal: PaymentStore;
  readonly #sealTo = new Map<SessionId, Uint8Array>();

  private constructor(
    journal: PaymentStore,
    clock: FakeScheduler,
    gateways: readonly GatewayUnderTest[],
    chance: SeededRandom,
  ) {
    this.clock = clock;
    this.#journal = journal;
    this.store = overriding(journal, {
      commit: (change) =>
        this.#isDead || (this.storeFails && chance.next() < STORE_FAILS)
          ? Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }))
          : journal.commit(change),
    });
    const log: Log = silentLog;
    this.service = createSessionService({
      ...{ store: this.store, calls: calls(this.#sealTo), scheduler: clock, log, random: randomBytes },
      gateways: new Map<ConnectorId, Gateway>(
        gateways.map((each) => [each.id, each.connect(this.#fetch, clock)]),
      ),
      reverseOnUnknown: new Set(gateways.map(({ id }) => id)),
      sha256: (bytes) => createHash('sha256').update(bytes).digest(),
      makeSessionKey,
      tagCard: (scope, number) => createHmac('sha256', 'of this run').update(scope).update(number).digest(),
      // Every tenth card is declined on purpose.
      velocity: {
        ...{ windowMs: 1, lockMs: 1 },
        declines: { caller: NO_LIMIT, card: NO_LIMIT, bin: NO_LIMIT, tenant: NO_LIMIT },
      },
    });
    this.#http = composePayments({
      ...{ service: this.service, store: this.store, scheduler: clock, random: randomBytes, log },
      apiKeys: [],
    });
  }

  static async begin(
    directory: string,
    nowMs: number,
    gateways: readonly GatewayUnderTest[],
    chance: SeededRandom,
  ): Promise<Life> {
    const clock = new FakeScheduler(nowMs);
    // What is being tested dies in the same process: its commits need not survive a power cut.
    const journal = await openJournalStore({ directory, clock, log: silentLog, fsync: false });
    const life = new Life(journal, clock, gateways, chance);
    await life.service.recover();
    const { url } = await life.#http.listen(HTTP);
    for (const { id, server } of gateways) server.notices.sendTo(`${url}/v1/gateway_events/${id}`);
    return life;
  }

  /** As kill -9 does it: nothing is stored any more and nobody is told; what is on its way to a gateway arrives there. */
  async die(): Promise<void> {
    this.#isDead = true;
    await this.#http.close();
    await this.#journal.close();
  }

  /** An orderly end. */
  async close(): Promise<void> {
    await this.#http.close();
    await this.service.close();
    await this.#journal.close();
  }

  /** Requests that have not been answered. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** From create to everything keyed: a customer with a card. */
  async collect(connector: ConnectorId, amount: number, number: string): Promise<SessionId> {
    const created = await this.service.create(CALLER, {
      call: { platform: 'plt_main', call_id: `call-${amount}` },
      intent: { type: 'charge', amount, currency: 'gbp' },
      connector,
    });
    if (!created.ok) throw new Error(created.problem.message);
    const { id } = created.value;
    for (const topology of ['engaging', 'engaged'] as const)
      this.service.onCallEvent({ type: 'topology', session: id, topology });
    this.service.onCallEvent({ type: 'ready', session: id, lookbackMs: 20 });
    let seq = 0;
    for (const [field, keys] of [
      ['card_number', `${number}#`],
      ['expiry', '0330'],
      ['cvc', '737'],
    ] as const) {
      await this.#stands(id, 'ready');
      await this.service.collect(CALLER, id, field);
      for (const key of await sealKeys(this.#sealTo.get(id) ?? new Uint8Array(), id, seq, keys))
        this.service.onCallEvent({ type: 'key', session: id, key });
      seq += keys.length;
    }
    await this.#stands(id, 'ready_to_confirm');
    return id;
  }

  /** What became of it, or undefined when this life ended first. */
  async confirm(id: SessionId): Promise<void> {
    const confirmed = await this.service.confirm(CALLER, id);
    // Nothing has left: the agent says it again.
    if (!confirmed.ok && confirmed.problem.retryable) await this.service.confirm(CALLER, id);
  }

  readonly #fetch: FetchBytes = async (request) => {
    this.#inFlight += 1;
    try {
      return await fetchBytes({ ...request, timeoutMs: Math.min(request.timeoutMs, ANSWER_TIMEOUT_MS) });
    } finally {
      this.#inFlight -= 1;
    }
  };

  #stands(id: SessionId, status: string): Promise<unknown> {
    return until(
      `${id} is ${status}`,
      () => {
        const read = this.service.read(CALLER, id);
        return read.ok && read.value.status === status;
      },
      POLL_MS,
    );
  }
}
