import type { Clock } from '@sordino/core';
import { type CardMemory, plainCardMemory } from '../../capture/card-memory.ts';
import { type HmacSha256, signedHeaders } from '../../webhooks/signature.ts';
import type { Gateway, GatewayCapabilities } from '../gateway.ts';
import { type FetchBytes, type HttpOutcome, neverRejecting } from '../http.ts';
import { outcomeOfPay, outcomeOfStatus, outcomeOfStep } from './outcome-map.ts';
import { payBody, statusBody, stepBody } from './request-body.ts';

/** What its protocol has; whether the merchant's service makes use of it is between these two. */
const HTTPS_CAPABILITIES: GatewayCapabilities = {
  ...{ moto: true, authorize: true, tokenize: true, queryByReference: true },
  ...{ settle: true, partialSettle: true, void: true, refund: true },
  ...{ replay: false, cancelByReference: false, bankAccounts: false },
};

/** Below the charge limit of the session service, so that it is the gateway that says what was lost. */
const CHARGE_TIMEOUT_MS = 15_000;
const STATUS_TIMEOUT_MS = 5_000;

export interface HttpsGatewayOptions {
  /** One address for everything; `https:`, or `http:` on this machine. */
  readonly url: string;
  readonly livemode: boolean;
  /** Keys of the signature, the newest first. */
  readonly secrets: readonly Uint8Array[];
  readonly hmac: HmacSha256;
  readonly fetchBytes: FetchBytes;
  readonly clock: Clock;
  readonly cardMemory?: CardMemory;
}

/**
 * The generic connector: a service of the merchant's own takes the card by HTTPS and charges wherever it likes. Requests have the names of
 * Twilio's generic pay connector, so that a service that was written for it needs only to verify our signature (Standard Webhooks).
 * `transaction_id` stays the same over every repetition: a service must do each of them once.
 */
export function createHttpsGateway(options: HttpsGatewayOptions): Gateway {
  const { url, livemode, secrets, hmac, clock, cardMemory = plainCardMemory } = options;
  const fetchBytes = neverRejecting(options.fetchBytes);
  const post = (key: string, body: Uint8Array, timeoutMs: number): Promise<HttpOutcome> =>
    fetchBytes({
      ...{ method: 'POST', url, body, timeoutMs },
      headers: {
        ...signedHeaders(key, Math.floor(clock.wallMs() / 1_000), body, secrets, hmac),
        'content-type': 'application/json',
        'idempotency-key': key,
      },
    });
  return {
    name: 'https',
    livemode,
    capabilities: HTTPS_CAPABILITIES,
    async charge(request, card) {
      const body = payBody(request, card, cardMemory);
      if (body === undefined) return { kind: 'failed', code: 'request_too_large' };
      try {
        return outcomeOfPay(await post(request.key, body.bytes, CHARGE_TIMEOUT_MS));
      } finally {
        body.wipe();
      }
    },
    async query({ key }) {
      return outcomeOfStatus(await post(key, statusBody(key), STATUS_TIMEOUT_MS));
    },
    async followUp(request) {
      return outcomeOfStep(await post(request.key, stepBody(request), CHARGE_TIMEOUT_MS));
    },
  };
}
