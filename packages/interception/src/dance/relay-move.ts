import type { Cancel, Result, Scheduler } from '@sordino/core';
import { GLARE_HOLD_MS, MOVE_ANSWER_TIMEOUT_MS, MOVE_OPEN_TIMEOUT_MS } from '../limits.ts';
import type { BridgeRefusal, BridgeSide, MediaBridge } from '../ports/media-relay.ts';
import type { SipLeg } from '../ports/sip-calls.ts';
import type { MediaPath } from './media-path.ts';

export interface RelayMovePorts {
  readonly scheduler: Scheduler;
  readonly path: MediaPath;
  readonly leg5: Pick<SipLeg, 'reoffer'>;
  readonly leg7: Pick<SipLeg, 'reoffer'>;
  /** How long the customer's first packet may take once both legs have answered. */
  readonly firstMediaMs: number;
  /** A bridge in a live worker; its mask is armed before it has a peer. */
  open(): Promise<Result<MediaBridge, BridgeRefusal>>;
  /** `gapMs`: what the agent did not hear of the customer, from the loss on; undefined while the customer is on hold. */
  moved(gapMs: number | undefined): void;
  failed(code: 'relay_lost' | 'no_media', why: string): void;
}

/*
 *   opening --bridge--> offering --both answered--> listening --the customer is heard, or on hold--> over (moved)
 *      `---refused---------`-- refused, too late -------`-- silence ------------------------------> over (failed)
 *
 *   every stage --stop--> over: the call goes elsewhere meanwhile
 */
type Stage = 'opening' | 'offering' | 'listening' | 'over';

/**
 * A call whose relay worker died moves to a live one (design section 7): new ports, masked from the first packet, and a re-INVITE on
 * legs 5 and 7 that names them. What fails on the way is not tried again: people hear nothing meanwhile, and BYE on leg 5 lets
 * them talk sooner.
 */
export class RelayMove {
  readonly #ports: RelayMovePorts;
  readonly #lostAtMs: number;
  #stage: Stage = 'opening';
  #heardAtMs: number | undefined;
  #cancelTimer: Cancel = () => {};

  constructor(ports: RelayMovePorts) {
    this.#ports = ports;
    this.#lostAtMs = ports.scheduler.wallMs();
  }

  get running(): boolean {
    return this.#stage !== 'over';
  }

  start(): void {
    this.#failAfter(MOVE_OPEN_TIMEOUT_MS, 'relay_lost', 'no live worker in time');
    this.#run().catch((error: unknown) => this.#fail('relay_lost', String(error)));
  }

  /** The customer's first packet on the new path. */
  customerHeard(atMs: number): void {
    this.#heardAtMs ??= atMs;
    this.#checkMoved();
  }

  /** RFC 3261 §14.1: a re-INVITE of the peer crossed ours, and both are tried again in a few seconds. */
  glared(): void {
    if (this.#stage === 'offering') this.#failAfter(GLARE_HOLD_MS, 'relay_lost', 'glare that does not end');
  }

  stop(): void {
    this.#stage = 'over';
    this.#cancelTimer();
  }

  async #run(): Promise<void> {
    const { path, leg5, leg7, open } = this.#ports;
    const opened = await open();
    if (!this.running) {
      if (opened.ok) await opened.value.close();
      return;
    }
    if (!opened.ok) {
      this.#fail('relay_lost', `no live worker takes the call: ${opened.problem}`);
      return;
    }
    this.#stage = 'offering';
    this.#failAfter(MOVE_ANSWER_TIMEOUT_MS, 'relay_lost', 'the legs did not answer in time');
    path.moveTo(opened.value);
    const answers = await Promise.all([this.#offer('customer', leg5), this.#offer('clean', leg7)]);
    const problem = answers.find((answer) => answer !== undefined);
    if (this.#stage !== 'offering') return;
    if (problem !== undefined) {
      this.#fail('relay_lost', problem);
      return;
    }
    this.#stage = 'listening';
    this.#failAfter(this.#ports.firstMediaMs, 'no_media', 'the customer is not heard on the new path');
    this.#checkMoved();
  }

  /** Why the leg did not follow; undefined when it did. */
  async #offer(side: BridgeSide, leg: Pick<SipLeg, 'reoffer'>): Promise<string | undefined> {
    const { path } = this.#ports;
    const outcome = await leg.reoffer(path.offer(side));
    if (!outcome.ok) return `the ${side} leg refused its new address with ${outcome.status}`;
    if (!this.running) return undefined;
    if (outcome.sdp === undefined) return `the ${side} leg answered without a session description`;
    const answer = path.readAnswer(side, outcome.sdp);
    return answer.ok ? undefined : answer.problem.message;
  }

  #checkMoved(): void {
    if (this.#stage !== 'listening') return;
    if (this.#heardAtMs === undefined && !this.#ports.path.customerHeld) return;
    this.stop();
    const { lookbackMs } = this.#ports.path.bridge;
    const gapMs = this.#heardAtMs && Math.round(this.#heardAtMs - this.#lostAtMs + lookbackMs);
    this.#ports.moved(gapMs);
  }

  #failAfter(delayMs: number, code: 'relay_lost' | 'no_media', why: string): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#ports.scheduler.after(delayMs, () => this.#fail(code, why));
  }

  #fail(code: 'relay_lost' | 'no_media', why: string): void {
    if (!this.running) return;
    this.stop();
    this.#ports.failed(code, why);
  }
}
