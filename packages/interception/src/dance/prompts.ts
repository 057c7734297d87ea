import { type PlayTo, type Result, refuse, type SessionId } from '@sordino/core';
import type { InterceptionEvent } from '../events.ts';
import type { BridgeSide, MediaBridge, PlayOutcome } from '../ports/media-relay.ts';

export type PlayAnswer = Result<null, 'not_engaged' | 'unknown_prompt'>;

const SIDES: Readonly<Record<PlayTo, BridgeSide>> = { customer: 'customer', agent: 'clean' };

/** What is being played to the two people. Each prompt that was begun is reported as ended once, whatever becomes of the relay. */
export class Prompts {
  readonly #session: SessionId;
  readonly #report: (event: InterceptionEvent) => void;
  /** Prompts that the relay has been told to play and not told the end of, oldest first: a new one may overtake that news. */
  readonly #playing: Record<BridgeSide, string[]> = { customer: [], clean: [] };

  constructor(session: SessionId, report: (event: InterceptionEvent) => void) {
    this.#session = session;
    this.#report = report;
  }

  /** Null: silence again, which is the other person's voice. */
  play(bridge: MediaBridge, to: PlayTo, prompt: string | null): PlayAnswer {
    const side = SIDES[to];
    if (prompt === null) {
      bridge.stopPlaying(side);
      return { ok: true, value: null };
    }
    const begun = bridge.play(side, prompt);
    if (!begun.ok) return refuse(begun.problem);
    this.#playing[side].push(prompt);
    return begun;
  }

  ended(side: BridgeSide, prompt: string, outcome: PlayOutcome): void {
    const at = this.#playing[side].indexOf(prompt);
    if (at < 0) return;
    this.#playing[side].splice(at, 1);
    const to = side === 'clean' ? 'agent' : 'customer';
    this.#report({ type: 'play_ended', session: this.#session, to, prompt, outcome });
  }

  /** The relay is gone, and with it the news. */
  lost(): void {
    for (const side of ['customer', 'clean'] as const)
      for (const prompt of [...this.#playing[side]]) this.ended(side, prompt, 'stopped');
  }
}
