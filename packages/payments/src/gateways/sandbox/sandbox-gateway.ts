import { type CardMemory, plainCardMemory } from '../../capture/card-memory.ts';
import type { Gateway, GatewayCapabilities } from '../gateway.ts';
import { type FetchBytes, neverRejecting } from '../http.ts';
import { chargeBody } from './charge-body.ts';
import { CHARGE_TIMEOUT_MS, QUERY_TIMEOUT_MS } from './limits.ts';
import { outcomeOfCharge, outcomeOfQuery, outcomeOfStep } from './outcome-map.ts';

export interface SandboxGatewayOptions {
  /** Where the gateway simulator listens, such as `http://127.0.0.1:4010`; loopback only. */
  readonly url: string;
  readonly fetchBytes: FetchBytes;
  readonly cardMemory?: CardMemory;
}

const SANDBOX_CAPABILITIES: GatewayCapabilities = {
  ...{ moto: true, authorize: true, tokenize: true, queryByReference: true },
  ...{ settle: true, partialSettle: true, void: true, refund: true },
  // Its simulator repeats an answer for a repeated key, but a lost answer is to be seen as lost: that is what the sandbox is for.
  ...{ replay: false, cancelByReference: false, bankAccounts: true },
};

/** The connector to the gateway simulator: no money, the same rules. Throws when `url` is not on this machine. */
export function createSandboxGateway(options: SandboxGatewayOptions): Gateway {
  const { cardMemory = plainCardMemory } = options;
  const fetchBytes = neverRejecting(options.fetchBytes);
  const charges = `${loopbackOrigin(options.url)}/v1/charges`;
  return {
    name: 'sandbox',
    livemode: false,
    capabilities: SANDBOX_CAPABILITIES,
    async charge(request, card) {
      const body = chargeBody(request, card, cardMemory);
      if (body === undefined) return { kind: 'failed', code: 'request_too_large' };
      try {
        return outcomeOfCharge(
          await fetchBytes({
            method: 'POST',
            url: charges,
            headers: { 'content-type': 'application/json', 'idempotency-key': request.key },
            body: body.bytes,
            timeoutMs: CHARGE_TIMEOUT_MS,
          }),
        );
      } finally {
        body.wipe();
      }
    },
    async query({ key }) {
      return outcomeOfQuery(
        await fetchBytes({
          method: 'GET',
          url: `${charges}?reference=${encodeURIComponent(key)}`,
          headers: { accept: 'application/json' },
          body: undefined,
          timeoutMs: QUERY_TIMEOUT_MS,
        }),
      );
    },
    async followUp({ kind, key, gatewayId, amount }) {
      return outcomeOfStep(
        await fetchBytes({
          method: 'POST',
          url: `${charges}/${encodeURIComponent(gatewayId)}/${kind}`,
          headers: { 'content-type': 'application/json', 'idempotency-key': key },
          body: new TextEncoder().encode(JSON.stringify({ reference: key, amount })),
          timeoutMs: CHARGE_TIMEOUT_MS,
        }),
      );
    },
  };
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** A test connector must never be able to send a card to another machine (egress guard). */
function loopbackOrigin(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== 'http:' || !LOOPBACK.test(parsed.hostname))
    throw new Error(
      `the sandbox gateway's url must be http on this machine, such as http://127.0.0.1:4010, not ${url}`,
    );
  return parsed.origin + parsed.pathname.replace(/\/+$/, '');
}
