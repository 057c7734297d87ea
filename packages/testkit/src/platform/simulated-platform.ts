import type { LegRole, LegStateChange } from '@sordino/core';
import type { IncomingInvite, SipLeg, SipLegHandlers } from '@sordino/interception';
import type { SpokenCodec } from '../audio/codec.ts';
import type { Security } from '../rtp/secure-media.ts';
import { Deferred } from './deferred.ts';
import { CORRELATION_HEADER, type Diversion } from './diversion.ts';
import type { DivertOutcome, DivertRequest } from './divert-request.ts';
import { LegTimeline, type ObservedLeg } from './leg-timeline.ts';
import { refused } from './leg7.ts';
import { type CapturedPacket, PacketCapture } from './packet-capture.ts';
import { type ObservedEnd, PlatformCall, type WhenAgentLeaves } from './platform-call.ts';
import { type ReceivedRefer, ReferDesk } from './refer-desk.ts';
import { type ReferBehaviour, serveRefer } from './serve-refer.ts';
import { type OpenSimSip, type SimSip, type SimSipTrace, type SimTransport, uriOf } from './sim-sip.ts';

/** Calls of one simulated platform over its whole life. */
export const PLATFORM_CALLS_MAX = 1_000;

/** Request-URI user of the address for leg 7. */
const RETURN_USER = 'sordino-return';

export interface PlatformOptions {
  readonly host: string;
  readonly openSip: OpenSimSip;
  /** The phone that every call goes to. */
  readonly agentUri: string;
  /** Default: both kinds of G.711. */
  readonly codecs?: readonly SpokenCodec[];
  /** SRTP towards the customer and Sordino. */
  readonly srtp?: Security | undefined;
  readonly whenAgentLeaves?: WhenAgentLeaves;
  /** Told of every state of legs 4, 5, 7 and 8 as it happens. */
  readonly onLegState?: (role: LegRole, cycle: number, change: LegStateChange) => void;
}

export interface PlatformReport {
  readonly legs: readonly ObservedLeg[];
  readonly ends: readonly ObservedEnd[];
  readonly sip: readonly SimSipTrace[];
  readonly leg7: {
    readonly rtpPackets: number;
    readonly rtcpPackets: number;
    /** Beyond the limit of the capture. */
    readonly notCaptured: number;
    /** RTP packets by payload type: only negotiated audio may be there. */
    readonly byPayloadType: Readonly<Record<number, number>>;
    /** The offers of leg 7, one per cycle that came so far. */
    readonly offers: readonly string[];
  };
}

/** A CCaaS platform: a B2BUA that anchors calls, diverts them through Sordino and takes them back (RFC 3725). */
export class SimulatedPlatform {
  readonly #options: PlatformOptions;
  readonly #sip: SimSip;
  readonly #calls: PlatformCall[] = [];
  readonly #awaitedLeg7 = new Map<string, Diversion>();
  readonly #timeline: LegTimeline;
  readonly #capture = new PacketCapture();
  #referDesk: ReferDesk | undefined;
  #awaitedRefer: ((refer: ReceivedRefer) => void) | undefined;
  #nextCall = new Deferred<PlatformCall>();
  #sdpSessionId = 1_000;

  private constructor(options: PlatformOptions, sip: SimSip) {
    this.#options = options;
    this.#sip = sip;
    this.#timeline = new LegTimeline(options.onLegState ?? (() => undefined));
  }

  static async open(options: PlatformOptions): Promise<SimulatedPlatform> {
    const holder: { platform?: SimulatedPlatform } = {};
    const sip = await options.openSip((leg, invite) => {
      if (!holder.platform) return refused(leg, 503);
      return holder.platform.#invited(leg, invite);
    });
    const platform = new SimulatedPlatform(options, sip);
    holder.platform = platform;
    platform.#referDesk = await ReferDesk.open(options.host, sip, (refer) => platform.#referred(refer));
    return platform;
  }

  /** Where the customer calls. */
  get uri(): string {
    return this.#uri('contact-centre', 'udp');
  }

  /** Where Sordino sends leg 7: `returnUri` of the platform's profile. */
  returnUri(transport: SimTransport = 'udp'): string {
    return this.#uri(RETURN_USER, transport);
  }

  /** Where Sordino sends REFER: `refer.target_uri` of the platform's profile. */
  get referUri(): string {
    if (!this.#referDesk) throw new Error('the platform is not open yet');
    return this.#referDesk.uri;
  }

  get calls(): readonly PlatformCall[] {
    return this.#calls;
  }

  /** The call that came last. */
  get call(): PlatformCall {
    const last = this.#calls.at(-1);
    if (!last) throw new Error('no customer has called yet');
    return last;
  }

  /** The next call that comes in. */
  nextCall(): Promise<PlatformCall> {
    return this.#nextCall.promise;
  }

  /** Diverts the last call, or another one, through Sordino. Resolves with the diversion at once; see its `outcome` and `over`. */
  divert(request: DivertRequest, call: PlatformCall = this.call): Diversion {
    if (this.#awaitedLeg7.has(request.correlation)) {
      throw new Error(
        `correlation ${request.correlation} was used before: choose a new one for each diversion`,
      );
    }
    const diversion = call.divert(request);
    this.#awaitedLeg7.set(request.correlation, diversion);
    return diversion;
  }

  /** Does what the next REFER asks for, once. Resolves with what became of it, as the outcome of a diversion. */
  takeRefer(behaviour: ReferBehaviour): Promise<DivertOutcome> {
    const outcome = new Deferred<DivertOutcome>();
    this.#awaitedRefer = (refer) => {
      this.#awaitedRefer = undefined;
      const { call } = this;
      void serveRefer(refer, call.dialog, behaviour, (request) => this.divert(request, call)).then((value) =>
        outcome.resolve(value),
      );
    };
    return outcome.promise;
  }

  /** RTP and RTCP of leg 7 as they came in. */
  get leg7Packets(): readonly CapturedPacket[] {
    return this.#capture.packets;
  }

  async writePcap(path: string): Promise<void> {
    await this.#capture.writePcap(path);
  }

  report(): PlatformReport {
    const byPayloadType: Record<number, number> = {};
    let rtcpPackets = 0;
    for (const { kind, bytes } of this.#capture.packets) {
      const payloadType = (bytes[1] ?? 0) & 0x7f;
      if (kind === 'rtcp') rtcpPackets += 1;
      else byPayloadType[payloadType] = (byPayloadType[payloadType] ?? 0) + 1;
    }
    return {
      legs: this.#timeline.legs,
      ends: this.#calls.flatMap((call) => call.ends),
      sip: this.#sip.trace,
      leg7: {
        rtpPackets: this.#capture.packets.length - rtcpPackets,
        rtcpPackets,
        notCaptured: this.#capture.dropped,
        byPayloadType,
        offers: this.#calls.flatMap((call) =>
          call.diversions.flatMap(({ leg7 }) => (leg7?.offer === undefined ? [] : [leg7.offer])),
        ),
      },
    };
  }

  async close(): Promise<void> {
    for (const call of this.#calls) call.close();
    await this.#referDesk?.close();
    await this.#sip.close();
  }

  #uri(user: string, transport: SimTransport): string {
    return uriOf(user, this.#sip.local(transport), transport);
  }

  #referred(refer: ReceivedRefer): void {
    if (this.#awaitedRefer) this.#awaitedRefer(refer);
    else refer.answer(603, 'Decline');
  }

  #invited(leg: SipLeg, invite: IncomingInvite): SipLegHandlers {
    const [correlation] = invite.header(CORRELATION_HEADER);
    const taken = this.#calls.at(-1)?.taken;
    if (invite.header('Replaces').length > 0) return taken?.takePlace(leg, invite) ?? refused(leg, 481);
    if (correlation === undefined && invite.requestUser === RETURN_USER && taken)
      return taken.takeLeg7(leg, invite);
    if (correlation !== undefined || invite.requestUser === RETURN_USER) {
      const diversion = correlation === undefined ? undefined : this.#awaitedLeg7.get(correlation.trim());
      return diversion ? diversion.takeLeg7(leg, invite) : refused(leg, 404);
    }
    if (this.#calls.length >= PLATFORM_CALLS_MAX) return refused(leg, 503);
    const { host, agentUri, srtp } = this.#options;
    const { codecs = ['PCMU', 'PCMA'], whenAgentLeaves = 'keep_customer' } = this.#options;
    const call = new PlatformCall(leg, invite, {
      sip: this.#sip,
      host,
      agentUri,
      codecs,
      srtp,
      whenAgentLeaves,
      timeline: this.#timeline,
      capture: this.#capture,
      returnUri: this.returnUri(),
      nextSdpSessionId: () => {
        this.#sdpSessionId += 1;
        return this.#sdpSessionId;
      },
    });
    this.#calls.push(call);
    const announced = this.#nextCall;
    this.#nextCall = new Deferred();
    announced.resolve(call);
    return call.handlers;
  }
}
