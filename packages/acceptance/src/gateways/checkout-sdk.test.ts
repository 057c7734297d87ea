import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { GATEWAY_KINDS, type Gateway, type NoticeVerdict } from '@sordino/payments';
import { type CheckoutSimulator, startCheckoutSimulator } from '@sordino/testkit';
import { Checkout } from 'checkout-sdk-node';
import { aCard, aRequest, aTrace, keepNothing, WAYS } from './support.ts';

/** Checkout.com's own library as oracle: the same call by it and by the connector, compared member by member; and its opinion on the simulator. */
const key = () =>
  `${randomBytes(20)
    .toString('base64url')
    .toLowerCase()
    .replace(/[^a-z2-7]/g, 'a')
    .slice(0, 26)}2`;
const SECRET_KEY = `sk_sbox_${key()}`;
const PUBLIC_KEY = `pk_sbox_${key()}`;
const CHANNEL = `pc_${key().slice(0, 26)}`;
const WEBHOOK_SECRET = randomBytes(24).toString('hex');
const bytes = (text: string) => new TextEncoder().encode(text);

interface Heard {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly body: unknown;
  readonly headers: IncomingHttpHeaders;
}

const heard: Heard[] = [];
let listed: object[] = [];
/** Says to everything what makes both sides go on. */
const listener = createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  const { method, url = '', headers } = request;
  heard.push({ method, url, headers, body: text === '' ? undefined : JSON.parse(text) });
  const answer = url.endsWith('/actions')
    ? listed
    : { token: 'tok_1', id: 'pay_1', action_id: 'act_1', status: 'Authorized', data: listed };
  const status = /captures|voids|refunds/.test(url) ? 202 : method === 'POST' ? 201 : 200;
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
});

const sdkAt = (host: string) => new Checkout(SECRET_KEY, { host, pk: PUBLIC_KEY, useLegacyDomain: true });
function connectorAt(url: string): Gateway {
  const kind = GATEWAY_KINDS.find(({ type }) => type === 'checkout_com');
  if (kind === undefined) throw new Error('checkout_com is not listed');
  return kind.create({
    ...{ url, livemode: false, ways: WAYS },
    settings: { prefix: 'abcd1234', public_key: PUBLIC_KEY, processing_channel_id: CHANNEL },
    secrets: { secret_key: bytes(SECRET_KEY), webhook_secret: bytes(WEBHOOK_SECRET) },
  });
}

let sdk: Checkout;
let connector: Gateway;
let simulator: CheckoutSimulator;
beforeAll(async () => {
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  sdk = sdkAt(url);
  connector = connectorAt(url);
  simulator = await startCheckoutSimulator({
    ...{ secretKey: SECRET_KEY, publicKey: PUBLIC_KEY, webhookSecret: WEBHOOK_SECRET },
  });
});
beforeEach(() => {
  heard.length = 0;
  listed = [];
});
afterAll(async () => {
  listener.closeAllConnections();
  listener.close();
  await simulator.close();
});

/** All that both must say alike. Meant to differ: user agent, caching, and that the SDK names a content type for requests without a body. */
const compared = ({ method, url, body, headers }: Heard) => ({
  ...{ method, url, body },
  key: headers['cko-idempotency-key'],
  authorization: headers.authorization,
  type: method === 'POST' ? headers['content-type'] : undefined,
});

async function sameRequests(ours: () => unknown, theirs: () => unknown): Promise<void> {
  await ours();
  const mine = heard.splice(0).map(compared);
  await theirs();
  expect(mine).toEqual(heard.splice(0).map(compared));
  expect(mine).not.toEqual([]);
}

describe('the connector and Checkout.com’s library send the same', () => {
  const card = () => aCard('4242424242424242', '123', '90210', '0931');
  const handIn = () =>
    sdk.tokens.request({
      ...{ type: 'card', number: '4242424242424242', expiry_month: 9, expiry_year: 2031, cvv: '123' },
      billing_address: { zip: '90210' },
    });
  const REFERENCE = 'a"b\\c é';

  it.each([
    ['charge', 4_999, true],
    ['authorize', 4_999, false],
    ['tokenize', 0, false],
  ] as const)('%s', (type, amount, capture) =>
    sameRequests(
      () => connector.charge(aRequest('chg_1', { type, reference: REFERENCE }), card(), keepNothing),
      async () => {
        await handIn();
        await sdk.payments.request(
          {
            ...{ source: { type: 'token', token: 'tok_1' }, amount, currency: 'GBP', capture },
            ...{ payment_type: 'MOTO', reference: 'chg_1', description: REFERENCE },
            processing_channel_id: CHANNEL,
          },
          'chg_1',
        );
      },
    ),
  );

  const step = (kind: 'settle' | 'void' | 'refund') =>
    connector.followUp?.({ kind, key: 'op_1', charge: aTrace('chg_1'), gatewayId: 'pay_1', amount: 500 });
  const named = { reference: 'op_1', metadata: { sordino_step: 'op_1' } };

  it.each([
    ['settle', () => sdk.payments.capture('pay_1', { amount: 500, ...named }, 'op_1')],
    ['void', () => sdk.payments.void('pay_1', named, 'op_1')],
    ['refund', () => sdk.payments.refund('pay_1', { amount: 500, ...named }, 'op_1')],
  ] as const)('%s', (kind, theirs) =>
    sameRequests(
      () => step(kind),
      async () => {
        await sdk.payments.getActions('pay_1');
        await theirs();
      },
    ),
  );

  it('looking for a charge', () => {
    listed = [{ id: 'pay_1' }];
    return sameRequests(
      () => connector.query(aTrace('chg_1', { memo: 'tok_1' })),
      async () => {
        await sdk.payments.getPaymentList({ limit: 1, reference: 'chg_1' });
        await sdk.payments.get('pay_1');
        await sdk.payments.getActions('pay_1');
      },
    );
  });
});

describe('Checkout.com’s library understands the simulator', () => {
  const pay = async (amount: number, reference: string) => {
    const client = sdkAt(simulator.url);
    const { token } = (await client.tokens.request({
      ...{ type: 'card', number: '4242424242424242', expiry_month: 12, expiry_year: 2031, cvv: '100' },
    })) as { token: string };
    const source = { type: 'token', token };
    return client.payments.request({ source, amount, currency: 'GBP', reference }, reference);
  };

  it('approves and declines', async () => {
    expect(await pay(4_999, 'sdk_1')).toMatchObject({ approved: true, status: 'Authorized' });
    expect(await pay(151, 'sdk_2')).toMatchObject({ approved: false, response_code: '20051' });
  });

  it('refuses', async () => {
    const nothing = sdkAt(simulator.url).payments.capture('pay_none', {}, 'op_1');
    await expect(nothing).rejects.toMatchObject({ name: 'NotFoundError' });
  });
});

describe('webhooks', () => {
  const received: [body: string, signature: string][] = [];
  const read = ([body, signature]: readonly [string, string]): NoticeVerdict | undefined =>
    connector.notices?.({
      ...{ headers: { 'cko-signature': signature }, body: bytes(body), nowMs: Date.now() },
    });

  it('that the simulator sends tell of charges and of later steps', async () => {
    const receiver = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      received.push([body, String(request.headers['cko-signature'])]);
      response.end();
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    simulator.notices.sendTo(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`);
    simulator.plan({ notices: ['duplicate'] });
    const gateway = connectorAt(simulator.url);
    const outcome = await gateway.charge(aRequest('chg_n', { type: 'authorize' }), aCard(), keepNothing);
    const gatewayId = outcome.kind === 'approved' ? (outcome.gatewayId ?? '') : '';
    const charge = aTrace('chg_n');
    await gateway.followUp?.({ kind: 'settle', key: 'op_s', charge, gatewayId, amount: 1_000 });
    await gateway.charge(aRequest('chg_no', { amount: 154 }), aCard(), keepNothing);
    await simulator.notices.idle();
    receiver.close();
    const items = received.flatMap((one) => {
      const verdict = read(one);
      return verdict?.kind === 'read' ? verdict.items : [];
    });
    expect([items.length, new Set(items.map(({ id }) => id)).size]).toEqual([4, 3]);
    expect(items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ about: { key: 'chg_n' }, tells: { of: 'charge', outcome } }),
        expect.objectContaining({
          about: { gatewayId },
          tells: { of: 'settle', key: 'op_s', outcome: expect.objectContaining({ kind: 'done' }) },
        }),
        expect.objectContaining({
          about: { key: 'chg_no' },
          tells: { of: 'charge', outcome: expect.objectContaining({ declineCode: 'expired_card' }) },
        }),
      ]),
    );
  });

  it('forged ones are refused', () => {
    const [body = '', signature = ''] = received[0] ?? [];
    const forged = createHmac('sha256', 'another').update(body).digest('hex');
    expect(read([body, signature])).toMatchObject({ kind: 'read' });
    expect(read([`${body} `, signature])).toEqual({ kind: 'refused', code: 'bad_signature' });
    expect(read([body, forged])).toEqual({ kind: 'refused', code: 'bad_signature' });
  });
});
