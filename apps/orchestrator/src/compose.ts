import type { Log, RandomBytes, Scheduler } from '@sordino/core';
import {
  type InterceptionEvent,
  Interceptor,
  type MediaRelay,
  type PlatformProfile,
  Platforms,
  type Rehearsals,
} from '@sordino/interception';
import {
  type AdmissionOptions,
  createSdpNegotiator,
  type ListenPoint,
  SipEndpoint,
  type SipEndpointOptions,
  type SipTraceEntry,
  type TlsClientFiles,
} from '@sordino/sip';

export interface OrchestratorConfig {
  /** The first one is where rendezvous URIs point. */
  readonly listen: readonly ListenPoint[];
  /** The host that platforms reach us at, where it is not the bound one. */
  readonly advertisedHost?: string;
  /** Default: those of the system. */
  readonly dnsServers?: readonly string[];
  /** For connections of ours over TLS. */
  readonly tlsClient?: TlsClientFiles;
  readonly platforms: readonly PlatformProfile[];
  /** Who may speak to us; absent: anybody, and we call anybody (never so in `sordino start`). */
  readonly admission?: AdmissionOptions;
}

export interface OrchestratorPorts {
  readonly media: MediaRelay;
  readonly scheduler: Scheduler;
  readonly random: RandomBytes;
  readonly log: Log;
  readonly rehearsals?: Rehearsals;
  report(event: InterceptionEvent): void;
  /** Every SIP message in and out; INFO bodies are blanked. */
  trace?(entry: SipTraceEntry): void;
  /** Where every leg is written down, for whoever may have to end it in our place. */
  readonly dialogs?: SipEndpointOptions['dialogs'];
  /** For the benchmark: see `SipEndpointOptions`. */
  readonly parse?: SipEndpointOptions['parse'];
}

export interface Orchestrator {
  readonly interceptor: Interceptor;
  /** Their probes are started by whoever is ready to serve; `close` stops them. */
  readonly platforms: Platforms;
  readonly sip: SipEndpoint;
  /** Hands every call back, then closes the sockets. */
  close(deadlineMs: number): Promise<void>;
}

/** Seconds after which a keep-alive may ask again whether we are back. */
const RETRY_AFTER_S = '5';

/** RFC 4028 on leg 5, where no platform is known yet when the INVITE is judged: what suits them all. */
function sessionTiming(platforms: readonly PlatformProfile[]): NonNullable<SipEndpointOptions['timing']> {
  if (platforms.length === 0) return {};
  const timers = platforms.map(({ sessionTimer }) => sessionTimer);
  return {
    minSeS: Math.min(...timers.map(({ minSeS }) => minSeS)),
    sessionExpiresS: Math.min(...timers.map(({ expiresS }) => expiresS)),
  };
}

/** SIP legs and the dance: the SIP endpoint in front, the interceptor behind it. */
export async function composeOrchestrator(
  config: OrchestratorConfig,
  ports: OrchestratorPorts,
): Promise<Orchestrator> {
  const sip = await SipEndpoint.open({
    listen: config.listen,
    log: ports.log,
    timing: sessionTiming(config.platforms),
    onInvite: (leg, invite) => interceptor.onInvite(leg, invite),
    onOptions: () =>
      interceptor.draining || interceptor.full
        ? { status: 503, headers: [['Retry-After', RETRY_AFTER_S]] }
        : { status: 200 },
    ...(config.advertisedHost === undefined ? {} : { advertisedHost: config.advertisedHost }),
    ...(config.admission === undefined ? {} : { admission: config.admission }),
    ...(config.tlsClient === undefined ? {} : { tlsClient: config.tlsClient }),
    ...(config.dnsServers === undefined ? {} : { dnsServers: config.dnsServers }),
    ...(ports.trace === undefined ? {} : { trace: ports.trace }),
    ...(ports.dialogs === undefined ? {} : { dialogs: ports.dialogs }),
    ...(ports.parse === undefined ? {} : { parse: ports.parse }),
  });
  const [primary] = sip.listening();
  if (primary === undefined) throw new Error('orchestrator: at least one SIP listen point is needed');
  const platforms = new Platforms(config.platforms, { sip, scheduler: ports.scheduler, log: ports.log });
  const interceptor = new Interceptor({
    sip,
    sdp: createSdpNegotiator({ random: ports.random }),
    media: ports.media,
    scheduler: ports.scheduler,
    random: ports.random,
    log: ports.log,
    platforms,
    rendezvousUri: `sip:{token}@${primary.hostPort};transport=${primary.transport}`,
    report: ports.report,
    ...(ports.rehearsals === undefined ? {} : { rehearsals: ports.rehearsals }),
  });

  return {
    interceptor,
    platforms,
    sip,
    close: async (deadlineMs) => {
      platforms.stopProbes();
      await interceptor.close(deadlineMs);
      await sip.close();
    },
  };
}
