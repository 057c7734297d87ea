import { createHash, createHmac, randomUUID } from 'node:crypto';
import { fetchBytes, makeSessionKey } from '@sordino/app-payments';
import { type ConnectorId, ok, overriding, type SessionId, silentLog } from '@sordino/core';
import {
  type CallControl,
  createSandboxGateway,
  createSessionService,
  type Gateway,
  type PaymentStore,
  type SessionService,
} from '@sordino/payments';
import { randomBytes, systemScheduler } from '@sordino/sordino';
import { openJournalStore } from '@sordino/store';
import { sealKeys } from '../security/memory/seal-key.ts';
import {
  type AllStand,
  isSpoiled,
  type KillPoint,
  type PayingSetup,
  PLAN,
  type PlannedPayment,
} from './plan.ts';

/**
 * All payments of the plan at once, over the real journal and the gateway simulator of the parent. Each stops for good at its point; then
 * the parent kills the process.
 */
const setup = JSON.parse(process.argv[2] ?? '{}') as PayingSetup;
const CALLER = { tenant: 'acme', livemode: false };
const KEYS = { pays: '4242424242424242#', declines: '4000000000000002#' };

const plans = new Map(PLAN.map((plan) => [plan.name, plan]));
const held = new Set<string>();
const passed = new Set<string>();
const never = new Promise<never>(() => {});
const sealTo = new Map<SessionId, Uint8Array>();
/** Payments whose charge is still to come to the gateway and be spoiled there. */
const spoiling = new Set(PLAN.filter(({ point }) => isSpoiled(point)).map(({ name }) => name));
let tellAllSpoiled = (): void => {};
const allSpoiled = new Promise<void>((resolve) => {
  tellAllSpoiled = resolve;
});

/** Resolves for everybody but the payment that is to be killed here. */
function pass(name: string | undefined, at: KillPoint['at'], events: readonly string[]): Promise<void> {
  const plan = plans.get(name ?? '');
  if (plan === undefined || held.has(plan.name)) return Promise.resolve();
  if (plan.point.at !== at || !events.includes(plan.point.event)) return Promise.resolve();
  held.add(plan.name);
  tellWhenAllStand();
  return never;
}

function stopping(store: PaymentStore): PaymentStore {
  return overriding(store, {
    async commit(change) {
      const name = change.session?.metadata.plan;
      const events = change.events?.map(({ type }) => type) ?? [];
      await pass(name, 'before', events);
      await store.commit(change);
      await pass(name, 'after', events);
    },
  });
}

const calls: CallControl = {
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
};

const store = stopping(
  await openJournalStore({ directory: setup.directory, clock: systemScheduler, log: silentLog }),
);
const sandbox = createSandboxGateway({ url: setup.gatewayUrl, fetchBytes });
const nameOf = (session: SessionId): string | undefined => store.session(session)?.metadata.plan;
const service = createSessionService({
  ...{ store, calls, scheduler: systemScheduler, log: silentLog, random: randomBytes },
  gateways: new Map<ConnectorId, Gateway>([['con_sandbox' as ConnectorId, sandbox]]),
  rehearse: (session, gateway) =>
    overriding(gateway, {
      async charge(request, card, keep) {
        const name = nameOf(session) ?? '';
        await pass(name, 'before', ['gateway']);
        if (!spoiling.has(name)) await allSpoiled;
        const outcome = await gateway.charge(request, card, keep);
        spoiling.delete(name);
        if (spoiling.size === 0) tellAllSpoiled();
        await pass(name, 'after', ['gateway']);
        return outcome;
      },
    }),
  // Half of the cards are declined on purpose.
  velocity: { windowMs: 1, lockMs: 1, declines: { caller: 1e6, card: 1e6, bin: 1e6, tenant: 1e6 } },
  makeSessionKey,
  tagCard: (scope, number) => createHmac('sha256', 'of this test').update(scope).update(number).digest(),
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
});

async function pay({ name, card }: PlannedPayment): Promise<void> {
  const created = await service.create(CALLER, {
    call: { platform: 'plt_main', call_id: randomUUID() },
    intent: { type: 'charge', amount: 100 + [...plans.keys()].indexOf(name), currency: 'gbp' },
    fields: ['card_number', 'expiry'],
    metadata: { plan: name },
  });
  if (!created.ok) throw new Error(created.problem.message);
  const { id } = created.value;
  for (const topology of ['engaging', 'engaged'] as const)
    service.onCallEvent({ type: 'topology', session: id, topology });
  service.onCallEvent({ type: 'ready', session: id, lookbackMs: 20 });
  await stands(service, id, 'ready');
  const number = KEYS[card];
  await key(id, 'card_number', 0, number);
  await stands(service, id, 'ready');
  await key(id, 'expiry', number.length, '1230');
  await stands(service, id, 'ready_to_confirm');
  await service.confirm(CALLER, id);
}

async function key(id: SessionId, field: 'card_number' | 'expiry', seq: number, keys: string) {
  const collected = await service.collect(CALLER, id, field);
  if (!collected.ok) throw new Error(collected.problem.message);
  for (const sealed of await sealKeys(sealTo.get(id) ?? new Uint8Array(), id, seq, keys))
    service.onCallEvent({ type: 'key', session: id, key: sealed });
}

/** Never, of a payment that is held before that. */
function stands(from: SessionService, id: SessionId, status: string): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      const read = from.read(CALLER, id);
      if (read.ok && read.value.status === status) resolve();
    };
    from.subscribe(id, look);
    look();
  });
}

for (const plan of PLAN)
  void pay(plan).then(() => {
    passed.add(plan.name);
    tellWhenAllStand();
  });
setInterval(() => {}, 60_000);

function tellWhenAllStand(): void {
  if (held.size + passed.size < PLAN.length) return;
  process.send?.({ held: [...held], passed: [...passed] } satisfies AllStand);
}
