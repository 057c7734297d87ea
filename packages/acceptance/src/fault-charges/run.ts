import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionId } from '@sordino/core';
import type { PaymentStore } from '@sordino/payments';
import { type GatewayFault, SeededRandom } from '@sordino/testkit';
import { type Booked, disagreements, type Told } from './compare.ts';
import { type GatewayUnderTest, startGateways } from './gateways.ts';
import { CALLER, Life } from './service.ts';

export interface FaultRunOptions {
  readonly charges: number;
  readonly seed: number;
  readonly progress?: (charged: number) => void;
}

export interface FaultRun {
  readonly charges: number;
  /** By status of their sessions. */
  readonly statuses: Readonly<Record<string, number>>;
  /** By connector, charges that moved money. */
  readonly money: Readonly<Record<string, number>>;
  readonly faults: number;
  readonly restarts: number;
  /** Still unknown after a day, and a person was told. */
  readonly raised: number;
  readonly disagreements: readonly string[];
}

/** At once: as many agents as confirm in the same second. */
const AT_ONCE = 25;
/** Customers who key their card at once: to open a key takes the processor a millisecond. */
const KEYING_AT_ONCE = 10;
/** Of the requests to a gateway. */
const FAULTY = 0.3;
/** Longer than the client waits. */
const FAULTS: readonly [GatewayFault, ...GatewayFault[]] = [
  ...(['drop_before', 'drop_after', '500_after_commit', 'reset', 'half_body', 'delay:400'] as const),
];
const NO_FAULT: GatewayFault = 'delay:0';
/** Of the notices. */
const [LOST, TWICE, LATE] = [0.1, 0.2, 0.2];
/** A service is killed in the middle of every so-manieth batch. */
const KILLED_EVERY = 4;
/** Into the confirming. */
const KILLED_AFTER_MS = 20;
/** Each turn of real time lets so much of the service's pass, while charges wait to be said again. */
const TICK_MS = 1_000;
const TURN_MS = 5;
/** The last round of the resolver is after 24 hours. */
const RESOLVED_WITHIN_MS = 25 * 3_600_000;
const DECLINED = 0.1;
const FIRST_AMOUNT = 100;

const pause = (ms: number): Promise<void> => new Promise((resume) => void setTimeout(resume, ms));

/** Charges over every gateway with faults at every place, until nothing is open; and what does not agree then. */
export async function runFaults({ charges, seed, progress }: FaultRunOptions): Promise<FaultRun> {
  const directory = mkdtempSync(join(tmpdir(), 'sordino-faults-'));
  const chance = new SeededRandom(seed);
  let nowMs = Date.now();
  const current: { life?: Life } = {};
  const gateways = await startGateways(() => current.life?.clock.wallMs() ?? nowMs);
  const confirmed: SessionId[] = [];
  let [faults, restarts] = [0, 0];
  const begin = async (): Promise<Life> => {
    current.life = await Life.begin(directory, nowMs, gateways, chance);
    return current.life;
  };
  let life = await begin();
  try {
    for (let done = 0, batch = 1; done < charges; done += AT_ONCE, batch += 1) {
      const amounts = Array.from(
        { length: Math.min(AT_ONCE, charges - done) },
        (_, n) => FIRST_AMOUNT + done + n,
      );
      for (const { server } of gateways) server.plan({});
      const open = life;
      const ids: SessionId[] = [];
      for (let at = 0; at < amounts.length; at += KEYING_AT_ONCE)
        ids.push(
          ...(await Promise.all(
            amounts.slice(at, at + KEYING_AT_ONCE).map((amount) => {
              const { id, cards } = chance.pick(gateways);
              return open.collect(id, amount, cards[chance.next() < DECLINED ? 'declined' : 'approved']);
            }),
          )),
        );
      confirmed.push(...ids);
      faults += planFaults(gateways, chance);
      life.storeFails = true;
      if (batch % KILLED_EVERY === 0) {
        for (const id of ids) void life.confirm(id).catch(() => {});
        await pause(KILLED_AFTER_MS);
        await life.die();
        nowMs = life.clock.wallMs();
        restarts += 1;
        life = await begin();
      } else await whileTimePasses(life, Promise.allSettled(ids.map((id) => open.confirm(id))));
      life.storeFails = false;
      progress?.(done + amounts.length);
    }
    for (const { server } of gateways) server.plan({});
    await Promise.all(gateways.map(({ server }) => server.notices.idle()));
    await resolveAll(life);
    const told = confirmed.map((id) => toldOf(life.store, id)).filter((each) => each !== undefined);
    const booked = gateways.map(({ id, booked: read }) => [id, read()] as const);
    return {
      ...{ charges, faults, restarts, statuses: counted(told.map(({ status }) => status)) },
      money: Object.fromEntries(booked.map(([id, all]) => [id, all.filter(({ isMoney }) => isMoney).length])),
      raised: told.filter(({ status }) => status === 'unknown').length,
      disagreements: disagreements(
        booked.flatMap(([, all]): Booked[] => all),
        told,
      ),
    };
  } finally {
    await life.close();
    await Promise.all(gateways.map(({ server }) => server.close()));
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Each gateway gets faults for more requests than this batch can make of it. */
function planFaults(gateways: readonly GatewayUnderTest[], chance: SeededRandom): number {
  let count = 0;
  const requests = (): GatewayFault[] =>
    Array.from({ length: 4 * AT_ONCE }, () => {
      if (chance.next() >= FAULTY) return NO_FAULT;
      count += 1;
      return chance.pick(FAULTS);
    });
  for (const { server } of gateways) {
    const notices = Array.from({ length: AT_ONCE }, () => {
      const dice = chance.next();
      if (dice < LOST) return 'lost' as const;
      if (dice < LOST + TWICE) return 'duplicate' as const;
      return dice < LOST + TWICE + LATE ? ('late:200' as const) : ('late:0' as const);
    });
    server.plan({ next: requests(), lookups: requests(), notices });
  }
  return count;
}

/** Charges are said again after seconds of the service's time. */
async function whileTimePasses(life: Life, work: Promise<unknown>): Promise<void> {
  let over = false;
  void work.finally(() => {
    over = true;
  });
  while (!over) {
    await pause(TURN_MS);
    if (life.inFlight === 0) life.clock.advance(TICK_MS);
  }
}

/** Lets the resolver's day pass, as fast as the gateways answer. */
async function resolveAll(life: Life): Promise<void> {
  const untilMs = life.clock.monotonicMs() + RESOLVED_WITHIN_MS;
  const isOpen = (): boolean => life.store.openAttempts().length + life.store.openOperations().length > 0;
  while (isOpen() && life.clock.monotonicMs() < untilMs) {
    life.clock.advance(Math.max(TICK_MS, life.clock.nextInMs ?? 0));
    do await pause(TURN_MS);
    while (life.inFlight > 0);
  }
}

function toldOf(store: PaymentStore, id: SessionId): Told | undefined {
  const record = store.session(id);
  // Its creation could not be stored: nobody was charged for it.
  if (record === undefined || record.tenant !== CALLER.tenant) return undefined;
  const events = store.events(id, 0, 1_000);
  const references = events
    .filter(({ type }) => type === 'payment.processing')
    .map(({ data }) => String(data.reference));
  return {
    ...{ session: id, status: record.status, amount: record.intent.amount, references },
    isRaised: events.some(({ type }) => type === 'payment.attention_needed'),
  };
}

function counted(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
