import { fork } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fetchBytes, makeSessionKey } from '@sordino/app-payments';
import { type ConnectorId, ok, silentLog } from '@sordino/core';
import { FakeScheduler } from '@sordino/core/testing';
import {
  createSandboxGateway,
  createSessionService,
  type Gateway,
  type PaymentStore,
  type SessionRecord,
} from '@sordino/payments';
import { randomBytes } from '@sordino/sordino';
import { openJournalStore } from '@sordino/store';
import { type GatewaySimulator, startGatewaySimulator, until } from '@sordino/testkit';
import { type AllStand, isSpoiled, type PayingSetup, PLAN, STEPS } from './plan.ts';

const MAIN = fileURLToPath(new URL('../../dist/kill/paying-main.js', import.meta.url));
/** One after the other, as the charges come that are to be spoiled; three of four have no outcome then. The rest is answered. */
const FAULTS = Array.from({ length: PLAN.filter(({ point }) => isSpoiled(point)).length }, (_, at) =>
  at % 4 === 0 ? 'drop_after' : at % 4 === 1 ? '500_after_commit' : at % 4 === 2 ? 'drop_before' : 'delay:1',
);
/** Longer than the resolver pauses until it takes a charge that nobody has heard of for one that was never made: each advance is one round. */
const LONGEST_PAUSE_MS = 30 * 60_000;
const ROUNDS_MAX = 20;

let directory = '';
let gateway: GatewaySimulator;
let stood: AllStand;
let store: PaymentStore;
let before: readonly SessionRecord[] = [];
let after: ReadonlyMap<string, SessionRecord>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sordino-kill-'));
  gateway = await startGatewaySimulator();
  await fetch(`${gateway.url}/__sim/faults`, { method: 'POST', body: JSON.stringify({ next: FAULTS }) });
  const setup: PayingSetup = { directory, gatewayUrl: gateway.url };
  const child = fork(MAIN, [JSON.stringify(setup)], { env: { ...process.env, NODE_OPTIONS: '' } });
  const gone = once(child, 'exit');
  const told = await Promise.race([once(child, 'message'), gone]);
  if (child.exitCode !== null) throw new Error(`the paying process ended by itself: ${told}`);
  [stood] = told as [AllStand];
  child.kill('SIGKILL');
  await gone;
  await startAgain();
}, 120_000);

afterAll(async () => {
  await store?.close();
  await gateway?.close();
  rmSync(directory, { recursive: true, force: true });
});

const sessions = (): readonly SessionRecord[] =>
  store.sessions({ tenant: 'acme', livemode: false, limit: 1_000 }).data;

/** The same journal and gateway, and time that a test lets pass. */
async function startAgain(): Promise<void> {
  const scheduler = new FakeScheduler(Date.now());
  store = await openJournalStore({ directory, clock: scheduler, log: silentLog });
  before = sessions();
  const service = createSessionService({
    ...{ store, scheduler, log: silentLog, random: randomBytes },
    calls: {
      expect: () => {
        throw new Error('nothing is created here');
      },
      setCollecting: () => {},
      restore: () => {},
      play: () => ok(null),
      legs: async () => [],
    },
    gateways: new Map<ConnectorId, Gateway>([
      ['con_sandbox' as ConnectorId, createSandboxGateway({ url: gateway.url, fetchBytes })],
    ]),
    makeSessionKey,
    tagCard: (scope, number) => createHmac('sha256', 'of this test').update(scope).update(number).digest(),
    sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  });
  await service.recover();
  for (let round = 0; round < ROUNDS_MAX && store.openAttempts().length > 0; round += 1) {
    scheduler.advance(LONGEST_PAUSE_MS);
    await until(
      'each open attempt waits for its next turn',
      () => scheduler.pending >= store.openAttempts().length,
    );
  }
  after = new Map(sessions().map((record) => [String(record.metadata.plan), record]));
  await service.close();
}

describe('kill -9 of payments at every step of theirs', () => {
  it('found each of them where it was to be', () => {
    const points = new Set(stood.held.map((name) => name.split(' ').slice(1, 3).join(' ')));
    expect(points).toEqual(new Set(STEPS.flatMap((event) => [`before ${event}`, `after ${event}`])));
    expect(stood.held.length).toBeGreaterThan(100);
    expect(new Set(before.map(({ status }) => status))).toEqual(
      new Set([
        'awaiting_media',
        'ready',
        'collecting',
        'ready_to_confirm',
        'processing',
        'approved',
        'declined',
        'unknown',
      ]),
    );
  });

  it('charged no card twice, and the gateway has no charge that we do not know', () => {
    const { entries, replays } = gateway.ledger();
    expect(replays).toBe(0);
    const references = entries.map(({ reference }) => reference);
    expect(new Set(references).size).toBe(references.length);
    const known = new Map([...after.values()].map((record) => [keyOf(record), record]));
    for (const { reference, amount } of entries)
      expect([reference, known.get(reference)?.intent.amount]).toEqual([reference, amount]);
  });

  it('every payment ends as the gateway has it', () => {
    const ledger = new Map(gateway.ledger().entries.map(({ reference, status }) => [reference, status]));
    const wrong = [...after].filter(([, record]) => {
      const charge = ledger.get(keyOf(record) ?? '');
      return record.status !== (charge ?? 'failed');
    });
    expect(wrong.map(([name, { status, result }]) => [name, status, result.failureCode])).toEqual([]);
    expect(store.openAttempts()).toEqual([]);
    expect(ledger.size).toBeGreaterThan(30);
  });

  it('nothing that was on disk is lost, and the events go on without a gap', () => {
    const never = PLAN.filter(({ name }) => !after.has(name)).map(
      ({ point }) => `${point.at} ${point.event}`,
    );
    expect(new Set(never)).toEqual(new Set(['before session.created']));
    for (const record of after.values()) {
      const events = store.events(record.id, 0, 1_000);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
      expect(record.lastEventSeq).toBe(events.length);
    }
    for (const record of before)
      expect(after.get(String(record.metadata.plan))?.version).toBeGreaterThanOrEqual(record.version);
  });

  it('no digit of a card is on disk', () => {
    const disk = readdirSync(directory, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
      .join('\n');
    expect(disk).toContain('payment.processing');
    for (const digits of ['4242424242424242', '4000000000000002']) expect(disk).not.toContain(digits);
  });
});

const keyOf = ({ attempt }: SessionRecord): string | undefined =>
  attempt === null ? undefined : store.attempt(attempt)?.key;
