import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchBytes } from '@sordino/app-payments';
import type { CardBytes, ChargeRequest, ChargeTrace, GatewayWays, KeepMemo } from '@sordino/payments';
import { digest, hmac, systemScheduler } from '@sordino/sordino';

const repository = new URL('../../../..', import.meta.url);

/** A gateway's own API description is no part of this repository; undefined where it does not lie beside it. */
export function gatewaySpec(name: string): object | undefined {
  const file = join(
    process.env.SORDINO_SHARED ?? fileURLToPath(new URL('../shared', repository)),
    'gateway-specs',
    name,
  );
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as object) : undefined;
}

/** What the gateways' tests charge: 49.99 pounds. */
export const aRequest = (key: string, change: Partial<ChargeRequest> = {}): ChargeRequest => ({
  ...{ key, type: 'charge', amount: 4_999, currency: 'gbp', reference: 'INV-7' },
  ...change,
});

/** The same, when its card is gone. */
export const aTrace = (key: string, change: Partial<ChargeTrace> = {}): ChargeTrace => ({
  ...aRequest(key),
  ...{ memo: null, created: Date.now(), mayFinish: true },
  ...change,
});

export function aCard(number = '4242424242424242', cvc = '123', postalCode = '', expiry = '1230'): CardBytes {
  const bytes = (text: string) => new TextEncoder().encode(text);
  return { number: bytes(number), expiry: bytes(expiry), cvc: bytes(cvc), postalCode: bytes(postalCode) };
}

export const keepNothing: KeepMemo = async () => {};

/** The real ones: what `sordino start` gives its connectors. */
export const WAYS: GatewayWays = { fetchBytes, clock: systemScheduler, hmac, digest };
