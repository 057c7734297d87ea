import { type Cancel, type PlayTo, type Result, refuse } from '@sordino/core';
import { GLARE_HOLD_MS } from '../limits.ts';
import type {
  BridgeFigures,
  BridgeRefusal,
  BridgeSide,
  MediaBridge,
  MediaBridgeHandlers,
} from '../ports/media-relay.ts';
import type { SipLeg } from '../ports/sip-calls.ts';
import type { CallLegs } from './call-legs.ts';
import type { EngagementPlan, EngagementPorts } from './engagement-ports.ts';
import { takeInfoKey } from './info-key.ts';
import { joinAttestations } from './join-attestations.ts';
import { MediaPath } from './media-path.ts';
import { type PlayAnswer, Prompts } from './prompts.ts';
import { QualityWatch } from './quality-watch.ts';
import { RelayMove } from './relay-move.ts';

/** `handshake_refused`: only somebody came who could not prove to be the peer. */
export interface MediaSilence {
  readonly code: 'no_media' | 'handshake_refused';
  readonly leg: 'leg6_media' | 'leg7_out';
}

/** What the relay's side of an engagement tells the other. */
export interface CallMediaHandlers {
  /** Packets of the customer: the first, and the first after each silence. */
  customerHeard(atMs: number): void;
  cleanFlowing(): void;
  /** The customer never came, or has been silent for too long; or leg 7 takes nothing. */
  silent(why: MediaSilence): void;
  /** The relay worker died: nothing is relayed. */
  lost(): void;
  /** `gapMs`: what the agent did not hear of the customer; undefined while the customer is on hold. */
  moved(gapMs: number | undefined): void;
  moveFailed(code: 'relay_lost' | 'no_media'): void;
}

/** The relay's side of one engagement: the bridge, what is negotiated on it, its keys, its silences, and its move to another worker. */
export class CallMedia {
  readonly #plan: EngagementPlan;
  readonly #ports: EngagementPorts;
  readonly #legs: CallLegs;
  readonly #handlers: CallMediaHandlers;
  readonly #quality: QualityWatch;
  readonly #prompts: Prompts;
  #path: MediaPath | undefined;
  /** Their workers died. */
  readonly #lostBridges = new Set<MediaBridge>();
  #collecting = false;
  /** A bridge that is opened in place of another goes on counting. */
  #nextKeySeq = 0;
  #move: RelayMove | undefined;
  #cancelFirstMedia: Cancel | undefined;
  #customerWasHeard = false;
  /** Somebody was turned away there, and nobody was heard since. */
  readonly #refused = new Set<BridgeSide>();

  constructor(plan: EngagementPlan, ports: EngagementPorts, legs: CallLegs, handlers: CallMediaHandlers) {
    this.#plan = plan;
    this.#ports = ports;
    this.#legs = legs;
    this.#handlers = handlers;
    this.#quality = new QualityWatch(plan.session, ports.log);
    this.#prompts = new Prompts(plan.session, ports.report);
  }

  /** Undefined until the relay has reserved its ports. */
  get path(): MediaPath | undefined {
    return this.#path;
  }

  /** The relay is gone and another one is not yet there. */
  get moving(): boolean {
    return this.#move?.running === true;
  }

  async open(): Promise<Result<MediaPath, BridgeRefusal>> {
    const opened = await this.#openBridge();
    if (!opened.ok) return opened;
    this.#path = new MediaPath(opened.value, this.#plan.platform, this.#ports.sdp);
    return { ok: true, value: this.#path };
  }

  setCollecting(collecting: boolean): void {
    this.#collecting = collecting;
    this.#path?.bridge.setCollecting(collecting);
  }

  /** Null: what plays there is stopped. */
  play(to: PlayTo, prompt: string | null): PlayAnswer {
    const bridge = this.moving ? undefined : this.#path?.bridge;
    return bridge === undefined ? refuse('not_engaged') : this.#prompts.play(bridge, to, prompt);
  }

  /** A key by SIP INFO on leg 5: sealed in order with the others. */
  info(contentType: string, body: Uint8Array): void {
    const key = takeInfoKey(contentType, body);
    if (key !== undefined) this.#path?.bridge.sealInfoKey(key, this.#ports.scheduler.wallMs());
  }

  /** From the commit point on the customer has `firstMediaMs` to be heard, and leg 7 to take it. */
  expectMedia(withinMs = this.#plan.platform.timers.firstMediaMs): void {
    this.mediaIsHere();
    this.#cancelFirstMedia = this.#ports.scheduler.after(withinMs, () =>
      this.#handlers.silent(this.#whySilent()),
    );
  }

  /** It flows; or nobody is waited for any more. */
  mediaIsHere(): void {
    this.#cancelFirstMedia?.();
    this.#cancelFirstMedia = undefined;
  }

  /** After `lost`: to a live worker, by re-INVITE on both legs. False: it cannot, or was about to when that worker was lost in its turn. */
  move(leg5: SipLeg | undefined, leg7: SipLeg | undefined): boolean {
    const path = this.#path;
    // RFC 3261 §14.1: no re-INVITE before the INVITE is through.
    if (path === undefined || leg5?.state !== 'confirmed' || leg7?.state !== 'confirmed' || this.moving)
      return false;
    for (const side of ['customer', 'clean'] as const) this.#legs.mediaGone(side);
    this.#move = new RelayMove({
      scheduler: this.#ports.scheduler,
      path,
      leg5,
      leg7,
      firstMediaMs: this.#plan.platform.timers.firstMediaMs,
      open: () => this.#openBridge(),
      moved: (gapMs) => {
        path.bridge.setCollecting(this.#collecting);
        // Keys that fell into the gap.
        this.#keysLost();
        this.#handlers.moved(gapMs);
      },
      failed: (code, why) => {
        this.#ports.log.error('a call could not move to a live relay worker', {
          session: this.#plan.session,
          why,
        });
        this.#handlers.moveFailed(code);
      },
    });
    this.#move.start();
    return true;
  }

  /** A re-INVITE of ours on either leg met one of the peer's: the old media stands, and whoever is waited for has longer. */
  glared(): void {
    this.#move?.glared();
    if (this.#cancelFirstMedia !== undefined) this.expectMedia(GLARE_HOLD_MS);
  }

  /** Whatever was under way with the relay: the call leaves it. */
  stopMoving(): void {
    this.#move?.stop();
  }

  figures(): Promise<BridgeFigures | undefined> {
    return this.#path?.bridge.figures().catch(() => undefined) ?? Promise.resolve(undefined);
  }

  close(): Promise<BridgeFigures | undefined> {
    this.mediaIsHere();
    this.stopMoving();
    this.#path?.wipe();
    return this.#path?.bridge.close().catch(() => undefined) ?? Promise.resolve(undefined);
  }

  /** Reports what was heard on leg 7, in all; nothing when the relay never took the call. */
  async attest(): Promise<void> {
    const bridges = new Set(this.#lostBridges);
    if (this.#path !== undefined) bridges.add(this.#path.bridge);
    const figures = await Promise.all([...bridges].map((bridge) => bridge.figures().catch(() => undefined)));
    const told = figures.flatMap((each) => (each === undefined ? [] : [each.attestation]));
    const attestation = joinAttestations(told, this.#lostBridges.size === 0 && told.length === bridges.size);
    if (attestation !== undefined)
      this.#ports.report({ type: 'mask_attested', session: this.#plan.session, attestation });
  }

  #openBridge() {
    const { session, sealTo, mask, platform } = this.#plan;
    const dtls = platform.crypto === 'dtls';
    const request = { session, sealTo, mask, firstKeySeq: this.#nextKeySeq, dtls };
    return this.#ports.media.open(request, this.#bridgeHandlers());
  }

  #bridgeHandlers(): MediaBridgeHandlers {
    const { session, platform } = this.#plan;
    const { report, log } = this.#ports;
    const heard = (side: BridgeSide, atMs: number): void => {
      this.#refused.delete(side);
      this.#legs.mediaHere(side);
      if (side === 'clean') return;
      this.#customerWasHeard = true;
      this.#move?.customerHeard(atMs);
      this.#handlers.customerHeard(atMs);
    };
    return {
      mediaStarted: heard,
      mediaResumed: heard,
      cleanAudioFlowing: () => this.#handlers.cleanFlowing(),
      mediaStalled: (side, silentMs) => {
        this.#legs.mediaGone(side);
        if (side === 'customer' && silentMs >= platform.timers.stalledMediaMs)
          this.#handlers.silent(this.#whySilent('customer'));
      },
      mediaQuality: (side, sample) => this.#quality.sample(side, sample),
      oneWay: (side, oneWay) => {
        this.#quality.oneWay(side, oneWay);
        void this.#tellMedia(side);
      },
      playEnded: (side, prompt, outcome) => this.#prompts.ended(side, prompt, outcome),
      keySealed: (key) => {
        this.#nextKeySeq = key.seq + 1;
        report({ type: 'key', session, key });
      },
      transportUnexpected: (transport) => report({ type: 'transport_unexpected', session, transport }),
      shortKey: () => report({ type: 'short_key', session }),
      leakSuspected: (sign) => {
        log.error('key tones may have left on leg 7: it is muted', { session, sign });
        report({ type: 'leak_suspected', session, sign });
      },
      handshakeRefused: (side, reason) => {
        this.#refused.add(side);
        this.#legs.handshakeRefused(side, reason);
      },
      workerLost: () => {
        this.#prompts.lost();
        if (this.#path !== undefined) this.#lostBridges.add(this.#path.bridge);
        // Those that were pressed and not yet sealed.
        this.#keysLost();
        this.#handlers.lost();
      },
    };
  }

  /** `side`: where it is known; else of leg 7, when all that is missing is that it takes what the customer says. */
  #whySilent(side: BridgeSide = this.#customerWasHeard ? 'clean' : 'customer'): MediaSilence {
    const code = this.#refused.has(side) ? 'handshake_refused' : 'no_media';
    return { code, leg: side === 'customer' ? 'leg6_media' : 'leg7_out' };
  }

  /** Its figures say what has changed. */
  async #tellMedia(side: BridgeSide): Promise<void> {
    this.#legs.keepFigures(await this.figures());
    this.#legs.tellMedia(side);
  }

  #keysLost(): void {
    this.#ports.report({ type: 'keys_lost', session: this.#plan.session });
  }
}
