import { nextState, type TransitionTable } from '@sordino/core';

/**
 * starting: the service is loading · serving: it has said that it is ready · stopping: it was told to end · parting: it is dead,
 * and its calls are being handed back · resting: before the next start · leaving: as parting, and nothing comes after it.
 */
export type GuardianState = 'starting' | 'serving' | 'stopping' | 'parting' | 'resting' | 'leaving' | 'ended';

/** died: it is no more, for whatever cause · parted: its calls are back · given-up: and no other start is worth it. */
export type GuardianEvent = 'ready' | 'died' | 'parted' | 'given-up' | 'rested' | 'stop';

/**
 * ```
 *              ready             died
 *  starting ──────────> serving ──────> parting ── parted ──> resting
 *   │ │ ^  └── died ───────────────────^  │ │                   │ │
 *   │ │ └────────────────────────── rested ─┼───────────────────┘ │
 *   │ └─ stop ─┐   ┌─ stop ──┘             │ └── given-up ──┐      │ stop
 *   │          v   v                   stop│                v      v
 *   └──────> stopping ──────> leaving <────┘  ── parted ─> ended <─┘
 *                      died
 * ```
 */
export const GUARDIAN_TRANSITIONS = {
  starting: { ready: 'serving', died: 'parting', stop: 'stopping' },
  serving: { died: 'parting', stop: 'stopping' },
  stopping: { died: 'leaving', stop: 'stopping' },
  parting: { parted: 'resting', 'given-up': 'ended', stop: 'leaving' },
  resting: { rested: 'starting', stop: 'ended' },
  leaving: { parted: 'ended', 'given-up': 'ended' },
  ended: {},
} as const satisfies TransitionTable<GuardianState, GuardianEvent>;

/** The next state, or `undefined` where the event means nothing there. */
export const afterGuardianEvent = (state: GuardianState, event: GuardianEvent): GuardianState | undefined =>
  nextState<GuardianState, GuardianEvent>(GUARDIAN_TRANSITIONS, state, event);
