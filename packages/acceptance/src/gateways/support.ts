import { fetchBytes } from '@sordino/app-payments';
import type { CardBytes, ChargeRequest, ChargeTrace, GatewayWays, KeepMemo } from '@sordino/payments';
import { digest, hmac, systemScheduler } from '@sordino/sordino';

/** What the gateways' tests charge: 49.99 pounds. */
export const aRequest = (key: string, change: Partial<ChargeRequest> = {}): ChargeRequest => ({
  ...{ key, type: 'charge', amount: 4_999, currency: 'gbp', reference: 'INV-7' },
  ...change,
});

/** The same, when its card is gone. */
export const aTrace = (key: string, change: Partial<ChargeTrace> = {}): ChargeTrace => ({
  ...aRequest(key),
  ...{ memo: null, created: Date.now() },
  ...change,
});

export function aCard(number = '4242424242424242', cvc = '123', postalCode = '', expiry = '1230'): CardBytes {
  const bytes = (text: string) => new TextEncoder().encode(text);
  return { number: bytes(number), expiry: bytes(expiry), cvc: bytes(cvc), postalCode: bytes(postalCode) };
}

export const keepNothing: KeepMemo = async () => {};

/** The real ones: what `sordino start` gives its connectors. */
export const WAYS: GatewayWays = { fetchBytes, clock: systemScheduler, hmac, digest };
