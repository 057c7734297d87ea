import { type RandomBytes, type Result, type SessionId, silentLog } from '@sordino/core';
import { FakeScheduler } from '@sordino/core/testing';
import type { InterceptionEvent } from '../events.ts';
import { type ExpectedCall, Interceptor } from '../interceptor.ts';
import {
  FIRST_MEDIA_TIMEOUT_MS,
  LEG7_ANSWER_TIMEOUT_MS,
  NUMBER_COOL_DOWN_MS,
  STALLED_MEDIA_TIMEOUT_MS,
  TAKE_BACK_TIMEOUT_MS,
} from '../limits.ts';
import { Platforms } from '../platform/platforms.ts';
import type { PlatformProfile } from '../platform/profile.ts';
import type { BridgeRefusal, MediaBridge, MediaBridgeHandlers, MediaRelay } from '../ports/media-relay.ts';
import type { MediaDescription, SdpNegotiator } from '../ports/sdp-negotiator.ts';
import type { IncomingInvite } from '../ports/sip-calls.ts';
import { ScriptedBridge } from './scripted-bridge.ts';
import { anInvite, ScriptedLeg, ScriptedSip } from './scripted-sip.ts';
import { settled } from './settled.ts';

const PEER: MediaDescription = {
  rtp: { host: '127.0.0.1', port: 30_000 },
  rtcp: { host: '127.0.0.1', port: 30_001 },
  codec: 'PCMU',
  audioPayloadType: 0,
  eventPayloadType: 101,
  packetTimeMs: 20,
  direction: 'sendrecv',
};

/** A description that names its RTP port: `port 30100`. Anything else names the port of `PEER`. */
function peerIn(sdp: string): MediaDescription {
  const port = Number(/^port (\d+)$/.exec(sdp)?.[1] ?? PEER.rtp.port);
  return { ...PEER, rtp: { ...PEER.rtp, port }, rtcp: { ...PEER.rtcp, port: port + 1 } };
}

/** Takes whatever it is shown; negotiation has its own tests. */
const agreeable: SdpNegotiator = {
  side: () => ({
    offer: () => 'our offer',
    answer: (offer) => ({ ok: true, value: { sdp: 'our answer', peer: peerIn(offer) } }),
    readAnswer: (answer) => ({ ok: true, value: peerIn(answer) }),
  }),
};

export const PLATFORM: PlatformProfile = {
  id: 'plt_main',
  returnUri: 'sip:{call_id}@127.0.0.1:5070',
  commit: 'after_leg7',
  returnHeader: undefined,
  returnHosts: [],
  leg5Media: 'customer',
  refer: { form: 'off', targetUri: undefined, notifyTimeoutMs: 5_000 },
  timers: {
    leg7AnswerMs: LEG7_ANSWER_TIMEOUT_MS,
    firstMediaMs: FIRST_MEDIA_TIMEOUT_MS,
    stalledMediaMs: STALLED_MEDIA_TIMEOUT_MS,
    takeBackMs: TAKE_BACK_TIMEOUT_MS,
  },
  sessionTimer: { expiresS: 1_800, minSeS: 90 },
  trustIdentity: false,
  correlationHeaders: [],
  numberPool: [],
  numberRequired: false,
  numberCoolDownMs: NUMBER_COOL_DOWN_MS,
  codecs: ['PCMU'],
  crypto: 'none',
  probeIntervalS: 0,
};

/** A relay that opens when it is told to. */
class ScriptedRelay implements MediaRelay {
  readonly bridges: ScriptedBridge[] = [];
  readonly handlers: MediaBridgeHandlers[] = [];
  /** What `open` waits for; by default nothing. */
  gate: Promise<void> = Promise.resolve();
  refusal: BridgeRefusal | undefined;
  fault: Error | undefined;
  readonly #scheduler: FakeScheduler;

  constructor(scheduler: FakeScheduler) {
    this.#scheduler = scheduler;
  }

  async open(_request: unknown, handlers: MediaBridgeHandlers): Promise<Result<MediaBridge, BridgeRefusal>> {
    await this.gate;
    if (this.fault !== undefined) throw this.fault;
    if (this.refusal !== undefined) return { ok: false, problem: this.refusal };
    const bridge = new ScriptedBridge(this.#scheduler);
    this.bridges.push(bridge);
    this.handlers.push(handlers);
    return { ok: true, value: bridge };
  }
}

/** An interceptor between scripted ports. */
export class Calls {
  readonly scheduler = new FakeScheduler();
  readonly sip = new ScriptedSip();
  readonly relay = new ScriptedRelay(this.scheduler);
  readonly reported: InterceptionEvent[] = [];
  readonly interceptor: Interceptor;
  #sessions = 0;
  #random = 0;

  constructor(platform: Partial<PlatformProfile> = {}) {
    const random: RandomBytes = (count) =>
      Uint8Array.from({ length: count }, () => {
        this.#random += 1;
        return (this.#random * 97) & 0xff;
      });
    this.interceptor = new Interceptor({
      sip: this.sip,
      sdp: agreeable,
      media: this.relay,
      scheduler: this.scheduler,
      random,
      log: silentLog,
      platforms: new Platforms([{ ...PLATFORM, ...platform }], {
        sip: this.sip,
        scheduler: this.scheduler,
        log: silentLog,
      }),
      rendezvousUri: 'sip:{token}@127.0.0.1:5060',
      report: (event) => this.reported.push(event),
    });
  }

  /** A session that waits for call `callId`, or why not. */
  expect(callId: string, over: Partial<ExpectedCall> = {}) {
    this.#sessions += 1;
    const session = `ses_${this.#sessions}` as SessionId;
    const expected = this.interceptor.expect({
      session,
      call: { platform: 'plt_main', call_id: callId },
      start: 'await_invite',
      timeoutMs: 8_000,
      mask: { style: 'silence', hold: 'per_key' },
      sealTo: new Uint8Array(32),
      ...over,
    });
    return { session, expected };
  }

  /** The platform INVITEs for a session. */
  async invite(
    waiting: ReturnType<Calls['expect']>,
    sdp?: string,
    over: Partial<IncomingInvite> = {},
  ): Promise<ScriptedLeg> {
    if (!waiting.expected.ok) throw new Error(waiting.expected.problem.message);
    const token = waiting.expected.value.header['X-Sordino-Token'];
    const leg5 = new ScriptedLeg('uas');
    leg5.handlers = this.interceptor.onInvite(leg5, anInvite(token, { sdp, ...over }));
    await settled();
    return leg5;
  }

  /** All the way to `ready`. */
  async engage(callId: string, over: Partial<ExpectedCall> = {}) {
    const waiting = this.expect(callId, over);
    const leg5 = await this.invite(waiting);
    const { leg7 } = this.sip;
    leg7.handlers.answered?.('their answer');
    leg5.handlers.acknowledged?.('their answer');
    const { bridge, handlers } = this.path;
    bridge.talk();
    handlers.mediaStarted('customer', this.scheduler.wallMs());
    handlers.cleanAudioFlowing(this.scheduler.wallMs());
    await settled();
    return { session: waiting.session, leg5, leg7, bridge, handlers };
  }

  /** The bridge that was opened last. */
  get path(): { readonly bridge: ScriptedBridge; readonly handlers: MediaBridgeHandlers } {
    const bridge = this.relay.bridges.at(-1);
    const handlers = this.relay.handlers.at(-1);
    if (bridge === undefined || handlers === undefined) throw new Error('no bridge was opened');
    return { bridge, handlers };
  }

  /** What was reported of a session, in words: `topology engaged`, `call_failed no_media` … */
  story(session: SessionId): string[] {
    return this.reported.flatMap((event) => {
      if (event.session !== session) return [];
      if (event.type === 'topology') return [`topology ${event.topology}`];
      if (event.type === 'call_failed') return [`${event.outcome} ${event.code}`];
      return event.type === 'ready' ? ['ready'] : [];
    });
  }
}
