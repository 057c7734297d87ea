import { MIN_SE_FLOOR_S, SESSION_EXPIRES_S } from './session-expires.ts';

/** Guards of one leg, in ms where the name does not say seconds. sip.js has none of them: without an answer it waits for ever (C9). */
export interface LegTiming {
  /** UAS: no final answer from the application by then: 480. Proxies give up after three minutes (RFC 3261 §16.6, timer C). */
  readonly offeredMs: number;
  /** UAC: no final answer by then, however the application has it: CANCEL (RFC 3261 §16.6, timer C). */
  readonly timerCMs: number;
  /** UAC: NAPTR, SRV and address together, where the target is a name. A caller waits for a ringing tone meanwhile. */
  readonly lookupMs: number;
  /** UAC: no answer at all from one address, where the target has others: the next one (RFC 3263 §4.3). */
  readonly addressMs: number;
  /** How long a leg that we cancelled stays `ending` for its 487; the transaction lives on until `ejectMs`. */
  readonly cancelAnswerMs: number;
  /** How long a leg that we closed stays `ending` for the answer to its BYE; the BYE itself is repeated for 64*T1. */
  readonly byeAnswerMs: number;
  /** A CANCELled or re-INVITE transaction without a final answer is thrown out: 64*T1 (RFC 3261 §9.1). */
  readonly ejectMs: number;
  /** UAC: the answer to an offer that came in a 2xx; the peer repeats its 2xx for 32 s. */
  readonly acknowledgeMs: number;
  /** UAS: the answer to a re-INVITE; peers give up at 32 s. */
  readonly reofferAnswerMs: number;
  /** UAC: final answer to our re-INVITE, after a provisional one. */
  readonly reofferFinalMs: number;
  /** How long a re-INVITE is tried again after 491. */
  readonly glareMs: number;
  /** Longest call: a leg that nobody ends is ended (payments take minutes). */
  readonly callMs: number;
  /** `Session-Expires` of a leg that came in, where the peer asks for none; 0: none. */
  readonly sessionExpiresS: number;
  /** Shortest session interval that is taken. RFC 4028 §5 forbids less than 90; tests have no time for that. */
  readonly minSeS: number;
}

export const DEFAULT_LEG_TIMING: LegTiming = {
  offeredMs: 180_000,
  timerCMs: 180_000,
  lookupMs: 2_000,
  addressMs: 1_000,
  cancelAnswerMs: 4_000,
  byeAnswerMs: 4_000,
  ejectMs: 32_000,
  acknowledgeMs: 20_000,
  reofferAnswerMs: 25_000,
  reofferFinalMs: 32_000,
  glareMs: 20_000,
  callMs: 4 * 3_600_000,
  sessionExpiresS: SESSION_EXPIRES_S,
  minSeS: MIN_SE_FLOOR_S,
};

/** RFC 3261 §14.1, ms: the owner of the Call-ID waits 2.1 to 4 s, the other side 0 to 2 s, in steps of 10 ms. */
export function glareDelayMs(ownsCallId: boolean, random: number): number {
  const [from, to] = ownsCallId ? [2100, 4000] : [0, 2000];
  return from + 10 * Math.floor(random * ((to - from) / 10 + 1));
}
