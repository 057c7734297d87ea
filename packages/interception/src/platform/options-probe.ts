import type { Cancel, Log, PlatformProbeObject, Scheduler } from '@sordino/core';
import { PROBE_PAUSE_MS, PROBE_TIMEOUT_MS } from '../limits.ts';
import type { OptionsOutcome, SipCalls } from '../ports/sip-calls.ts';
import type { PlatformProfile } from './profile.ts';
import { missingMethods } from './what-is-missing.ts';

export interface OptionsProbeParts {
  readonly platform: PlatformProfile;
  readonly sip: Pick<SipCalls, 'options'>;
  readonly scheduler: Scheduler;
  readonly log: Log;
}

/** What a peer calls itself is shown to people: longer is no name. */
const SERVER_CHARACTERS_MAX = 100;

/** Asks one platform by OPTIONS whether it is there, at start and then from time to time, and keeps what it said. */
export class OptionsProbe {
  readonly #parts: OptionsProbeParts;
  #state: PlatformProbeObject['state'];
  #sinceMs: number | null = null;
  #checkedAtMs: number | null = null;
  /** On the monotonic clock: a wall clock that is set back must not keep everybody waiting. */
  #endedAtMs = Number.NEGATIVE_INFINITY;
  #last: OptionsOutcome | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;
  #cancelNext: Cancel = () => {};

  constructor(parts: OptionsProbeParts) {
    this.#parts = parts;
    this.#state = parts.platform.probeIntervalS === 0 ? 'off' : 'unknown';
  }

  /** From now on, unless the profile switches it off. */
  start(): void {
    if (this.#parts.platform.probeIntervalS > 0) void this.#round();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelNext();
  }

  /** One probe now. False, and nothing is sent, while one runs or so soon after the last. */
  async now(): Promise<boolean> {
    const tooSoon = this.#parts.scheduler.monotonicMs() - this.#endedAtMs < PROBE_PAUSE_MS;
    if (this.#running !== undefined || tooSoon) return false;
    await this.#ask();
    return true;
  }

  view(): PlatformProbeObject {
    const answer = this.#last?.answered === true ? this.#last : undefined;
    const listed = (name: string): readonly string[] | null => {
      const values = answer?.header(name) ?? [];
      return values.length === 0 ? null : values;
    };
    const allow = listed('Allow');
    const { refer } = this.#parts.platform;
    return {
      interval_s: this.#parts.platform.probeIntervalS,
      state: this.#state,
      since_ms: this.#sinceMs,
      checked_at_ms: this.#checkedAtMs,
      status: answer?.status ?? null,
      round_trip_ms: answer === undefined ? null : Math.round(answer.roundTripMs * 10) / 10,
      reason: this.#last?.answered === false ? this.#last.reason : null,
      allow,
      supported: listed('Supported'),
      accept: listed('Accept'),
      server: nameOf(answer?.header('Server')[0] ?? answer?.header('User-Agent')[0]),
      // What another address takes is not told by this one.
      missing: missingMethods(allow, refer.targetUri === undefined ? refer.form : 'off'),
    };
  }

  async #round(): Promise<void> {
    await this.#ask();
    if (this.#stopped) return;
    const { platform, scheduler } = this.#parts;
    this.#cancelNext = scheduler.after(1_000 * platform.probeIntervalS, () => void this.#round());
  }

  /** A probe that is asked for while one runs is that one. */
  #ask(): Promise<void> {
    this.#running ??= this.#send().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #send(): Promise<void> {
    const { platform, sip, scheduler } = this.#parts;
    const outcome = await sip.options({
      target: withoutCallId(platform.returnUri),
      timeoutMs: PROBE_TIMEOUT_MS,
      platform: platform.id,
    });
    if (this.#stopped) return;
    this.#last = outcome;
    this.#checkedAtMs = scheduler.wallMs();
    this.#endedAtMs = scheduler.monotonicMs();
    this.#enter(isAlive(outcome) ? 'reachable' : 'unreachable', outcome);
  }

  /** A change is worth a line; the same again is not. */
  #enter(state: 'reachable' | 'unreachable', outcome: OptionsOutcome): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#sinceMs = this.#checkedAtMs;
    const { platform, log } = this.#parts;
    const status = outcome.answered ? outcome.status : null;
    if (state === 'reachable') log.info('platform reachable', { platform: platform.id, status });
    else {
      const reason = outcome.answered ? 'it answers that it cannot serve' : outcome.reason;
      log.warn('platform unreachable', { platform: platform.id, status, reason });
    }
  }
}

/**
 * RFC 3261 §11.2: the answer is the one an INVITE would get. Whatever it is, somebody is there who speaks SIP (405 and 501 are how
 * platforms say that they have no OPTIONS); but a 503 says that calls should not come, and a 408 comes from in between.
 */
function isAlive(outcome: OptionsOutcome): boolean {
  return outcome.answered && outcome.status !== 503 && outcome.status !== 408;
}

/** There is no call to ask about: the server itself is asked (RFC 3261 §11.1). */
const withoutCallId = (uri: string): string => uri.replace(/^(sips?:)[^@]*\{call_id\}[^@]*@/i, '$1');

const nameOf = (server: string | undefined): string | null => server?.slice(0, SERVER_CHARACTERS_MAX) ?? null;
