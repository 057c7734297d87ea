import {
  type Cancel,
  type LegView,
  type Log,
  ok,
  type PlayTo,
  type RandomBytes,
  type RendezvousObject,
  type Result,
  refuse,
  type Scheduler,
  type SessionId,
  type StartMethod,
} from '@sordino/core';
import { Asking } from './asking/asking.ts';
import { takeCall } from './asking/take-call.ts';
import { whyNotRefer } from './asking/why-not-refer.ts';
import { Engagement } from './dance/engagement.ts';
import type { EngagementPlan, EngagementPorts } from './dance/engagement-ports.ts';
import type { PlayAnswer } from './dance/prompts.ts';
import { DRAINING_REFUSAL, RENDEZVOUS_REFUSAL } from './dance/refusals.ts';
import type { CallFailure, InterceptionEvent } from './events.ts';
import { CALLS_MAX, CYCLES_KEPT_MAX, FINISHED_KEPT_MAX } from './limits.ts';
import type { Platforms } from './platform/platforms.ts';
import type { PlatformProfile } from './platform/profile.ts';
import { whyNotReturnTo } from './platform/return-address.ts';
import type { MediaRelay } from './ports/media-relay.ts';
import type { SdpNegotiator } from './ports/sdp-negotiator.ts';
import type { IncomingInvite, SipCalls, SipLeg, SipLegHandlers } from './ports/sip-calls.ts';
import type { Rehearsals } from './rehearsal/rehearsals.ts';
import { makeToken, toUserToUser } from './rendezvous/token.ts';
import { TOKEN_HEADER, WaitingRoom } from './rendezvous/waiting-room.ts';

export interface InterceptorOptions {
  readonly sip: SipCalls;
  readonly sdp: SdpNegotiator;
  readonly media: MediaRelay;
  readonly scheduler: Scheduler;
  readonly random: RandomBytes;
  readonly log: Log;
  readonly platforms: Platforms;
  /** `sip:{token}@host:port;transport=udp`, as platforms reach us. */
  readonly rendezvousUri: string;
  /** Failures that may be rehearsed on calls of this process; absent: none. */
  readonly rehearsals?: Rehearsals;
  report(event: InterceptionEvent): void;
}

/** A session that a platform is about to bring to us. */
export interface ExpectedCall {
  readonly session: SessionId;
  readonly call: {
    readonly platform: string;
    readonly call_id: string;
    readonly ani?: string;
    /** Where leg 7 goes, instead of the platform's configured address. */
    readonly return_uri?: string;
    readonly dialog?: { readonly call_id: string; readonly local_tag: string; readonly remote_tag: string };
  };
  /** Who begins: the platform with its INVITE (flow (a)), or we by asking for the call (flow (b)). */
  readonly start: StartMethod;
  readonly timeoutMs: number;
  readonly mask: EngagementPlan['mask'];
  readonly sealTo: Uint8Array;
}

export interface ExpectRefusal {
  readonly code:
    | 'session_exists'
    | 'unknown_platform'
    | 'return_address_not_allowed'
    | 'number_pool_exhausted'
    | 'refer_not_enabled'
    | 'dialog_missing'
    | 'overloaded'
    | 'draining';
  readonly message: string;
}

export interface ExpectedRendezvous extends RendezvousObject {
  readonly cycle: number;
  readonly mediaPath: 'direct' | 'via_platform';
}

interface LiveCall {
  readonly expected: ExpectedCall;
  readonly engagement: Engagement;
  /** One-time number, until the session is found or given up. */
  number: string | null;
  begun: boolean;
  /** Ends the wait for its INVITE: a timer would hold on to a call that is long over. */
  cancelBurn: Cancel;
  asking: Asking | undefined;
}

const POOL_EXHAUSTED: ExpectRefusal = {
  code: 'number_pool_exhausted',
  message:
    'every one-time number of this platform is in use or was a moment ago: try again in half a minute, or configure more',
};

/** All calls of this process: who is waited for, who is engaged. */
export class Interceptor {
  readonly #options: InterceptorOptions;
  readonly #platforms: Platforms;
  readonly #waiting: WaitingRoom;
  readonly #live = new Map<SessionId, LiveCall>();
  /** What is shown of them; the engagement itself, with its dialogs, is let go. */
  readonly #finished = new Map<SessionId, readonly LegView[]>();
  readonly #cycles = new Map<string, number>();
  #draining = false;

  constructor(options: InterceptorOptions) {
    this.#options = options;
    this.#platforms = options.platforms;
    this.#waiting = new WaitingRoom(options.platforms.numbers);
  }

  get liveCalls(): number {
    return this.#live.size;
  }

  /** Registers the session and hands out its one-time rendezvous; it is burned after `timeoutMs` without an INVITE. */
  expect(expected: ExpectedCall): Result<ExpectedRendezvous, ExpectRefusal> {
    const { call, session } = expected;
    const platform = this.#platforms.get(call.platform);
    const refused = this.#whyNot(platform, expected);
    if (platform === undefined || refused !== undefined) {
      return refuse(refused ?? { code: 'unknown_platform', message: 'unreachable' });
    }
    const token = makeToken(this.#options.random);
    const number = this.#platforms.takeNumber(platform.id);
    if (number === null && platform.numberRequired) return refuse(POOL_EXHAUSTED);
    const cycle = this.#nextCycle(`${call.platform}/${call.call_id}`);
    const engagement = this.#engagement(expected, platform, cycle);
    const live: LiveCall = {
      expected,
      engagement,
      number,
      begun: false,
      asking: undefined,
      cancelBurn: () => {},
    };
    live.cancelBurn = this.#options.scheduler.after(expected.timeoutMs, () => this.#burn(session, live));
    this.#live.set(session, live);
    this.#waiting.add({
      session,
      platform: call.platform,
      token,
      number,
      dialog: call.dialog ?? null,
      ani: call.ani ?? null,
    });
    const rendezvousUri = this.#options.rendezvousUri.replace('{token}', token);
    // Later: what is told of the legs now would be told of a session that its caller does not know yet.
    if (expected.start === 'refer')
      this.#options.scheduler.after(0, () => this.#ask(live, platform, rendezvousUri));
    return ok({
      sip_uri: rendezvousUri,
      e164: number,
      user_to_user: toUserToUser(token),
      header: { [TOKEN_HEADER]: token },
      expires_at: Math.floor((this.#options.scheduler.wallMs() + expected.timeoutMs) / 1_000),
      cycle,
      mediaPath: platform.leg5Media === 'via_platform' ? 'via_platform' : 'direct',
    });
  }

  /** A new INVITE: leg 5 of a waiting session, or nobody's. */
  onInvite(leg: SipLeg, invite: IncomingInvite): SipLegHandlers {
    const match = this.#waiting.match(invite);
    const live = match.kind === 'one' ? this.#live.get(match.session) : undefined;
    const rehearsal = live && this.#options.rehearsals?.of(live.expected.session);
    if (live === undefined || this.#draining || rehearsal?.refusesInvite() === true) {
      const refusal = this.#draining ? DRAINING_REFUSAL : RENDEZVOUS_REFUSAL;
      this.#options.log.warn('leg 5 refused', {
        status: refusal.status,
        match: match.kind,
        by: match.by,
        source: `${invite.source.host}:${invite.source.port}`,
        call_id: invite.callId,
      });
      leg.reject(refusal.status, refusal.headers);
      return { ended: () => {} };
    }
    // One-time: from now on the same token is unknown.
    this.#stopWaiting(live);
    live.begun = true;
    live.asking?.came();
    const { engagement } = live;
    if (rehearsal === undefined) return engagement.begin(leg, invite);
    return rehearsal.leg5(leg, invite, (wrapped, read) => engagement.begin(wrapped, read));
  }

  setCollecting(session: SessionId, collecting: boolean): void {
    this.#live.get(session)?.engagement.setCollecting(collecting);
  }

  /** Plays a prompt of the relay's, or `flat_tone`, to one of the two in place of the other's voice; null stops what plays. */
  play(session: SessionId, to: PlayTo, prompt: string | null): PlayAnswer {
    return this.#live.get(session)?.engagement.play(to, prompt) ?? refuse('not_engaged');
  }

  /** Hands the call back after the key guard; a session that still waits for its INVITE waits no longer. */
  restore(session: SessionId, reason: string): void {
    const live = this.#live.get(session);
    if (live === undefined) return;
    if (live.begun) live.engagement.release(reason);
    else this.#giveUp(session, 'canceled', 'released');
  }

  async legs(session: SessionId): Promise<readonly LegView[]> {
    const live = this.#live.get(session);
    if (live !== undefined) {
      const shown = live.begun || live.asking !== undefined;
      return shown ? (await live.engagement.refreshLegs()).views() : [];
    }
    return this.#finished.get(session) ?? [];
  }

  /** No room for another call; those that are waited for are served. */
  get full(): boolean {
    return this.#live.size >= CALLS_MAX;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** No new calls: 503 on INVITE and on `expect`. Running ones go on. */
  drain(): void {
    this.#draining = true;
  }

  /** Hands every call back. Resolves when all are back, or after `deadlineMs`. */
  async close(deadlineMs: number): Promise<void> {
    this.handBack(() => true);
    const { scheduler } = this.#options;
    const endMs = scheduler.monotonicMs() + deadlineMs;
    while (this.#live.size > 0 && scheduler.monotonicMs() < endMs) {
      await new Promise<void>((resolve) => scheduler.after(50, resolve));
    }
  }

  /** No new calls, and those of `which` go back to their platforms. */
  handBack(which: (session: SessionId) => boolean): void {
    this.drain();
    for (const [session, live] of this.#live) {
      if (!which(session)) continue;
      if (!live.begun) this.#giveUp(session, 'failed', 'shutdown');
      else {
        live.engagement.release('shutdown', {
          outcome: 'failed',
          code: 'shutdown',
          callSafe: true,
          leg: null,
          sip: null,
        });
      }
    }
  }

  #whyNot(platform: PlatformProfile | undefined, { call, start }: ExpectedCall): ExpectRefusal | undefined {
    if (this.#draining) return { code: 'draining', message: 'this server is going down; try another one' };
    if (platform === undefined) {
      return { code: 'unknown_platform', message: `no platform ${call.platform} is configured` };
    }
    if (start === 'refer') {
      const refused = whyNotRefer(platform, call);
      if (refused !== undefined) return refused;
    }
    const twin = [...this.#live.values()].find(
      ({ expected, engagement }) =>
        !engagement.over &&
        expected.call.platform === call.platform &&
        expected.call.call_id === call.call_id,
    );
    if (twin !== undefined) {
      return { code: 'session_exists', message: `call ${call.call_id} has session ${twin.expected.session}` };
    }
    const wrongAddress = call.return_uri && whyNotReturnTo(platform, call.return_uri);
    if (wrongAddress) {
      return { code: 'return_address_not_allowed', message: `call.return_uri: ${wrongAddress}` };
    }
    if (this.full) {
      return { code: 'overloaded', message: `${CALLS_MAX} calls are live; try again in a few seconds` };
    }
    return undefined;
  }

  #engagement(expected: ExpectedCall, platform: PlatformProfile, cycle: number): Engagement {
    const { sip, sdp, media, scheduler, log, report } = this.#options;
    const plan: EngagementPlan = {
      session: expected.session,
      cycle,
      platform,
      callId: expected.call.call_id,
      returnUri: expected.call.return_uri,
      sealTo: expected.sealTo,
      mask: expected.mask,
    };
    const ports: EngagementPorts = {
      sip,
      sdp,
      media,
      scheduler,
      log,
      report,
      finished: (session) => this.#retire(session),
    };
    const rehearsal = this.#options.rehearsals?.begin(expected.session, {
      call: `${platform.id}/${expected.call.call_id}`,
      asks: expected.start === 'refer',
      commit: platform.commit,
    });
    return new Engagement(plan, rehearsal?.ports(ports) ?? ports);
  }

  /** Flow (b): the platform is asked to send its INVITE 5, or we take its place. */
  #ask(live: LiveCall, platform: PlatformProfile, rendezvousUri: string): void {
    const { session, call } = live.expected;
    if (this.#live.get(session) !== live || live.begun || call.dialog === undefined) return;
    const { log, rehearsals } = this.#options;
    const { call_id: callId, local_tag: localTag, remote_tag: remoteTag } = call.dialog;
    const plan = { session, platform, callId: call.call_id, dialog: { callId, localTag, remoteTag } };
    if (platform.refer.form === 'replaces') {
      this.#stopWaiting(live);
      live.begun = true;
      takeCall({ ...plan, returnUri: call.return_uri }, live.engagement, this.#options);
      return;
    }
    const sip = rehearsals?.of(session)?.asking(this.#options.sip) ?? this.#options.sip;
    live.asking = new Asking(
      { ...plan, rendezvousUri },
      {
        sip,
        log,
        legs: live.engagement.legs,
        failed: (failure) => {
          this.#retire(session);
          this.#options.report({ type: 'call_failed', session, ...failure });
        },
      },
    );
  }

  #burn(session: SessionId, live: LiveCall): void {
    if (live.begun || this.#live.get(session) !== live) return;
    this.#giveUp(session, 'expired', 'no_invite');
  }

  /** A session that nobody came for: its token opens nothing any more, and the payment side need not wait for a call. */
  #giveUp(session: SessionId, outcome: CallFailure['outcome'], code: CallFailure['code']): void {
    this.#live.get(session)?.asking?.giveUp();
    this.#forget(session);
    const failure = { outcome, code, callSafe: true, leg: null, sip: null };
    this.#options.report({ type: 'call_failed', session, ...failure });
  }

  #forget(session: SessionId): void {
    const live = this.#live.get(session);
    if (live !== undefined) this.#stopWaiting(live);
    this.#live.delete(session);
  }

  /** Nothing that could name this session opens anything any more. */
  #stopWaiting(live: LiveCall): void {
    live.cancelBurn();
    this.#waiting.remove(live.expected.session);
    if (live.number !== null) this.#platforms.releaseNumber(live.expected.call.platform, live.number);
    live.number = null;
  }

  #retire(session: SessionId): void {
    const live = this.#live.get(session);
    this.#forget(session);
    if (live === undefined) return;
    this.#finished.set(session, live.engagement.legs.views());
    dropOldest(this.#finished, FINISHED_KEPT_MAX);
  }

  #nextCycle(call: string): number {
    const cycle = (this.#cycles.get(call) ?? 0) + 1;
    this.#cycles.delete(call);
    this.#cycles.set(call, cycle);
    dropOldest(this.#cycles, CYCLES_KEPT_MAX);
    return cycle;
  }
}

function dropOldest<Key>(map: Map<Key, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return;
    map.delete(key);
  }
}
