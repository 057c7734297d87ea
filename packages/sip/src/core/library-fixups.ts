import { ClientTransaction, type OutgoingRequestMessage, Timers } from 'sip.js/lib/core/index.js';
import { AllowedMethods } from 'sip.js/lib/core/user-agent-core/allowed-methods.js';
import { ALLOWED_METHODS } from './screening.ts';
import { makeBranch } from './tokens.ts';

/** RFC 3261 §17.1.1.1: estimate of the round-trip time. */
const T1_MS = 500;
/** RFC 3261 §17.1.2.1: longest interval between repetitions. */
const T2_MS = 4000;
/** RFC 3261 §17.1.2.2: how long a message stays in the network. */
const T4_MS = 5000;

/**
 * What sip.js 0.21.2 gets wrong for the whole process, put right once. Everything here changes the library's own tables,
 * so that no fork is needed; `selfTest` of the endpoint proves that each change took hold.
 */
export function applyLibraryFixups(): void {
  if (!applied) {
    applied = true;
    setBaseTimers(T1_MS, T2_MS, T4_MS);
    (ClientTransaction as unknown as { makeId: (request: OutgoingRequestMessage) => string }).makeId = (
      request,
    ) => (request.method === 'CANCEL' && request.branch !== undefined ? request.branch : makeBranch());
    AllowedMethods.splice(0, AllowedMethods.length, ...ALLOWED_METHODS);
  }
}
let applied = false;

/**
 * sip.js ships D, I, J and K as 0, which is right for TCP only: over UDP each lost answer would start the transaction
 * again. Kept for TCP too, where it costs memory and nothing else. Tests call this with small values.
 */
export function setBaseTimers(t1Ms: number, t2Ms: number, t4Ms: number): void {
  const sixtyFour = 64 * t1Ms;
  Object.assign(Timers, {
    T1: t1Ms,
    T2: t2Ms,
    T4: t4Ms,
    TIMER_B: sixtyFour,
    TIMER_D: sixtyFour,
    TIMER_F: sixtyFour,
    TIMER_H: sixtyFour,
    TIMER_I: t4Ms,
    TIMER_J: sixtyFour,
    TIMER_K: t4Ms,
    TIMER_L: sixtyFour,
    TIMER_M: sixtyFour,
    TIMER_N: sixtyFour,
  });
}

/** How long finished transactions wait for repetitions: 32 s over UDP. Shorter, a benchmark sees its memory come back sooner. */
export function forgetTransactionsAfter(memoryMs: number): void {
  Object.assign(Timers, { TIMER_D: memoryMs, TIMER_J: memoryMs, TIMER_L: memoryMs, TIMER_M: memoryMs });
}
