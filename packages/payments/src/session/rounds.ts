import type { Cancel, Scheduler } from '@sordino/core';
import { RESOLVE_AT_MS } from './limits.ts';

export interface Round {
  /** How long the outcome is not known by now. */
  readonly ageMs: number;
  /** Nobody will ask again for now. */
  readonly last: boolean;
}

/** True: it is known, ask no more. */
type Ask = (round: Round) => Promise<boolean>;

/** Asks for what is not known, further and further apart, until it is known or the schedule ends. */
export class Rounds<Id extends string> {
  readonly #scheduler: Scheduler;
  readonly #following = new Map<Id, Cancel>();
  readonly #asking = new Set<Promise<void>>();
  #stopped = false;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** `ageMs`: how long it is not known already, after a restart. What is followed already is not followed twice. */
  follow(id: Id, ask: Ask, ageMs = 0): void {
    if (!this.#following.has(id)) this.#wait(id, ask, ageMs);
  }

  /** Whether it will be asked for again, or is right now. */
  isFollowing(id: Id): boolean {
    return this.#following.has(id);
  }

  /** Nothing is asked after this; what is being asked is waited for. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#following.values()) cancel();
    this.#following.clear();
    await Promise.allSettled([...this.#asking]);
  }

  #wait(id: Id, ask: Ask, ageMs: number): void {
    const next = RESOLVE_AT_MS.find((atMs) => atMs > ageMs);
    if (this.#stopped || next === undefined) {
      this.#following.delete(id);
      return;
    }
    const run = (): void => {
      const asking = this.#run(id, ask, { ageMs: next, last: next === RESOLVE_AT_MS.at(-1) });
      this.#asking.add(asking);
      void asking.finally(() => this.#asking.delete(asking));
    };
    this.#following.set(id, this.#scheduler.after(Math.max(0, next - ageMs), run));
  }

  async #run(id: Id, ask: Ask, round: Round): Promise<void> {
    const known = await ask(round).catch(() => false);
    if (known) this.#following.delete(id);
    else this.#wait(id, ask, round.ageMs);
  }
}
