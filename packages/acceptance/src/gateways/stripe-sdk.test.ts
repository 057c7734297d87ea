import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { GATEWAY_KINDS, type Gateway } from '@sordino/payments';
import { type StripeSimulator, startStripeSimulator } from '@sordino/testkit';
import Stripe from 'stripe';
import { aCard, aRequest, aTrace, keepNothing, WAYS } from './support.ts';

/** Stripe's own library as oracle: the same call by it and by the connector, compared field by field; and its opinion on the simulator. */
const KEY = `sk_${'test'}_${randomBytes(12).toString('hex')}`;
const WEBHOOK_SECRET = `whsec_${randomBytes(24).toString('hex')}`;
const bytes = (text: string) => new TextEncoder().encode(text);

const WITHOUT_REDIRECTS = { enabled: true, allow_redirects: 'never' } as const;

interface Heard {
  readonly method: string | undefined;
  readonly path: string;
  readonly params: readonly (readonly [string, string])[];
  readonly headers: IncomingHttpHeaders;
}

const heard: Heard[] = [];
/** Says to everything what makes both sides go on. */
const listener = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const url = new URL(request.url ?? '/', 'http://stripe');
  const params = [...new URLSearchParams(request.method === 'GET' ? url.search : body)].sort();
  heard.push({ method: request.method, path: url.pathname, params, headers: request.headers });
  const object = { id: 'pm_1', object: 'payment_method', status: 'succeeded', data: [], has_more: false };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(object));
});

const sdkAt = (url: string) =>
  new Stripe(KEY, {
    ...{ host: new URL(url).hostname, port: Number(new URL(url).port), protocol: 'http' },
    ...{ maxNetworkRetries: 0, telemetry: false },
  });
function connectorAt(url: string): Gateway {
  const kind = GATEWAY_KINDS.find(({ type }) => type === 'stripe');
  if (kind === undefined) throw new Error('stripe is not listed');
  const secrets = { secret_key: bytes(KEY), webhook_secret: bytes(WEBHOOK_SECRET) };
  return kind.create({ url, livemode: false, settings: {}, secrets, ways: WAYS });
}

let sdk: Stripe;
let connector: Gateway;
let simulator: StripeSimulator;
beforeAll(async () => {
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  sdk = sdkAt(url);
  connector = connectorAt(url);
  simulator = await startStripeSimulator({ secretKey: KEY, webhookSecret: WEBHOOK_SECRET });
});
beforeEach(() => {
  heard.length = 0;
});
afterAll(async () => {
  listener.closeAllConnections();
  listener.close();
  await simulator.close();
});

/** All that both must say alike. Meant to differ: user agent and connection, and what the SDK tells about itself. */
const compared = ({ method, path, params, headers }: Heard) => ({
  ...{ method, path, params },
  key: headers['idempotency-key'],
  authorization: headers.authorization,
  version: headers['stripe-version'],
  // The SDK names a type for requests without a body too.
  type: method === 'POST' ? headers['content-type'] : undefined,
});

async function sameRequests(ours: () => unknown, theirs: () => unknown): Promise<void> {
  await ours();
  const mine = heard.splice(0).map(compared);
  await theirs();
  expect(mine).toEqual(heard.splice(0).map(compared));
  expect(mine).not.toEqual([]);
}

describe('the connector and Stripe’s library send the same', () => {
  const handIn = (idempotencyKey: string) =>
    sdk.paymentMethods.create(
      {
        type: 'card',
        card: { number: '4242424242424242', exp_month: 9, exp_year: 2031, cvc: '123' },
        billing_details: { address: { postal_code: '90210' } },
      },
      { idempotencyKey },
    );
  const card = () => aCard('4242424242424242', '123', '90210', '0931');

  it.each([
    ['charge', 'automatic'],
    ['authorize', 'manual'],
  ] as const)('%s', (type, capture_method) =>
    sameRequests(
      () => connector.charge(aRequest('chg_1', { type, reference: 'a&b=c [é] + "' }), card(), keepNothing),
      async () => {
        const { id } = await handIn('chg_1-card');
        await sdk.paymentIntents.create(
          {
            ...{ amount: 4_999, currency: 'gbp', confirm: true, payment_method: id, capture_method },
            ...{
              automatic_payment_methods: WITHOUT_REDIRECTS,
              payment_method_options: { card: { moto: true } },
            },
            ...{ error_on_requires_action: true, description: 'a&b=c [é] + "' },
            ...{ metadata: { sordino_key: 'chg_1' }, expand: ['latest_charge'] },
          },
          { idempotencyKey: 'chg_1' },
        );
      },
    ),
  );

  it('tokenize', () =>
    sameRequests(
      () => connector.charge(aRequest('chg_2', { type: 'tokenize', reference: null }), card(), keepNothing),
      async () => {
        const { id } = await handIn('chg_2-card');
        await sdk.setupIntents.create(
          {
            ...{ confirm: true, payment_method: id, usage: 'off_session' },
            ...{
              automatic_payment_methods: WITHOUT_REDIRECTS,
              payment_method_options: { card: { moto: true } },
            },
            metadata: { sordino_key: 'chg_2' },
          },
          { idempotencyKey: 'chg_2' },
        );
      },
    ));

  const step = (kind: 'settle' | 'void' | 'refund') =>
    connector.followUp?.({ kind, key: 'op_1', charge: aTrace('chg_1'), gatewayId: 'pi_1', amount: 500 });

  it('settle', () =>
    sameRequests(
      () => step('settle'),
      async () => {
        await sdk.paymentIntents.retrieve('pi_1');
        await sdk.paymentIntents.capture('pi_1', { amount_to_capture: 500 }, { idempotencyKey: 'op_1' });
      },
    ));

  it('void', () =>
    sameRequests(
      () => step('void'),
      async () => {
        await sdk.paymentIntents.retrieve('pi_1');
        await sdk.paymentIntents.cancel('pi_1', {}, { idempotencyKey: 'op_1' });
      },
    ));

  it('refund', () =>
    sameRequests(
      () => step('refund'),
      async () => {
        await sdk.refunds.list({ payment_intent: 'pi_1', limit: 100 });
        await sdk.refunds.create(
          { payment_intent: 'pi_1', amount: 500, metadata: { sordino_key: 'op_1', sordino_charge: 'chg_1' } },
          { idempotencyKey: 'op_1' },
        );
      },
    ));

  it.each([
    [
      'charge',
      () =>
        sdk.paymentIntents.search({
          query: "metadata['sordino_key']:'chg_1'",
          ...{ limit: 1, expand: ['data.latest_charge'] },
        }),
    ],
    ['tokenize', () => sdk.setupIntents.list({ payment_method: 'pm_1', limit: 1 })],
  ] as const)('looking for an old %s', (type, theirs) =>
    sameRequests(() => connector.query(aTrace('chg_1', { type, memo: 'pm_1', created: 0 })), theirs),
  );
});

describe('Stripe’s library understands the simulator', () => {
  const pay = async (number: string, idempotencyKey: string, amount = 4_999) => {
    const client = sdkAt(simulator.url);
    const { id } = await client.paymentMethods.create({
      type: 'card',
      card: { number, exp_month: 12, exp_year: 2031, cvc: '123' },
    });
    return client.paymentIntents.create(
      {
        ...{ amount, currency: 'gbp', confirm: true, payment_method: id },
        automatic_payment_methods: WITHOUT_REDIRECTS,
      },
      { idempotencyKey },
    );
  };

  it('approves', async () => {
    expect(await pay('4242424242424242', 'sdk_1')).toMatchObject({ status: 'succeeded', amount: 4_999 });
  });

  it('declines', async () => {
    const error: unknown = await pay('4000000000009995', 'sdk_2').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Stripe.errors.StripeCardError);
    expect(error).toMatchObject({ statusCode: 402, decline_code: 'insufficient_funds' });
  });

  it('refuses another request under the same key', async () => {
    await pay('4242424242424242', 'sdk_3');
    await expect(pay('4242424242424242', 'sdk_3', 5_000)).rejects.toBeInstanceOf(
      Stripe.errors.StripeIdempotencyError,
    );
  });
});

describe('webhooks', () => {
  const verified = (payload: string, header: string | undefined) =>
    connector.notices?.({
      ...{ headers: { 'stripe-signature': header }, body: bytes(payload) },
      nowMs: Date.now(),
    });

  it('that the simulator signs are genuine for the library and for the connector', async () => {
    const received: [string, string | undefined][] = [];
    const receiver = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      received.push([body, String(request.headers['stripe-signature'])]);
      response.end();
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    simulator.notices.sendTo(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`);
    simulator.plan({ notices: ['duplicate'] });
    const gateway = connectorAt(simulator.url);
    await gateway.charge(aRequest('chg_notice'), aCard(), keepNothing);
    await gateway.charge(aRequest('chg_no'), aCard('4000000000009995'), keepNothing);
    await simulator.notices.idle();
    receiver.close();
    const events = received.map(([body, signature]) =>
      Stripe.webhooks.constructEvent(body, signature ?? '', WEBHOOK_SECRET),
    );
    expect(events.map(({ type }) => type).sort()).toEqual([
      'payment_intent.payment_failed',
      'payment_intent.succeeded',
      'payment_intent.succeeded',
    ]);
    const read = received.map(([body, signature]) => verified(body, signature));
    const ids = read.flatMap((one) => (one?.kind === 'read' ? one.items.map(({ id }) => id) : []));
    expect([read.length, new Set(ids).size]).toEqual([3, 2]);
    expect(read).toContainEqual({
      kind: 'read',
      items: [
        {
          id: expect.stringMatching(/^evt_/),
          about: { key: 'chg_no' },
          tells: { of: 'charge', outcome: expect.objectContaining({ declineCode: 'insufficient_funds' }) },
        },
      ],
    });
  });

  it('that the library signs are genuine for the connector', () => {
    const payload = JSON.stringify({ id: 'evt_1', livemode: false, type: 'x', data: { object: {} } });
    const header = (secret: string) => Stripe.webhooks.generateTestHeaderString({ payload, secret });
    expect(verified(payload, header(WEBHOOK_SECRET))).toEqual({ kind: 'read', items: [] });
    expect(verified(payload, header('whsec_other'))).toEqual({ kind: 'refused', code: 'bad_signature' });
  });
});
