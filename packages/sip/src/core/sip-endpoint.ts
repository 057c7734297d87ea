import { isIP } from 'node:net';
import type {
  OptionsOutcome,
  OutgoingInvite,
  OutgoingOptions,
  OutgoingRefer,
  ReferAttempt,
  ReferHandlers,
  SipCalls,
  SipLeg,
  SipLegEnd,
  SipLegHandlers,
} from '@sordino/interception';
import type { InviteUserAgentServer } from 'sip.js/lib/core/index.js';
import { Admission } from '../admission/admission.ts';
import { Authorizations } from '../admission/digest/authorizations.ts';
import { holdAccounts } from '../admission/hold-accounts.ts';
import { parseSipMessage } from '../ingress/parse-message.ts';
import { describeInvite, IncomingLeg, noHandlers } from '../legs/incoming-leg.ts';
import type { Leg } from '../legs/leg.ts';
import { LegBook } from '../legs/leg-book.ts';
import type { LegContext } from '../legs/leg-context.ts';
import { DEFAULT_LEG_TIMING, type LegTiming } from '../legs/leg-timing.ts';
import { OutgoingLeg } from '../legs/outgoing-leg.ts';
import { cannotRefer, sendRefer } from '../refer/send-refer.ts';
import { Subscriptions } from '../refer/subscription.ts';
import { CertificateKeeper } from '../router/certificate-keeper.ts';
import { CachedResolver } from '../router/dns/cached-resolver.ts';
import { Locator } from '../router/dns/locate.ts';
import { nodeResolver } from '../router/dns/sip-resolver.ts';
import { type CertificateHealth, TlsCredentials } from '../router/tls-credentials.ts';
import type { ListenPoint, MessageHandler, SipAddress, SipProtocol } from '../router/transport.ts';
import { Edge } from './edge.ts';
import { EdgeCore } from './edge-core.ts';
import type { EdgeRequest } from './edge-message.ts';
import {
  DEFAULT_ENDPOINT_LIMITS,
  type ListeningPoint,
  type SipEndpointLimits,
  type SipEndpointOptions,
} from './endpoint-options.ts';
import { applyLibraryFixups } from './library-fixups.ts';
import { openTransport } from './listening.ts';
import type { NextHop } from './next-hop.ts';
import { nodeScheduler } from './node-scheduler.ts';
import { sendOptions } from './options-request.ts';
import { Reception } from './reception.ts';
import { selfTest } from './self-test.ts';
import { chooseEdge, Sender } from './sending.ts';
import { TimerSet } from './timer-set.ts';
import { makeCallId } from './tokens.ts';
import { type WayOut, wayOut } from './way-out.ts';
import type { WireUri } from './wire-uri.ts';

/** Time that legs get to say BYE when the endpoint closes, ms. */
const CLOSE_GRACE_MS = 1000;
/** The answer to a rendezvous that nobody waits for. */
const UNKNOWN_CALL = 404;
/** Seconds after which a peer that we refused for lack of room may come back. */
const RETRY_AFTER_S = 5;

/** A SIP user agent on real sockets: the `SipCalls` of the call model, with one sip.js core per listening point. */
export class SipEndpoint implements SipCalls {
  readonly #options: SipEndpointOptions;
  readonly #limits: SipEndpointLimits;
  readonly #timing: LegTiming;
  readonly #timers: TimerSet;
  readonly #admission: Admission | undefined;
  /** Who we are in each call, when a peer asks. */
  readonly #authorizations = new Authorizations();
  readonly #reception: Reception;
  readonly #edges: Edge[] = [];
  readonly #legs = new Set<Leg>();
  readonly #mortal = new Map<string, Leg>();
  readonly #certificates = new CertificateKeeper();
  readonly #sender: Sender;
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
    const resolver = options.resolver ?? nodeResolver(options.dnsServers);
    const locator = new Locator(new CachedResolver(resolver, () => this.#timers.monotonicMs()));
    this.#sender = new Sender(this.#edges, locator, {
      scheduler: this.#timers,
      log: options.log,
      lookupMs: this.#timing.lookupMs,
    });
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
      optionTags: options.optionTags ?? [],
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
    const way = this.#wayTo(call);
    const problem = way.problem ?? (this.#legs.size >= this.#limits.legs ? 'too many legs' : undefined);
    const context = this.#context(way.core, () => release());
    const leg = new OutgoingLeg(context, handlers, call.sessionUuid);
    const release = this.#hold(leg.callId, [call.platform]);
    this.#legs.add(leg);
    const { target, hop } = way;
    if (problem !== undefined || target === undefined || hop === undefined) leg.fail(problem ?? 'no target');
    else if (isIP(hop.host) !== 0) leg.start(call, target);
    else void this.#startByName(leg, context, call, target, hop);
    return leg;
  }

  refer(request: OutgoingRefer, handlers: ReferHandlers): ReferAttempt {
    const { target, core, problem } = this.#wayTo(request);
    if (problem !== undefined || target === undefined) return cannotRefer(handlers, problem ?? 'no target');
    const context = this.#context(core, () => {});
    const hold = (callId: string): (() => void) => this.#hold(callId, [request.platform]);
    return sendRefer({ ...context, hold }, request, target, handlers);
  }

  /** RFC 3263: the target is a name, and the DNS says which listening point of ours leads there. */
  async #startByName(
    leg: OutgoingLeg,
    context: LegContext,
    call: OutgoingInvite,
    target: WireUri,
    hop: NextHop,
  ): Promise<void> {
    const sinceMs = this.#timers.monotonicMs();
    try {
      const places = await this.#sender.locate(hop, undefined);
      const edge = places[0] && chooseEdge(this.#edges, places[0]);
      if (edge === undefined) throw new Error(`${hop.host}: no listening point reaches it`);
      // Hung up meanwhile.
      if (leg.state !== 'dialing') return;
      Object.assign(context, this.#placeOf(edge.core));
      const waitedMs = this.#timers.monotonicMs() - sinceMs;
      const answerTimeoutMs = Math.max(1, call.answerTimeoutMs - waitedMs);
      const ways = places.map((place) => (message: string) => this.#sender.sendTo(place, message, edge));
      leg.start({ ...call, answerTimeoutMs }, target, ways);
    } catch (error) {
      if (leg.state === 'dialing') leg.fail(error instanceof Error ? error.message : String(error));
    }
  }

  async options(request: OutgoingOptions): Promise<OptionsOutcome> {
    const { core, target, problem } = this.#wayTo(request);
    if (problem !== undefined || target === undefined) {
      return { answered: false, why: 'transport', reason: problem ?? 'no target' };
    }
    const callId = makeCallId();
    const release = this.#hold(callId, [request.platform]);
    const { timeoutMs } = request;
    return sendOptions({ core, target, callId, timeoutMs, scheduler: this.#timers }).finally(release);
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
      authorizations: this.#authorizations.size,
      timers: this.#timers.size,
      ...sum,
    };
  }

  /** Hangs up every leg, waits a second at most for the answers, and frees the sockets. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #wayTo({ target, platform }: { readonly target: string; readonly platform?: string }): WayOut {
    const way = wayOut(this.#edges, this.#admission, target, platform);
    return this.#closing === undefined ? way : { ...way, problem: 'the endpoint is closing' };
  }

  /** What a call may have to sign in with; the result lets go of it. */
  #hold(callId: string, platforms: readonly (string | undefined)[]): () => void {
    const held = { authorizations: this.#authorizations, scheduler: this.#timers };
    return holdAccounts(this.#admission, held, callId, platforms);
  }

  async #close(): Promise<void> {
    const reason = { protocol: 'SIP', cause: 503, text: 'closing' } as const;
    for (const leg of [...this.#legs]) leg.hangup(reason);
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
          authorizations: this.#authorizations,
          protocol: point.protocol,
          uriTransport: opened.uriTransport,
          sentBy: opened.sentBy,
          contactUser: fixedContactUser ?? 'sordino',
          userAgent: userAgent ?? 'Sordino',
          sendRequest: (message) => this.#sender.send(message, opened),
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
    let end: SipLegEnd | undefined;
    const context = this.#context(edge.core, (ended) => {
      end = ended;
      release();
    });
    const leg = new IncomingLeg(context, uas, request);
    const release = this.#hold(leg.callId, request.admittedAs ?? []);
    this.#legs.add(leg);
    try {
      leg.attach(onInvite(leg, describeInvite(request)));
      this.#book?.flush();
      this.#admission?.answered(request.flow, end?.status !== UNKNOWN_CALL);
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

  #placeOf(core: EdgeCore): Pick<LegContext, 'core' | 'point'> {
    return { core, point: this.#edges.findIndex((edge) => edge.core === core) };
  }

  #context(core: EdgeCore, over: (end: SipLegEnd) => void): LegContext {
    return {
      ...this.#placeOf(core),
      book: this.#book,
      scheduler: this.#timers,
      timing: this.#timing,
      log: this.#options.log,
      mortal: this.#mortal,
      subscriptions: this.#subscriptions,
      onOver: (leg, end) => {
        this.#legs.delete(leg);
        over(end);
        this.#onLegOver();
      },
    };
  }
}
