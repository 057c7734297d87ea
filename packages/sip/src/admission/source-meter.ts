import type { SourceLimits } from './admission-options.ts';
import { Guesses } from './guesses.ts';
import { TokenBucket } from './token-bucket.ts';

/** One 503 a second tells a peer that it is too fast; more would only be more work. */
const BUSY_ANSWERS_PER_S = 1;

/** What one source has used of its allowance. */
export class SourceMeter {
  readonly #limits: SourceLimits;
  readonly #messages: TokenBucket;
  readonly #invites: TokenBucket;
  readonly #busyAnswers: TokenBucket;
  /** Passwords, and apart from them calls that nobody waits for: one who may sign in can still be guessing numbers. */
  readonly passwords: Guesses;
  readonly calls: Guesses;
  #connections = 0;

  constructor(limits: SourceLimits, nowMs: number) {
    this.#limits = limits;
    this.#messages = new TokenBucket(limits.messagesPerS, nowMs);
    this.#invites = new TokenBucket(limits.invitesPerS, nowMs);
    this.passwords = new Guesses(limits.wrongPerMin);
    this.calls = new Guesses(limits.wrongPerMin);
    this.#busyAnswers = new TokenBucket(BUSY_ANSWERS_PER_S, nowMs);
  }

  takeMessage(nowMs: number): boolean {
    return this.#messages.take(nowMs);
  }

  takeInvite(nowMs: number): 'serve' | 'busy' | 'silence' {
    if (this.#invites.take(nowMs)) return 'serve';
    return this.#busyAnswers.take(nowMs) ? 'busy' : 'silence';
  }

  takeConnection(): boolean {
    if (this.#connections >= this.#limits.connections) return false;
    this.#connections += 1;
    return true;
  }

  releaseConnection(): void {
    this.#connections -= 1;
  }
}
