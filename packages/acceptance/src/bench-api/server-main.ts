/** The API under test in a process of its own: HTTP, service and store as the product composes them. The call side does as the parent says. */
import { createHash, createHmac } from 'node:crypto';
import { composePayments, fetchBytes, hashCredential, makeSessionKey } from '@sordino/app-payments';
import { type ConnectorId, ok, silentLog } from '@sordino/core';
import {
  type CallControl,
  createSandboxGateway,
  createSessionService,
  type Gateway,
  type PaymentStore,
  type SessionService,
} from '@sordino/payments';
import { randomBytes, systemScheduler } from '@sordino/sordino';
import { createMemoryStore, openJournalStore, openRedisStore } from '@sordino/store';
import { serveBare } from './bare-server.ts';
import type { FromServer, ServerSetup, ToServer } from './protocol.ts';

const setup = JSON.parse(process.argv[2] ?? '{}') as ServerSetup;
const tell = (message: FromServer): unknown => process.send?.(message);
const NO_LIMIT = 1_000_000;

function openStore({ kind, directory, redisPort }: ServerSetup): Promise<PaymentStore> {
  const options = { directory, clock: systemScheduler, log: silentLog };
  if (kind === 'journal') return openJournalStore(options);
  if (kind === 'redis')
    return openRedisStore({
      ...options,
      access: { target: { node: { host: '127.0.0.1', port: redisPort } } },
    });
  return Promise.resolve(createMemoryStore(systemScheduler));
}

/** The call is engaged as soon as its session is there, and back as soon as it is asked for. */
function callsOf(service: () => SessionService): CallControl {
  return {
    expect: ({ session, sealTo }) => {
      tell({ type: 'expect', session, sealTo });
      setImmediate(() => {
        for (const topology of ['engaging', 'engaged'] as const)
          service().onCallEvent({ type: 'topology', session, topology, gapMs: 12 });
        service().onCallEvent({ type: 'ready', session, lookbackMs: 30 });
      });
      return ok({
        ...{ sip_uri: 'sip:tok@127.0.0.1:5060', e164: null, user_to_user: '00', expires_at: 0 },
        ...{ header: { 'X-Sordino-Token': 'tok' }, cycle: 1, mediaPath: 'direct' as const },
      });
    },
    setCollecting: () => {},
    restore: (session) =>
      setImmediate(() => {
        for (const topology of ['restoring', 'restored'] as const)
          service().onCallEvent({ type: 'topology', session, topology, gapMs: 12 });
      }),
    play: () => ok(null),
    legs: async () => [],
  };
}

async function serve(): Promise<string> {
  const store = await openStore(setup);
  const wired: { service?: SessionService } = {};
  const wire = (): SessionService => {
    if (wired.service === undefined) throw new Error('the call side was asked before the service was there');
    return wired.service;
  };
  const service = createSessionService({
    ...{ store, calls: callsOf(wire), scheduler: systemScheduler, log: silentLog, random: randomBytes },
    gateways: new Map<ConnectorId, Gateway>([
      ['con_sandbox' as ConnectorId, createSandboxGateway({ url: setup.gatewayUrl, fetchBytes })],
    ]),
    makeSessionKey,
    tagCard: (scope, number) =>
      createHmac('sha256', 'of this benchmark').update(scope).update(number).digest(),
    sha256: (bytes) => createHash('sha256').update(bytes).digest(),
    // All pay with one card: that is the load's doing, and a limit is no measurement.
    velocity: {
      windowMs: 1,
      lockMs: 1,
      declines: { caller: NO_LIMIT, card: NO_LIMIT, bin: NO_LIMIT, tenant: NO_LIMIT },
    },
  });
  wired.service = service;
  process.on('message', ({ keys }: ToServer) => {
    for (const key of keys) service.onCallEvent({ type: 'key', session: key.session, key });
  });
  const http = composePayments({
    ...{ service, store, scheduler: systemScheduler, random: randomBytes, log: silentLog },
    apiKeys: [{ id: 'key_1', sha256: hashCredential(setup.apiKey), tenant: 'acme', livemode: false }],
    rates: { apiKeyPerS: NO_LIMIT, pagePerS: NO_LIMIT },
  });
  return (await http.listen({ host: '127.0.0.1', port: 0 })).url;
}

process.on('disconnect', () => process.exit(0));
tell({ type: 'listening', url: setup.kind === 'bare' ? await serveBare(setup.gatewayUrl) : await serve() });
