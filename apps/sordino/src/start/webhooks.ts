import { randomInt } from 'node:crypto';
import { postWebhook, type WebhookDesk } from '@sordino/app-payments';
import type { Log, Scheduler, WebhookEndpointObject } from '@sordino/core';
import { type PaymentStore, WebhookDispatcher, type WebhookEndpoint } from '@sordino/payments';
import type { Config } from '../config/schema.ts';
import type { ReadSecret } from '../secrets/provider.ts';
import { readSigningSecret } from '../secrets/signing-secret.ts';
import { hmacSha256 } from './hashes.ts';

type WebhookConfig = Config['webhooks'][number];

const JITTER_STEPS = 1_000;

/** Throws where a secret cannot be read: an endpoint that nobody can verify is worse than none. */
export async function openWebhooks(
  configs: readonly WebhookConfig[],
  readSecret: ReadSecret,
  store: PaymentStore,
  scheduler: Scheduler,
  log: Log,
): Promise<{ readonly dispatcher: WebhookDispatcher; readonly desk: WebhookDesk }> {
  const endpoints: WebhookEndpoint[] = [];
  for (const config of configs) endpoints.push(await endpointOf(config, readSecret));
  const isPrivateAllowed = new Set(configs.filter((config) => config.allow_private).map(({ id }) => id));
  const dispatcher = new WebhookDispatcher({
    store,
    endpoints,
    scheduler,
    log,
    send: ({ id, url }, headers, body, stop) =>
      postWebhook(url, headers, body, { allowPrivate: isPrivateAllowed.has(id), stop }),
    hmac: hmacSha256,
    chance: () => randomInt(JITTER_STEPS) / JITTER_STEPS,
  });
  const own = ({ tenant, livemode }: { readonly tenant: string; readonly livemode: boolean }) =>
    endpoints.filter((endpoint) => endpoint.tenant === tenant && endpoint.livemode === livemode);
  const desk: WebhookDesk = {
    list: (caller) => own(caller).map((endpoint) => view(endpoint, dispatcher)),
    replay: async (caller, id, session, fromSeq) =>
      own(caller).some((endpoint) => endpoint.id === id) && dispatcher.replay(id, session, fromSeq),
  };
  return { dispatcher, desk };
}

function view(endpoint: WebhookEndpoint, dispatcher: WebhookDispatcher): WebhookEndpointObject {
  const health = dispatcher.health(endpoint.id);
  return {
    id: endpoint.id,
    object: 'webhook_endpoint',
    url: endpoint.url,
    livemode: endpoint.livemode,
    events: endpoint.events,
    secrets: endpoint.secrets.length,
    last_taken: health?.lastTaken ?? null,
    last_failure: health?.lastFailure ?? null,
    waiting: health?.waiting ?? 0,
    gave_up: health?.gaveUp ?? 0,
  };
}

async function endpointOf(config: WebhookConfig, readSecret: ReadSecret): Promise<WebhookEndpoint> {
  const { id, url, tenant, livemode, events } = config;
  const secrets: Uint8Array[] = [];
  for (const [index, reference] of config.secrets.entries())
    secrets.push(await readSigningSecret(readSecret, reference, `webhook ${id}: secrets[${index}]`));
  return { id, url, tenant, livemode, events, secrets };
}
