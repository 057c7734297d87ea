import { createHash, createHmac } from 'node:crypto';
import { join } from 'node:path';
import { composePayments, fetchBytesTo, makeSessionKey, postWebhook } from '@sordino/app-payments';
import { type ConnectorId, ok } from '@sordino/core';
import { createLog, openAuditTrail } from '@sordino/observability';
import {
  type CallControl,
  createHttpsGateway,
  createSessionService,
  type FetchBytes,
  GATEWAY_KINDS,
  type Gateway,
  type GatewayKind,
  WebhookDispatcher,
} from '@sordino/payments';
import { cardFreeStore, digest, hmac, randomBytes, systemScheduler } from '@sordino/sordino';
import { openJournalStore } from '@sordino/store';
import { Vault } from '../../bench-leak/run/vault.ts';
import {
  CONTROL_SESSION,
  type FromPayments,
  type HeldAs,
  type PaymentsSetup,
  type ToPayments,
} from './protocol.ts';

/**
 * The payment side of Sordino as a process of its own: session service, API, journal, audit trail, webhooks and connectors, all real. The
 * call side is the parent, which reports sealed keys. Run with `--expose-gc`.
 */
const setup = JSON.parse(process.argv[2] ?? '{}') as PaymentsSetup;
const tell = (message: FromPayments): void => void process.send?.(message);

const hmacSha256 = (key: Uint8Array, ...parts: readonly (string | Uint8Array)[]): string => {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest('base64');
};
const secret = Buffer.from(setup.gatewaySecret, 'base64');

const log = createLog({ level: 'debug' });
const scheduler = systemScheduler;
const journal = cardFreeStore(
  await openJournalStore({ directory: join(setup.directory, 'store'), clock: scheduler, log }),
  log,
);
const trail = openAuditTrail({
  directory: join(setup.directory, 'audit'),
  keepDays: 366,
  clock: scheduler,
  log,
});
const endpoint = { id: 'whe_all', url: setup.webhookUrl, tenant: 'acme', livemode: true, events: ['*'] };
const webhooks = new WebhookDispatcher({
  ...{ store: journal, scheduler, log, hmac: hmacSha256, chance: Math.random },
  endpoints: [{ ...endpoint, secrets: [secret] }],
  send: ({ url }, headers, body, stop) => postWebhook(url, headers, body, { allowPrivate: true, stop }),
});
const store = webhooks.watch();

const calls: CallControl = {
  expect: ({ session, sealTo }) => {
    tell({ said: 'expected', session, sealTo });
    return ok({
      ...{
        sip_uri: 'sip:tok@127.0.0.1:5060',
        e164: null,
        user_to_user: '00',
        header: { 'X-Sordino-Token': 'tok' },
        expires_at: 0,
      },
      ...{ cycle: 1, mediaPath: 'direct' as const },
    });
  },
  setCollecting: () => {},
  restore: () => {},
  play: () => ok(null),
  legs: async () => [],
};

/** With what it needs, as the examples are, and keys of nobody. */
function byName(kind: GatewayKind, url: string, fetchBytes: FetchBytes): Gateway {
  const needed = Object.entries(kind.settings).filter(([, { required }]) => required);
  // Live ones, and nothing that a header cannot hold.
  const settings = needed.map(([name, { example }]) => [
    name,
    example.replace(/sbox_|test_/, '').replace(/[^!-~]/g, 'x'),
  ]);
  const secrets = Object.keys(kind.secrets).map((name) => [name, Buffer.from(secret.toString('hex'))]);
  const ways = { fetchBytes, clock: scheduler, hmac, digest };
  return kind.create({
    ...{ url, livemode: true, ways },
    settings: Object.fromEntries(settings),
    secrets: Object.fromEntries(secrets),
  });
}

const gateways = new Map<ConnectorId, Gateway>(
  Object.entries(setup.gateways).map(([id, url]) => {
    const fetchBytes = fetchBytesTo({ origins: [new URL(url).origin], reach: 'any' });
    const kind = GATEWAY_KINDS.find(({ type }) => id === `con_${type}`);
    if (kind !== undefined) return [id as ConnectorId, byName(kind, url, fetchBytes)];
    const options = {
      url,
      livemode: true,
      secrets: [secret],
      hmac: hmacSha256,
      fetchBytes,
      clock: scheduler,
    };
    return [id as ConnectorId, createHttpsGateway(options)];
  }),
);
const tagKey = randomBytes(32);
const service = createSessionService({
  ...{ store, calls, gateways, scheduler, log, random: randomBytes },
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  makeSessionKey,
  tagCard: (scope, number) => createHmac('sha256', tagKey).update(scope).update(number).digest(),
});
const http = composePayments({
  ...{ service, store, scheduler, log, random: randomBytes },
  apiKeys: [{ id: 'key_1', sha256: setup.apiKeySha256, tenant: 'acme', livemode: true }],
  audit: ({ principal, ...access }) =>
    trail.record({ ...access, actor: principal?.kind ?? null, tenant: principal?.caller.tenant ?? null }),
});
const server = await http.listen({ host: '127.0.0.1', port: 0 });
const control = await Vault.make(CONTROL_SESSION);

const held: unknown[] = [];
function hold(as: HeldAs, keys: readonly string[]): void {
  switch (as) {
    case 'string':
      held.push(keys.join(''));
      return;
    case 'small buffer':
      held.push(Buffer.from(keys.join('')));
      return;
    case 'list of digits':
      held.push(keys.map(Number));
  }
}

process.on('message', async (message: ToPayments) => {
  switch (message.order) {
    case 'report':
      service.onCallEvent(message.event);
      return;
    case 'collect_garbage':
      for (let times = 0; times < 4; times += 1) globalThis.gc?.();
      break;
    case 'hold':
      hold(message.as, await Promise.all(message.keys.map((key) => control.open(key))));
      break;
    case 'close':
      await http.close();
      await service.close();
      await webhooks.stop();
      await store.close();
      trail.close();
      process.disconnect();
      return;
  }
  tell({ said: 'done' });
});
tell({ said: 'up', api: server.url, controlKey: control.publicKey });
