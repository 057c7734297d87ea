import type { Log, Scheduler } from '@sordino/core';
import type {
  IncomingCallHandler,
  OptionsOutcome,
  OutgoingInvite,
  OutgoingOptions,
  OutgoingRefer,
  ReferAttempt,
  ReferHandlers,
  SipCalls,
  SipHeaders,
  SipLeg,
  SipLegHandlers,
} from '@sordino/interception';
import type { InviteUserAgentServer } from 'sip.js/lib/core/index.js';
import { Admission } from '../admission/admission.ts';
import type { AdmissionOptions } from '../admission/admission-options.ts';
import type { DialogKeeper } from '../farewell/stored-leg.ts';
import { DEFAULT_PARSE_LIMITS } from '../ingress/parse-limits.ts';
import { type MessageParser, parseSipMessage } from '../ingress/parse-message.ts';
import type { ParseLimits } from '../ingress/parse-result.ts';
import { describeInvite, IncomingLeg, noHandlers } from '../legs/incoming-leg.ts';
import type { Leg } from '../legs/leg.ts';
import { LegBook } from '../legs/leg-book.ts';
import type { LegContext } from '../legs/leg-context.ts';
import { DEFAULT_LEG_TIMING, type LegTiming } from '../legs/leg-timing.ts';
import { OutgoingLeg } from '../legs/outgoing-leg.ts';
import { cannotRefer, sendRefer } from '../refer/send-refer.ts';
import { Subscriptions } from '../refer/subscription.ts';
import { CertificateKeeper } from '../router/certificate-keeper.ts';
import { type CertificateHealth, TlsCredentials } from '../router/tls-credentials.ts';
import type {
  ListenPoint,
  MessageHandler,
  SipAddress,
  SipProtocol,
  TlsClientFiles,
} from '../router/transport.ts';
import { Edge } from './edge.ts';
import { EdgeCore } from './edge-core.ts';
import type { EdgeRequest } from './edge-message.ts';
import { applyLibraryFixups } from './library-fixups.ts';
import { openTransport } from './listening.ts';
import { hopOfUri } from './next-hop.ts';
import { nodeScheduler } from './node-scheduler.ts';
import { sendOptions } from './options-request.ts';
import { Reception } from './reception.ts';
import { selfTest } from './self-test.ts';
import { chooseEdge, sendRequest } from './sending.ts';
import { TimerSet } from './timer-set.ts';
import type { SipTraceEntry } from './trace.ts';
import { WireUri } from './wire-uri.ts';

export interface SipEndpointLimits {
  /** Legs at a time, both directions: one more INVITE is answered 503. A leg costs about 20 KB. */
  readonly legs: number;
  readonly parse: ParseLimits;
}

const DEFAULT_ENDPOINT_LIMITS: SipEndpointLimits = { legs: 4000, parse: DEFAULT_PARSE_LIMITS };

export interface SipEndpointOptions {
  readonly listen: readonly ListenPoint[];
  /** What peers see in Via and Contact; needed when a listening point is bound to all addresses. */
  readonly advertisedHost?: string;
  /** For connections of ours over TLS. Default: the authorities of the system, and no certificate of our own. */
  readonly tlsClient?: TlsClientFiles;
  readonly userAgent?: string;
  /** User part of our Contact. */
  readonly fixedContactUser?: string;
  readonly log: Log;
  /** Absent: each INVITE is answered 480. */
  readonly onInvite?: IncomingCallHandler;
  /** Answer to an OPTIONS outside a dialog (keep-alive, drain); absent: 200. */
  readonly onOptions?: () => { readonly status: 200 | 503; readonly headers?: SipHeaders };
  readonly trace?: (message: SipTraceEntry) => void;
  readonly limits?: Partial<SipEndpointLimits>;
  readonly timing?: Partial<LegTiming>;
  readonly scheduler?: Scheduler;
  /** Absent: anybody may call, and be called. */
  readonly admission?: AdmissionOptions;
  /** Another parser in the place of ours: for the benchmark, which measures ours against that of sip.js. */
  readonly parse?: MessageParser;
  /** Where every leg is written down, for whoever may have to end it in our place. */
  readonly dialogs?: DialogKeeper;
}

export interface ListeningPoint {
  readonly protocol: SipProtocol;
  /** As bound. */
  readonly local: SipAddress;
  /** As peers see it, ready for a URI: `203.0.113.10:5061`, `[2001:db8::1]:5061`. */
  readonly hostPort: string;
  /** Value of `;transport=` in a URI that leads here. */
  readonly transport: string;
}

/** Time that legs get to say BYE when the endpoint closes, ms. */
const CLOSE_GRACE_MS = 1000;
/** Seconds after which a peer that we refused for lack of room may come back. */
const RETRY_AFTER_S = 5;

/** A SIP user agent on real sockets: the `SipCalls` of the call model, with one sip.js core per listening point. */
export class SipEndpoint implements SipCalls {
  readonly #options: SipEndpointOptions;
  readonly #limits: SipEndpointLimits;
  readonly #timing: LegTiming;
  readonly #timers: TimerSet;
  readonly #admission: Admission | undefined;
  readonly #reception: Reception;
  readonly #edges: Edge[] = [];
  readonly #legs = new Set<Leg>();
  readonly #mortal = new Map<string, Leg>();
  readonly #certificates = new CertificateKeeper();
  readonly #tlsClient: TlsCredentials;
  readonly #book: LegBook | undefined;
  readonly #subscriptions = new Subscriptions();
  #onLegOver: () => void = () => {};
  #closing: Promise<void> | undefined;

  private constructor(options: SipEndpointOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_ENDPOINT_LIMITS, ...options.limits };
    this.#timing = { ...DEFAULT_LEG_TIMING, ...options.timing };
    this.#timers = new TimerSet(options.scheduler ?? nodeScheduler);
    this.#tlsClient = new TlsCredentials(options.tlsClient ?? {}, options.log);
    this.#certificates.keep(this.#tlsClient, () => {});
    this.#admission = options.admission && new Admission(options.admission, this.#timers, options.log);
    this.#book = options.dialogs && new LegBook(options.dialogs, this.#timers);
    this.#reception = new Reception({
      admission: this.#admission,
      log: options.log,
      parse: options.parse ?? parseSipMessage,
      parseLimits: this.#limits.parse,
      edges: this.#edges,
      book: this.#book,
      mortal: this.#mortal,
      minSeS: this.#timing.minSeS,
      subscriptions: this.#subscriptions,
      onOptions: options.onOptions ?? (() => ({ status: 200 })),
    });
  }

  /** Rejects when a listening point cannot be bound, or when sip.js is not the library that this package was written for. */
  static async open(options: SipEndpointOptions): Promise<SipEndpoint> {
    if (options.listen.length === 0) throw new Error('listen: at least one SIP listening point is needed');
    applyLibraryFixups();
    const failed = selfTest();
    if (failed.length > 0) throw new Error(`sip.js does not behave as expected: ${failed.join('; ')}`);
    const endpoint = new SipEndpoint(options);
    try {
      for (const point of options.listen) await endpoint.#listen(point);
      endpoint.#writeDown();
    } catch (error) {
      await endpoint.close();
      throw error;
    }
    return endpoint;
  }

  /** The bound address of the first listening point of this protocol. */
  local(protocol: SipProtocol): SipAddress | undefined {
    return this.#edges.find((edge) => edge.transport.protocol === protocol)?.transport.local;
  }

  invite(call: OutgoingInvite, handlers: SipLegHandlers): SipLeg {
    const way = this.#wayTo(call.target, call.platform);
    const problem = way.problem ?? (this.#legs.size >= this.#limits.legs ? 'too many legs' : undefined);
    const leg = new OutgoingLeg(this.#context(way.core), handlers, call.sessionUuid);
    this.#legs.add(leg);
    if (problem !== undefined || way.target === undefined) leg.fail(problem ?? 'no target');
    else leg.start(call, way.target);
    return leg;
  }

  refer(request: OutgoingRefer, handlers: ReferHandlers): ReferAttempt {
    const { target, core, problem } = this.#wayTo(request.target, request.platform);
    if (problem !== undefined || target === undefined) return cannotRefer(handlers, problem ?? 'no target');
    return sendRefer(this.#context(core), request, target, handlers);
  }

  async options(request: OutgoingOptions): Promise<OptionsOutcome> {
    const { core, target, problem } = this.#wayTo(request.target, request.platform);
    if (problem !== undefined || target === undefined) {
      return { answered: false, why: 'transport', reason: problem ?? 'no target' };
    }
    return sendOptions({ core, target, timeoutMs: request.timeoutMs, scheduler: this.#timers });
  }

  /** Every listening point, in the order of the options. */
  listening(): readonly ListeningPoint[] {
    return this.#edges.map(({ transport, sentBy, uriTransport }) => ({
      protocol: transport.protocol,
      local: transport.local,
      hostPort: sentBy,
      transport: uriTransport,
    }));
  }

  /** Takes renewed certificate files into use now; without a call of this they are looked at once a minute. */
  reloadCertificates(): void {
    this.#certificates.reload();
  }

  /** Our own certificates, for health. */
  certificates(): CertificateHealth[] {
    return this.#certificates.health();
  }

  /** Sizes of everything that could leak: all 0 when no call is up and the transactions of the last one have expired. */
  diagnostics(): Record<string, number> {
    const sum = { clients: 0, servers: 0, dialogs: 0, repetitions: 0 };
    for (const edge of this.#edges) {
      const sizes = edge.core.sizes();
      sum.clients += sizes.clients;
      sum.servers += sizes.servers;
      sum.dialogs += sizes.dialogs;
      sum.repetitions += edge.repetitions?.size ?? 0;
    }
    return {
      legs: this.#legs.size,
      closingDialogs: this.#mortal.size,
      subscriptions: this.#subscriptions.size,
      timers: this.#timers.size,
      ...sum,
    };
  }

  /** Hangs up every leg, waits a second at most for the answers, and frees the sockets. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The core that a request to `uri` leaves by; `problem` when it cannot leave, or may not: nothing outside a dialog goes by another way. */
  #wayTo(
    uri: string,
    platform: string | undefined,
  ): { core: EdgeCore; target: WireUri | undefined; problem: string | undefined } {
    const target = WireUri.parse(uri);
    const hop = target && hopOfUri(target.toRaw());
    const edge = hop && chooseEdge(this.#edges, hop);
    const core = (edge ?? this.#edges[0])?.core;
    if (core === undefined) throw new Error('The SIP endpoint has no listening point');
    const problem =
      this.#closing !== undefined
        ? 'the endpoint is closing'
        : hop === undefined
          ? 'the target is not a sip URI'
          : edge === undefined
            ? `there is no listening point for transport=${hop.protocol ?? 'udp'}`
            : target !== undefined && this.#admission?.mayCall(target, platform) === false
              ? 'its host is none that a platform may be called at'
              : undefined;
    return { core, target, problem };
  }

  async #close(): Promise<void> {
    for (const leg of [...this.#legs]) leg.hangup();
    if (this.#legs.size > 0) {
      await new Promise<void>((resolve) => {
        const giveUp = this.#timers.after(CLOSE_GRACE_MS, resolve);
        this.#onLegOver = () => {
          if (this.#legs.size > 0) return;
          giveUp();
          resolve();
        };
      });
    }
    for (const leg of [...this.#legs]) leg.abandon();
    this.#book?.flush();
    this.#timers.clear();
    this.#certificates.stop();
    for (const edge of this.#edges) {
      edge.repetitions?.stop();
      this.#reset(edge);
    }
    await Promise.all(this.#edges.map((edge) => edge.transport.close()));
  }

  #reset(edge: Edge): void {
    try {
      edge.core.reset();
    } catch (error) {
      this.#options.log.error('sip.js could not be reset', { error: String(error) });
    }
  }

  async #listen(point: ListenPoint): Promise<void> {
    const admission = this.#admission;
    const { log, trace, advertisedHost, userAgent, fixedContactUser } = this.#options;
    if (
      (point.advertised?.host ?? advertisedHost) === undefined &&
      (point.host === '0.0.0.0' || point.host === '::')
    ) {
      throw new Error(
        `listen ${point.protocol} ${point.host}: set advertisedHost, peers cannot reach that address`,
      );
    }
    // What comes before the core is there is lost, as it was before the socket was.
    let edge: Edge | undefined;
    const onMessage: MessageHandler = (raw, flow) => {
      if (edge !== undefined) this.#reception.receive(raw, flow, edge);
    };
    const transport = await openTransport(point, onMessage, {
      log,
      certificates: this.#certificates,
      tlsClient: this.#tlsClient,
      gate: admission && ((host) => admission.openConnection(host)),
    });
    try {
      const opened = new Edge(
        transport,
        { host: point.advertised?.host ?? advertisedHost, port: point.advertised?.port },
        trace,
        this.#timers,
        (host) => admission?.called(host),
      );
      opened.attach(
        new EdgeCore({
          protocol: point.protocol,
          uriTransport: opened.uriTransport,
          sentBy: opened.sentBy,
          contactUser: fixedContactUser ?? 'sordino',
          userAgent: userAgent ?? 'Sordino',
          sendRequest: (message) => sendRequest(message, opened, this.#edges),
          onInvite: (uas, request) => this.#incoming(opened, uas, request),
        }),
      );
      this.#edges.push(opened);
      edge = opened;
    } catch (error) {
      await transport.close();
      throw error;
    }
  }

  #incoming(edge: Edge, uas: InviteUserAgentServer, request: EdgeRequest): void {
    const { onInvite, log } = this.#options;
    if (onInvite === undefined) {
      uas.reject({ statusCode: 480 });
      return;
    }
    if (this.#closing !== undefined || this.#legs.size >= this.#limits.legs) {
      uas.reject({ statusCode: 503, extraHeaders: [`Retry-After: ${RETRY_AFTER_S}`] });
      return;
    }
    const leg = new IncomingLeg(this.#context(edge.core), uas, request);
    this.#legs.add(leg);
    try {
      leg.attach(onInvite(leg, describeInvite(request)));
      this.#book?.flush();
    } catch (error) {
      log.error('the INVITE handler failed', { leg: leg.id, error: String(error) });
      leg.attach(noHandlers);
      if (leg.state === 'offered' || leg.state === 'early') leg.reject(500);
      else leg.hangup();
    }
  }

  /** Where our peers' messages go, for whoever has to take them in our place. */
  #writeDown(): void {
    const { dialogs, listen, advertisedHost, tlsClient } = this.#options;
    const endpoint = {
      listen: listen.map((point, place) => ({ ...point, ...this.#edges[place]?.transport.local })),
      ...(advertisedHost === undefined ? {} : { advertisedHost }),
      ...(tlsClient === undefined ? {} : { tlsClient }),
    };
    dialogs?.write([{ endpoint }]);
    for (const edge of this.#edges)
      edge.watchSends((message, remote) => this.#book?.sending(message, remote));
  }

  #context(core: EdgeCore): LegContext {
    return {
      core,
      book: this.#book,
      point: this.#edges.findIndex((edge) => edge.core === core),
      scheduler: this.#timers,
      timing: this.#timing,
      log: this.#options.log,
      mortal: this.#mortal,
      subscriptions: this.#subscriptions,
      onOver: (leg) => {
        this.#legs.delete(leg);
        this.#onLegOver();
      },
    };
  }
}
