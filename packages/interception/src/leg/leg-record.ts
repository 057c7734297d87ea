import type { LegBasis, LegMedia, LegRole, LegState, LegStateChange, LegView } from '@sordino/core';
import { type LegEvent, nextLegState } from './leg-state.ts';

/** The state of one leg with its history. The only caller of `nextLegState`. */
export class LegRecord {
  readonly role: LegRole;
  readonly #cycle: number;
  readonly #basis: LegBasis;
  readonly #nowMs: () => number;
  readonly #changed: (leg: LegView) => void;
  readonly #states: LegStateChange[];
  #reason: string | null = null;
  #sip: LegView['sip'] = null;

  constructor(options: {
    role: LegRole;
    cycle: number;
    basis: LegBasis;
    nowMs: () => number;
    changed: (leg: LegView) => void;
  }) {
    this.role = options.role;
    this.#cycle = options.cycle;
    this.#basis = options.basis;
    this.#nowMs = options.nowMs;
    this.#changed = options.changed;
    this.#states = [{ state: 'idle', at_ms: options.nowMs() }];
  }

  get state(): LegState {
    return this.#last().state;
  }

  get live(): boolean {
    return this.state !== 'terminated' && this.state !== 'failed';
  }

  setSip(callId: string, status: number | null): void {
    this.#sip = { call_id: callId, status };
  }

  /**
   * Moves along an edge and reports it; false where the table has no such edge. Crossing messages (a BYE that meets our
   * BYE, media that still trickles in) make such events normal, so they are refused quietly rather than thrown.
   */
  apply(event: LegEvent, reason?: string): boolean {
    const next = nextLegState(this.state, event);
    if (next === undefined || next === this.state) return false;
    this.#states.push({ state: next, at_ms: this.#nowMs() });
    if (reason !== undefined) this.#reason = reason;
    this.#changed(this.view(null));
    return true;
  }

  /** Something happened to the leg that does not change its state. */
  note(reason: string): void {
    this.#reason = reason;
    this.#changed(this.view(null));
  }

  view(media: LegMedia | null): LegView {
    const last = this.#last();
    return {
      role: this.role,
      cycle: this.#cycle,
      state: last.state,
      basis: this.#basis,
      since_ms: last.at_ms,
      states: [...this.#states],
      reason: this.#reason,
      sip: this.#sip,
      media,
    };
  }

  #last(): LegStateChange {
    const last = this.#states.at(-1);
    if (last === undefined) throw new Error('a leg record always has a state');
    return last;
  }
}
