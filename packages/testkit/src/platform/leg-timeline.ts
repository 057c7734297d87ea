import type { LegRole, LegState, LegStateChange } from '@sordino/core';
import { unixMs } from './unix-time.ts';

/** A leg as the platform sees it. Legs 4 and 8 nobody else can see. */
export interface ObservedLeg {
  readonly role: LegRole;
  readonly cycle: number;
  readonly states: readonly LegStateChange[];
}

/** A call is diverted a few times at most; a test that loops must not grow without end. */
const OBSERVED_LEGS_MAX = 1_000;

/** The states of all legs over time, in order of their first appearance. */
export class LegTimeline {
  readonly #legs = new Map<string, { role: LegRole; cycle: number; states: LegStateChange[] }>();
  readonly #observe: (role: LegRole, cycle: number, change: LegStateChange) => void;

  constructor(observe: (role: LegRole, cycle: number, change: LegStateChange) => void) {
    this.#observe = observe;
  }

  /** Repeating the current state, leaving a final one, or ending what never began is not a change. */
  enter(role: LegRole, cycle: number, state: LegState): void {
    const key = `${role} ${cycle}`;
    const leg = this.#legs.get(key) ?? { role, cycle, states: [] };
    const current = leg.states.at(-1)?.state;
    const over = current === 'terminated' || current === 'failed';
    const neverBegan = current === undefined && (state === 'terminated' || state === 'failed');
    if (current === state || over || neverBegan || this.#legs.size >= OBSERVED_LEGS_MAX) return;
    const change = { state, at_ms: unixMs() };
    leg.states.push(change);
    this.#legs.set(key, leg);
    this.#observe(role, cycle, change);
  }

  get legs(): readonly ObservedLeg[] {
    return [...this.#legs.values()].map((leg) => ({ ...leg, states: [...leg.states] }));
  }
}
