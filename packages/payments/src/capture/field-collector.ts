import type { FieldName } from '@sordino/core';
import type { DigitVault } from './digit-vault.ts';
import { FIELD_RULES, type FieldContext } from './field-rules.ts';
import { hintFor } from './hints.ts';
import { isDigitKey, KEY_POUND, KEY_STAR } from './keys.ts';
import { FIRST_KEY_TIMEOUT_MS } from './limits.ts';
import type { Pace } from './pace.ts';
import { fieldTimeoutMs, nextKeyTimeoutMs, pauseEndsMs } from './patience.ts';
import { rejected, type Verdict } from './verdict.ts';

/** What a key press or the passing of time did to the open field. */
export type Step =
  | { readonly kind: 'ignored' }
  | { readonly kind: 'progress'; readonly length: number }
  | { readonly kind: 'done'; readonly verdict: Verdict };

/**
 * One field while its keys come in. Pure: keys and times in, steps out; the digits live in the vault.
 *
 *   0-9   append          `*`   take back the last digit       `**` in a row   start the field over
 *   `#`   end the field   A-D   ignored (no phone has them)
 */
export class FieldCollector {
  readonly field: FieldName;
  readonly #vault: DigitVault;
  readonly #pace: Pace;
  readonly #openedMs: number;
  #lastKeyMs: number | undefined;
  /** The agent has spoken since the last key: the gap says nothing about the caller. */
  #interrupted = false;
  #lastWasStar = false;

  /** `nowMs`: monotonic, as everywhere in this class but in `FieldContext.nowMs`. */
  constructor(field: FieldName, vault: DigitVault, pace: Pace, nowMs: number) {
    this.field = field;
    this.#vault = vault;
    this.#pace = pace;
    this.#openedMs = nowMs;
  }

  press(key: number, nowMs: number, context: FieldContext): Step {
    const starBefore = this.#lastWasStar;
    this.#lastWasStar = key === KEY_STAR && !starBefore;
    if (isDigitKey(key)) return this.#digit(key, nowMs, context);
    if (key === KEY_STAR) return this.#takeBack(starBefore, nowMs);
    // A `#` with nothing before it is the end of the field before this one, pressed late.
    if (key === KEY_POUND && this.#vault.length(this.field) > 0) return this.#finish(context);
    return { kind: 'ignored' };
  }

  /** When `expire` has to be called next, monotonic ms. */
  deadlineMs(context: FieldContext): number {
    const whole = this.#openedMs + fieldTimeoutMs(this.#pace);
    if (this.#lastKeyMs === undefined) return Math.min(whole, this.#openedMs + FIRST_KEY_TIMEOUT_MS);
    const rule = FIELD_RULES[this.field];
    const pauseEnds = rule.fill(this.#vault.digits(this.field), context) === 'pause_ends';
    const waitMs = pauseEnds ? pauseEndsMs(this.#pace, rule.pauseMs) : nextKeyTimeoutMs(this.#pace);
    return Math.min(whole, this.#lastKeyMs + waitMs);
  }

  /** At the deadline: what is there is judged if it can be a whole field; otherwise the customer was too slow. */
  expire(nowMs: number, context: FieldContext): Step {
    const digits = this.#vault.digits(this.field);
    if (FIELD_RULES[this.field].fill(digits, context) === 'pause_ends') return this.#finish(context);
    const verdict = FIELD_RULES[this.field].judge(digits, context);
    // A short form that only a full stop can end, like a Visa of 13 digits without `#`.
    if (verdict.ok) return { kind: 'done', verdict };
    if (digits.length === 0) return { kind: 'done', verdict: rejected('no_tones_heard', hintFor('no_keys')) };
    const tooSlow = nowMs - this.#openedMs >= fieldTimeoutMs(this.#pace);
    return { kind: 'done', verdict: rejected('timeout', hintFor(tooSlow ? 'too_slow' : 'unfinished')) };
  }

  /** The agent took digits back: the customer gets a full pause again. */
  repaired(nowMs: number): void {
    this.#lastKeyMs = nowMs;
    this.#interrupted = true;
    this.#lastWasStar = false;
  }

  #digit(key: number, nowMs: number, context: FieldContext): Step {
    this.#keyAt(nowMs);
    if (!this.#vault.append(this.field, key)) return { kind: 'ignored' };
    const digits = this.#vault.digits(this.field);
    if (FIELD_RULES[this.field].fill(digits, context) === 'full') return this.#finish(context);
    return { kind: 'progress', length: digits.length };
  }

  #takeBack(startOver: boolean, nowMs: number): Step {
    this.#keyAt(nowMs);
    if (startOver) this.#vault.erase(this.field);
    else this.#vault.removeLast(this.field, 1);
    return { kind: 'progress', length: this.#vault.length(this.field) };
  }

  #keyAt(nowMs: number): void {
    if (this.#lastKeyMs !== undefined && !this.#interrupted) this.#pace.gap(nowMs - this.#lastKeyMs);
    this.#lastKeyMs = nowMs;
    this.#interrupted = false;
  }

  #finish(context: FieldContext): Step {
    return {
      kind: 'done',
      verdict: FIELD_RULES[this.field].judge(this.#vault.digits(this.field), context),
    };
  }
}
