/** How long the check waits for what a person or a platform has to do, ms. */
export interface Patience {
  /** From the printed rendezvous to INVITE 5; the API takes a minute at most. */
  readonly divertMs: number;
  /** From INVITE 5 to `ready`: all timers of the way in, one after the other. */
  readonly readyMs: number;
  /** For the customer to press the keys. */
  readonly keysMs: number;
  /** After the call is back, for what should not come any more: a second BYE. */
  readonly afterMs: number;
  /** How long INVITE 5 is left without a final answer. */
  readonly holdMs: number;
  /** How long nothing is sent to the platform's media. */
  readonly lossMs: number;
}

export const PATIENCE: Patience = {
  divertMs: 60_000,
  readyMs: 45_000,
  keysMs: 25_000,
  afterMs: 1_000,
  // The longest that `timers.leg7_answer_ms` takes, and below timer B (32 s) of the INVITE that nobody answers.
  holdMs: 30_000,
  // RTP timeouts of platforms are 10 to 60 s; beyond half a minute nobody would wait for one.
  lossMs: 45_000,
};

/** Design section 7: leg 7 may take 2 s, a relay that moves its calls some more; an INVITE that is given up earlier makes every slow call a failed one. */
export const INVITE_TIMER_MIN_MS = 5_000;
