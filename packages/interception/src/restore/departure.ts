import type { Cancel, MaskHold, Scheduler } from '@sordino/core';
import type { MediaBridge } from '../ports/media-relay.ts';
import { handBack } from './hand-back.ts';
import { guardKeys } from './key-guard.ts';

export interface DepartureSteps {
  /** BYE on leg 5: the platform takes the customer back. */
  releaseLeg5(reason: string): void;
  /** BYE on leg 7. */
  releaseLeg7(reason: string): void;
  overdue(): void;
  done(result: { readonly gapMs: number | undefined }): void;
}

/*
 *   staying --afterKeyGuard--> guarding --guard over--> leaving --customer and leg 7 gone--> over
 *      |                          |                        ^
 *      +-- atOnce, customerGone, --+-----------------------+
 *          withoutKeyGuard
 */
type Stage = 'staying' | 'guarding' | 'leaving' | 'over';

/**
 * The way out of a call after the commit point, once: to the platform, or because the customer is gone. However many causes
 * come together (a BYE crossing ours, media that stops meanwhile), the first decides and the rest change nothing; only what makes
 * the key guard pointless ends it early.
 */
export class Departure {
  readonly #scheduler: Scheduler;
  readonly #hold: MaskHold;
  readonly #takeBackMs: number;
  readonly #steps: DepartureSteps;
  #stage: Stage = 'staying';
  #leg7EndedAtMs: number | null = null;
  #relayGone = false;
  #cancel: Cancel = () => {};

  constructor(
    scheduler: Scheduler,
    { hold, takeBackMs }: { readonly hold: MaskHold; readonly takeBackMs: number },
    steps: DepartureSteps,
  ) {
    this.#scheduler = scheduler;
    this.#hold = hold;
    this.#takeBackMs = takeBackMs;
    this.#steps = steps;
  }

  /** Someone has decided that the call goes back. */
  get begun(): boolean {
    return this.#stage !== 'staying';
  }

  /** Beyond the key guard: leg 5 is released, by us or by the platform. */
  get leaving(): boolean {
    return this.#stage === 'leaving' || this.#stage === 'over';
  }

  leg7Ended(): void {
    this.#leg7EndedAtMs ??= this.#scheduler.wallMs();
  }

  /** Not before the key guard is over, so that the rest of a number never runs into the restored call. */
  afterKeyGuard(bridge: MediaBridge, reason: string): void {
    if (this.begun) return;
    this.#stage = 'guarding';
    // Nothing is collected any more; `whole_field` would mask, and look like keys, for ever.
    bridge.setCollecting(false);
    this.#cancel = guardKeys({
      relay: bridge,
      scheduler: this.#scheduler,
      hold: this.#hold,
      over: () => this.#bye(bridge, reason),
    });
  }

  /** The relay is gone: no key guard, for nothing is relayed that could leak, and silence lasts until the platform acts. */
  atOnce(bridge: MediaBridge, reason: string): void {
    // What the relay said last would look like a customer who never stops talking.
    this.#relayGone = true;
    this.withoutKeyGuard(bridge, reason);
  }

  /** What the key guard waits for cannot come any more. */
  withoutKeyGuard(bridge: MediaBridge, reason: string): void {
    if (!this.leaving) this.#bye(bridge, reason);
  }

  /** The platform ended leg 5: nobody takes the customer back, whatever we had in mind. */
  customerGone(bridge: MediaBridge): void {
    if (this.leaving) return;
    this.#watch(bridge, 'customer_gone');
  }

  stop(): void {
    this.#stage = 'over';
    this.#cancel();
  }

  #bye(bridge: MediaBridge, reason: string): void {
    this.#steps.releaseLeg5(reason);
    this.#watch(bridge, 'to_platform');
  }

  #watch(bridge: MediaBridge, kind: 'to_platform' | 'customer_gone'): void {
    this.#cancel();
    this.#stage = 'leaving';
    this.#cancel = handBack({
      customer: {
        figures: () => (this.#relayGone ? Promise.reject(new Error('the relay is gone')) : bridge.figures()),
      },
      kind,
      scheduler: this.#scheduler,
      takeBackMs: this.#takeBackMs,
      leg7EndedAtMs: () => this.#leg7EndedAtMs,
      releaseLeg7: this.#steps.releaseLeg7,
      overdue: this.#steps.overdue,
      done: this.#steps.done,
    });
  }
}
