import { randomBytes } from 'node:crypto';
import type { Clock, ConnectorId } from '@sordino/core';
import {
  createHttpsGateway,
  createSandboxGateway,
  type FetchBytes,
  GATEWAY_KINDS,
  type Gateway,
} from '@sordino/payments';
import { digest, hmac, systemScheduler } from '@sordino/sordino';
import {
  type GatewayServer,
  startAdyenSimulator,
  startAuthorizeNetSimulator,
  startBraintreeSimulator,
  startCheckoutSimulator,
  startGatewaySimulator,
  startStripeSimulator,
  startWorldpaySimulator,
} from '@sordino/testkit';
import type { Booked } from './compare.ts';

/** One simulated gateway, and how a connector to it is made: again by each process that is started. */
export interface GatewayUnderTest {
  readonly id: ConnectorId;
  readonly server: GatewayServer;
  readonly booked: () => Booked[];
  readonly connect: (fetchBytes: FetchBytes, clock: Clock) => Gateway;
  /** Test cards of the simulator: one that is approved, and one that is declined where it has that. */
  readonly cards: { readonly approved: string; readonly declined: string };
}

interface Entry {
  readonly reference: string;
  readonly amount: number | null;
  readonly status: string;
}

const base64Mac = (key: Uint8Array, ...parts: readonly (string | Uint8Array)[]): string =>
  Buffer.from(hmac('sha256', key, ...parts)).toString('base64');
const VISA = '4111111111111111';
const MASTERCARD = '5555555555554444';
const BOTH = { approved: VISA, declined: '4000000000000002' };
const ONE = { approved: VISA, declined: VISA };

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const bookedOf = (entries: readonly Entry[]): Booked[] =>
  entries.map(({ reference, amount, status }) => ({
    ...{ reference, amount },
    isMoney: status !== 'declined' && status !== 'voided',
  }));

/** Keys that look like those of the gateways, made up for this run. */
const letters = (count: number): string =>
  Array.from(randomBytes(count), (byte) => String.fromCharCode(97 + (byte % 26))).join('');

/** Every gateway that a connector can name. `nowMs`: of the simulators that have a clock of their own. */
export async function startGateways(
  nowMs: () => number,
): Promise<readonly [GatewayUnderTest, ...GatewayUnderTest[]]> {
  const [merchantAccount, apiKey] = ['SordinoMOTO', letters(20)];
  const hmacKey = randomBytes(32).toString('hex');
  const stripeKey = `sk_${'test'}_${letters(24)}`;
  const webhookSecret = `whsec_${letters(32)}`;
  const [secretKey, publicKey] = [`sk_sbox_${letters(26)}2`, `pk_sbox_${letters(26)}2`];
  const payKey = randomBytes(32);
  const sandbox = await startGatewaySimulator();
  const pay = await startGatewaySimulator({ paySecret: `whsec_${payKey.toString('base64')}` });
  const stripe = await startStripeSimulator({ secretKey: stripeKey, webhookSecret, nowMs });
  const checkout = await startCheckoutSimulator({ secretKey, publicKey, webhookSecret, nowMs });
  const adyen = await startAdyenSimulator({ apiKey, merchantAccount, hmacKey });
  const worldpayAccount = { username: letters(8), password: letters(16), entity: 'default' };
  const eventSecret = letters(24);
  const worldpay = await startWorldpaySimulator({ ...worldpayAccount, eventSecret });
  const authorizeNet = await startAuthorizeNetSimulator({ nowMs });
  const braintree = await startBraintreeSimulator({ nowMs });
  const named = (
    type: string,
    server: GatewayServer,
    entries: () => readonly Entry[],
    settings: Record<string, string>,
    secrets: Record<string, Uint8Array>,
    cards = ONE,
  ): GatewayUnderTest => ({
    ...{ id: `con_${type}` as ConnectorId, server, cards, booked: () => bookedOf(entries()) },
    connect: (fetchBytes, clock) => {
      const kind = GATEWAY_KINDS.find((each) => each.type === type);
      if (kind === undefined) throw new Error(`${type} is not registered`);
      const ways = { fetchBytes, clock, hmac, digest };
      return kind.create({ url: server.url, livemode: false, settings, secrets, ways });
    },
  });
  return [
    {
      ...{ id: 'con_sandbox' as ConnectorId, server: sandbox, cards: BOTH },
      booked: () => bookedOf(sandbox.ledger().entries),
      connect: (fetchBytes) => createSandboxGateway({ url: sandbox.url, fetchBytes }),
    },
    {
      ...{ id: 'con_https' as ConnectorId, server: pay, cards: BOTH },
      booked: () => bookedOf(pay.ledger().entries),
      connect: (fetchBytes) =>
        createHttpsGateway({
          ...{ url: `${pay.url}/pay`, livemode: false, secrets: [payKey], hmac: base64Mac },
          ...{ fetchBytes, clock: systemScheduler },
        }),
    },
    named(
      'adyen',
      adyen,
      () => adyen.ledger().entries,
      { merchant_account: merchantAccount },
      {
        api_key: bytes(apiKey),
        hmac_key: bytes(hmacKey),
      },
    ),
    named(
      'authorize_net',
      authorizeNet,
      () => authorizeNet.report().entries,
      { api_login_id: 'login' },
      {
        transaction_key: bytes('key'),
        signature_key: bytes('signature'),
      },
    ),
    named(
      'braintree',
      braintree,
      () => braintree.report().entries,
      {
        ...{ merchant_id: 'merchant', public_key: 'public', currency: 'gbp' },
      },
      { private_key: bytes('private') },
    ),
    named(
      'checkout_com',
      checkout,
      () => checkout.ledger().entries,
      {
        ...{ prefix: 'abcd1234', public_key: publicKey, processing_channel_id: `pc_${letters(26)}` },
      },
      { secret_key: bytes(secretKey), webhook_secret: bytes(webhookSecret) },
    ),
    named(
      'stripe',
      stripe,
      () => stripe.ledger().entries,
      {},
      {
        secret_key: bytes(stripeKey),
        webhook_secret: bytes(webhookSecret),
      },
      BOTH,
    ),
    named(
      'worldpay_access',
      worldpay,
      () => worldpay.ledger().entries,
      { username: worldpayAccount.username, entity: worldpayAccount.entity, narrative: 'SORDINO LTD' },
      { password: bytes(worldpayAccount.password), event_secret: bytes(eventSecret) },
      { approved: MASTERCARD, declined: MASTERCARD },
    ),
  ];
}
