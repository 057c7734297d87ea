import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { agentDeskPages } from '@sordino/app-agent-desk';
import { opsConsolePages } from '@sordino/app-ops-console';
import { composeOrchestrator, type Orchestrator, type OrchestratorPorts } from '@sordino/app-orchestrator';
import { type ApiKeyRecord, composePayments, makeSessionKey, type PaymentsApp } from '@sordino/app-payments';
import { composeRelay } from '@sordino/app-relay';
import type { ConnectorId, Log } from '@sordino/core';
import { type MediaRelay, Rehearsals } from '@sordino/interception';
import {
  createSessionService,
  type SessionService,
  type VelocityLimits,
  type WebhookDispatcher,
} from '@sordino/payments';
import type { DialogKeeper } from '@sordino/sip/farewell';
import type { Config } from '../config/schema.ts';
import { openSecrets } from '../secrets/open-secrets.ts';
import { randomBytes, systemScheduler } from '../system.ts';
import { admissionOf } from './admission.ts';
import { openAudit } from './audit.ts';
import { callControl } from './call-control.ts';
import { cardFreeStore } from './card-free-store.ts';
import { cardTagger } from './card-tags.ts';
import { openConnectors } from './connectors.ts';
import { credentialsOf } from './credentials.ts';
import { finishPayments } from './finish-payments.ts';
import { openStore } from './open-store.ts';
import { platformProfile } from './platform-profile.ts';
import { faultDesk, rehearsedGateway, rehearsedStore } from './rehearsals.ts';
import { sipOptions } from './sip-options.ts';
import { openWebhooks } from './webhooks.ts';

/** What runs inside, for those who look after it: how much is open, and rehearsals of its failures. */
export interface SordinoParts extends Pick<Orchestrator, 'interceptor' | 'sip'> {
  readonly relay: Awaited<ReturnType<typeof composeRelay>>;
  readonly http: Pick<PaymentsApp, 'close'>;
}

export interface SordinoOptions extends Pick<OrchestratorPorts, 'trace'> {
  /** Stands between the call side and the relay. */
  readonly observeMedia?: (relay: MediaRelay) => MediaRelay;
  /** Called when the store is ours. */
  readonly openDialogs?: () => Promise<OpenDialogs>;
  /** SIGKILL of this process, where a guardian takes its calls back: a rehearsal of that. */
  readonly killProcess?: () => void;
  /** Hold every answer of the API against its document: for tests. */
  readonly validateResponses?: boolean;
}

/** Where SIP legs are written down, and what an earlier process had left there. */
export interface OpenDialogs extends DialogKeeper {
  /** Sessions of an earlier process whose calls are back. */
  readonly handedBack: ReadonlySet<string>;
  /** Nothing is left that anybody could have to end. */
  close(): void;
}

export interface Sordino {
  readonly parts: SordinoParts;
  /** `http://host:port` */
  readonly api: string;
  /** `udp:host:port` … as bound. */
  readonly sip: readonly string[];
  /** No new calls; those without a payment in progress go back. Resolves when none is left in progress, or when `hurry` does. */
  finishPayments(hurry: Promise<unknown>): Promise<void>;
  /** Refuses new calls, hands every running one back, and closes what was opened, in that order. */
  close(): Promise<void>;
}

/** A call that is not back by then is left to the platform; longer than key guard, hand-over and linger together. */
const HAND_BACK_DEADLINE_MS = 12_000;

/** All of Sordino in one process, wired by hand: store, relay, call side, payment side, HTTP. */
export async function composeSordino(
  config: Config,
  apiKeys: readonly ApiKeyRecord[],
  log: Log,
  options: SordinoOptions = {},
): Promise<Sordino> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    // Last opened, first closed; one that fails must not keep the others open.
    for (const closer of closers.splice(0).reverse()) {
      await closer().catch((error: unknown) => log.error('a part did not close', { reason: String(error) }));
    }
  };
  try {
    const rehearsals = config.api.test_faults ? new Rehearsals(systemScheduler) : undefined;
    // The two sides know each other only through a port and through events; each is built before the other exists.
    const wired: { service?: SessionService; webhooks?: WebhookDispatcher } = {};
    const readSecret = await openSecrets(config.secret_providers);
    const opened = await openStore(config.store, readSecret, log, (adopted) => {
      wired.service
        ?.recover(new Set(), adopted)
        .then(() => wired.webhooks?.resume())
        .catch((error: unknown) =>
          log.error('adopted sessions could not be recovered', { reason: String(error) }),
        );
    });
    const cardFree = cardFreeStore(opened.store, log);
    const audit = openAudit(config, systemScheduler, log, () => void wired.service?.stopCapture());
    closers.push(async () => audit.close());
    const rehearsed = rehearsals === undefined ? cardFree : rehearsedStore(cardFree, rehearsals);
    closers.push(() => rehearsed.close());
    const tagCard = await cardTagger(config.store, readSecret);
    const webhooks = await openWebhooks(config.webhooks, readSecret, rehearsed, systemScheduler, log);
    closers.push(() => webhooks.dispatcher.stop());
    const store = webhooks.dispatcher.watch();
    const dialogs = await options.openDialogs?.();
    closers.push(async () => dialogs?.close());
    const connectors = await openConnectors(config.connectors, readSecret, systemScheduler, log);
    closers.push(() => connectors.close());
    const relay = await composeRelay({ ...relayConfig(config), rehearsals: config.api.test_faults }, log);
    closers.push(() => relay.close());

    const orchestrator = await composeOrchestrator(
      {
        platforms: config.platforms.map(platformProfile),
        admission: admissionOf(config),
        ...sipOptions(config.sip),
      },
      {
        media: options.observeMedia?.(relay) ?? relay,
        scheduler: systemScheduler,
        random: randomBytes,
        log,
        report: (event) => wired.service?.onCallEvent(event),
        ...(rehearsals === undefined ? {} : { rehearsals }),
        ...(options.trace === undefined ? {} : { trace: options.trace }),
        ...(dialogs === undefined ? {} : { dialogs }),
      },
    );
    const service = createSessionService({
      store,
      calls: callControl(orchestrator.interceptor),
      gateways: connectors.gateways,
      rehearse: (session, gateway) => rehearsedGateway(gateway, rehearsals?.of(session), systemScheduler),
      scheduler: systemScheduler,
      random: randomBytes,
      makeSessionKey,
      tagCard,
      reverseOnUnknown: new Set(
        config.connectors.filter((each) => each.reverse_on_unknown).map(({ id }) => id as ConnectorId),
      ),
      sha256: (bytes) => createHash('sha256').update(bytes).digest(),
      log,
      defaults: { connector: config.connectors[0]?.id as ConnectorId },
      velocity: velocityLimits(config.card_testing),
      cardTesting: audit.cardTesting,
      mayCapture: () => !audit.failing(),
    });
    wired.service = service;
    closers.push(() => service.close());
    const handBack = (): Promise<void> => orchestrator.close(HAND_BACK_DEADLINE_MS);
    closers.push(handBack);
    const recovered = await service.recover(dialogs?.handedBack);
    log.info('recovered from the journal', { ...recovered });
    wired.webhooks = webhooks.dispatcher;
    webhooks.dispatcher.resume();

    const http = composePayments({
      service,
      store,
      scheduler: systemScheduler,
      random: randomBytes,
      log,
      apiKeys,
      platforms: orchestrator.platforms,
      webhooks: webhooks.desk,
      audit: audit.access,
      auditOf: audit.ofSession,
      auditEvents: audit.list,
      connectors: connectors.views,
      ...credentialsOf(config.store),
      validateResponses: options.validateResponses ?? false,
      // Where it is made: in the tests of the API.
      validateDocument: false,
      allowedOrigins: config.api.allowed_origins,
      rates: { apiKeyPerS: config.api.requests_per_s, pagePerS: config.api.page_requests_per_s },
      notReadyBecause: () => [
        ...(orchestrator.interceptor.draining ? ['draining'] : []),
        ...opened.notReadyBecause(),
        ...(audit.failing() ? ['audit_unavailable'] : []),
      ],
      ...(rehearsals === undefined
        ? {}
        : {
            faults: faultDesk({
              rehearsals,
              store,
              scheduler: systemScheduler,
              killProcess: options.killProcess,
            }),
          }),
      mounts: [
        { path: '/agent', directory: fileURLToPath(agentDeskPages) },
        { path: '/ops', directory: fileURLToPath(opsConsolePages) },
        // Where the `doc_url` of every error points.
        { path: '/docs', directory: fileURLToPath(new URL('../../../../docs/', import.meta.url)) },
      ],
    });
    const server = await http.listen({ host: config.api.host, port: config.api.port });
    closers.push(() => http.close());
    // First of all: pages see their calls go back, and create is answered 503, as long as HTTP still answers.
    closers.push(handBack);
    // Not before: what is made above keeps the process busy, and a probe would measure that.
    orchestrator.platforms.startProbes();
    return {
      parts: { interceptor: orchestrator.interceptor, sip: orchestrator.sip, relay, http },
      api: server.url,
      sip: orchestrator.sip
        .listening()
        .map(({ protocol, local: { host, port } }) =>
          host.includes(':') ? `${protocol}:[${host}]:${port}` : `${protocol}:${host}:${port}`,
        ),
      finishPayments: (hurry) =>
        finishPayments(hurry, {
          inProgress: () => service.paymentsInProgress(),
          handBack: (which) => orchestrator.interceptor.handBack(which),
          scheduler: systemScheduler,
          log,
        }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const velocityLimits = (limits: Config['card_testing']): VelocityLimits => ({
  windowMs: limits.window_s * 1_000,
  lockMs: limits.lock_s * 1_000,
  declines: {
    caller: limits.per_caller,
    card: limits.per_card,
    bin: limits.per_bin,
    tenant: limits.per_tenant,
  },
});

function relayConfig({ media, platforms }: Config): Parameters<typeof composeRelay>[0] {
  return {
    workers: media.workers,
    host: media.host,
    advertisedHost: media.advertised_host,
    ports: { min: media.port_min, max: media.port_max },
    lookbackMs: media.lookback_ms,
    packetIo: media.packet_io,
    prompts: media.prompts,
    dtls: platforms.some(({ crypto }) => crypto === 'dtls'),
  };
}
