import { createHash, createHmac, randomBytes as randomKey } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  composePayments,
  fetchBytes,
  hashCredential,
  makeApiKey,
  makeSessionKey,
  type PaymentsApp,
} from '@sordino/app-payments';
import { type ConnectorId, type EventEnvelope, ok, refuse, silentLog } from '@sordino/core';
import {
  type CallControl,
  createSessionService,
  type PaymentStore,
  type SessionService,
} from '@sordino/payments';
import { randomBytes, systemScheduler } from '@sordino/sordino';
import { openJournalStore } from '@sordino/store';
import { until } from '@sordino/testkit';
import { type GatewayUnderTest, startGateways } from '../fault-charges/gateways.ts';

/** Somebody else's `<Pay>` sends cards over HTTP, and they are charged at every gateway, answers lost included. No call of ours is near. */
const directory = await mkdtemp(join(tmpdir(), 'sordino-pay-'));
const gateways = await startGateways(Date.now);
const payKey = makeApiKey(false, randomBytes);
const serverKey = makeApiKey(false, randomBytes);
const NO_CALLS: CallControl = {
  expect: () => refuse({ code: 'draining', message: 'there are no calls here' }),
  setCollecting: () => {},
  restore: () => {},
  play: () => ok(null),
  legs: async () => [],
};
let life: {
  readonly url: string;
  readonly store: PaymentStore;
  readonly service: SessionService;
  readonly http: PaymentsApp;
};

/** One process over the journal of those before it. */
async function begin(): Promise<typeof life> {
  const store = await openJournalStore({ directory, clock: systemScheduler, log: silentLog });
  const service = createSessionService({
    ...{ store, calls: NO_CALLS, scheduler: systemScheduler, log: silentLog, random: randomBytes },
    makeSessionKey,
    gateways: new Map(gateways.map((each) => [each.id, each.connect(fetchBytes, systemScheduler)])),
    sha256: (bytes) => createHash('sha256').update(bytes).digest(),
    tagCard: (scope, number) => createHmac('sha256', 'of this test').update(scope).update(number).digest(),
  });
  await service.recover();
  const all = { tenant: 'acme', livemode: false };
  const http = composePayments({
    ...{ service, store, scheduler: systemScheduler, log: silentLog, random: randomBytes },
    apiKeys: [
      { id: 'key_pay', sha256: hashCredential(payKey), ...all, scopes: ['payments:charge'] },
      { id: 'key_server', sha256: hashCredential(serverKey), ...all },
    ],
  });
  const { url } = await http.listen({ host: '127.0.0.1', port: 0 });
  return { url, store, service, http };
}

async function end(): Promise<void> {
  await life.http.close();
  await life.service.close();
  await life.store.close();
}

beforeAll(async () => {
  life = await begin();
});
afterAll(async () => {
  await end();
  await Promise.all(gateways.map(({ server }) => server.close()));
  await rm(directory, { recursive: true, force: true });
});

let minor = 1_000;

/** As Twilio sends it: HTTP Basic, amounts in major units, a new amount each so that no payment is taken for another one in doubt. */
async function pay(
  { id, cards }: GatewayUnderTest,
  transaction: string,
  cents: number,
  cardnumber = cards.approved,
) {
  const response = await fetch(`${life.url}/v1/pay_connectors/${id}`, {
    method: 'POST',
    headers: {
      Authorization: `Basic ${Buffer.from(`twilio:${payKey}`).toString('base64')}`,
      'Content-Type': 'application/json',
    },
    body: JSON.stringify({
      ...{
        transaction_id: transaction,
        method: 'charge',
        currency_code: 'GBP',
        amount: (cents / 100).toFixed(2),
      },
      ...{ cardnumber, cvv: '737', expiry_month: '03', expiry_year: '2030', postal_code: null },
      ...{ description: 'INV-7', parameters: { desk: 'north' } },
    }),
  });
  return (await response.json()) as Record<'charge_id' | 'error_code' | 'session', string | null>;
}

async function server<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`${life.url}/v1${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${serverKey}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': randomKey(8).toString('hex'),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Answer;
}

/** What the gateway has booked of this payment. */
async function booked(gateway: GatewayUnderTest, session: string | null) {
  const { data } = await server<{ data: EventEnvelope[] }>('GET', `/sessions/${session}/events`);
  const reference = data.find(({ type }) => type === 'payment.processing')?.data.reference;
  return gateway.booked().filter((entry) => entry.reference === reference && entry.isMoney);
}

const named = (id: string): GatewayUnderTest => {
  const found = gateways.find((each) => each.id === (id as ConnectorId));
  if (found === undefined) throw new Error(`${id} is not among the gateways`);
  return found;
};

describe.each(gateways.map((gateway) => [gateway.id, gateway] as const))('by %s', (id, gateway) => {
  it('a card is charged once, however often it is sent', async () => {
    const cents = ++minor;
    const first = await pay(gateway, `${id}-1`, cents);
    expect(first).toMatchObject({
      charge_id: expect.stringMatching(/^ses_/),
      token_id: null,
      error_code: null,
      error_message: null,
    });
    expect(await pay(gateway, `${id}-1`, cents)).toEqual(first);
    expect(await booked(gateway, first.session)).toMatchObject([{ amount: cents }]);
  });
});

/** Stripe saves its 500, so that one is found only by its notice or after half a minute; `fault-charges` waits for that on a clock of its own. */
const FAULTS = {
  con_sandbox: ['drop_after', '500_after_commit', 'reset', 'half_body'],
  con_https: ['drop_after', '500_after_commit', 'reset', 'half_body'],
  con_stripe: ['drop_after', 'reset', 'half_body'],
} as const;

describe.each(Object.entries(FAULTS))('an answer of %s that is lost', (id, faults) => {
  it.each(faults)(
    '(%s) is said so or found at once, and found out for whoever asks again; the card is charged once',
    async (fault) => {
      const gateway = named(id);
      const cents = ++minor;
      gateway.server.plan({ next: [fault] });
      const first = await pay(gateway, `${id}-${fault}`, cents);
      expect(['outcome_unknown', null]).toContain(first.error_code);
      await until(
        'its outcome is known',
        async () => (await pay(gateway, `${id}-${fault}`, cents)).charge_id !== null,
      );
      expect(await booked(gateway, first.session)).toMatchObject([{ amount: cents }]);
    },
    30_000,
  );
});

it('a declined card is declined, in a 200, and charges nothing', async () => {
  const gateway = named('con_sandbox');
  const answer = await pay(gateway, 'declined', ++minor, gateway.cards.declined);
  expect(answer).toMatchObject({ charge_id: null, error_code: 'generic_decline' });
  expect(await booked(gateway, answer.session)).toEqual([]);
});

it('what was charged is refunded by its charge_id', async () => {
  const { charge_id } = await pay(named('con_sandbox'), 'refunded', ++minor);
  expect(await server('POST', `/sessions/${charge_id}/refund`, {})).toMatchObject({
    kind: 'refund',
    state: 'done',
  });
});

it('the key of a <Pay> reads nothing', async () => {
  const response = await fetch(`${life.url}/v1/sessions`, { headers: { Authorization: `Bearer ${payKey}` } });
  expect(response.status).toBe(403);
});

it('the next process knows what was charged', async () => {
  const gateway = named('con_sandbox');
  const cents = ++minor;
  const first = await pay(gateway, 'restarted', cents);
  await end();
  life = await begin();
  expect(await pay(gateway, 'restarted', cents)).toEqual(first);
  expect(await booked(gateway, first.session)).toHaveLength(1);
});
