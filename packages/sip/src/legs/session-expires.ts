import type { EdgeRequest, EdgeResponse } from '../core/edge-message.ts';

/** RFC 4028 §4, §5: the smallest interval there is, and what `Min-SE` means where it is absent. */
export const MIN_SE_FLOOR_S = 90;
/** RFC 4028 §4 recommends half an hour. */
export const SESSION_EXPIRES_S = 1800;
/** A day: no call is longer, and more would overflow the timers of the platform below. */
const SESSION_MAX_S = 86_400;

export type Refresher = 'uac' | 'uas';

/** What one transaction says of the session timer. */
export interface SessionTerms {
  readonly expiresS: number;
  readonly refresher: Refresher;
}

/** How we stand to session timers on one leg. */
export interface SessionPolicy {
  /** What we ask for where the peer does not; 0: nothing. */
  readonly expiresS: number;
  readonly minSeS: number;
}

const DELTA_SECONDS = /^\s*(\d{1,10})\s*(?:;(.*))?$/;
const REFRESHER = /(?:^|;)\s*refresher\s*=\s*(uac|uas)\b/i;

/** What cannot be read is as if it were not there: a session without a timer is better than no session. */
export function readSessionExpires(
  message: EdgeRequest | EdgeResponse,
): { readonly expiresS: number; readonly refresher: Refresher | undefined } | undefined {
  const [, seconds, parameters] = DELTA_SECONDS.exec(message.value('Session-Expires') ?? '') ?? [];
  if (seconds === undefined) return undefined;
  const refresher = REFRESHER.exec(parameters ?? '')?.[1]?.toLowerCase() as Refresher | undefined;
  return { expiresS: Math.min(Number(seconds), SESSION_MAX_S), refresher };
}

export function readMinSe(message: EdgeRequest | EdgeResponse): number {
  const [, seconds] = DELTA_SECONDS.exec(message.value('Min-SE') ?? '') ?? [];
  return seconds === undefined ? 0 : Math.min(Number(seconds), SESSION_MAX_S);
}

/** RFC 4028 §8: 422 is only for a peer that would understand it. */
export function tooShort(request: EdgeRequest, minSeS: number): boolean {
  const asked = readSessionExpires(request);
  return asked !== undefined && asked.expiresS < minSeS && request.has('Supported', 'timer');
}

/**
 * RFC 4028 §9, table 2: the terms of our 2xx. A peer that knows session timers keeps the role it asked for, and refreshes
 * when it left that open, since it was the one to ask. Where it does not know them, or did not ask, we refresh ourselves: so
 * a peer that is gone is noticed on every leg.
 */
export function termsOfAnswer(request: EdgeRequest, policy: SessionPolicy): SessionTerms | undefined {
  const asked = readSessionExpires(request);
  if (asked === undefined) {
    return policy.expiresS === 0
      ? undefined
      : { expiresS: Math.max(policy.expiresS, policy.minSeS, readMinSe(request)), refresher: 'uas' };
  }
  // A proxy put it there on behalf of a caller that cannot be refused with 422.
  const expiresS = Math.max(asked.expiresS, policy.minSeS);
  const knowsTimers = request.has('Supported', 'timer') || request.has('Require', 'timer');
  return { expiresS, refresher: knowsTimers ? (asked.refresher ?? 'uac') : 'uas' };
}

/** Of a 2xx. RFC 4028 §9: `Require` only where the peer must do something. */
export function answerLines(terms: SessionTerms | undefined): string[] {
  if (terms === undefined) return [];
  const line = `Session-Expires: ${terms.expiresS};refresher=${terms.refresher}`;
  return terms.refresher === 'uac' ? [line, 'Require: timer'] : [line];
}

/** Of a request of ours. `refresher` is left open in the first INVITE (RFC 4028 §7.1). */
export const requestLines = (expiresS: number, minSeS: number, refresher?: Refresher): string[] => [
  `Session-Expires: ${expiresS}${refresher === undefined ? '' : `;refresher=${refresher}`}`,
  `Min-SE: ${minSeS}`,
];
