import { nextState, type TransitionTable } from '@sordino/core';

/**
 * refusing: our 503 waits for its ACK · canceling: our CANCEL is out, the INVITE has no final answer · giving: our REFER is out, which
 * gives the customer back · lingering: the platform gets time to close leg 7 itself · closing: our BYE is out · gone: nobody waits
 * for us any more.
 */
export type PartingState = 'refusing' | 'canceling' | 'giving' | 'lingering' | 'closing' | 'gone';

/**
 * acknowledged: the ACK of our 503 · refused, accepted: the final answer to our INVITE · taken: accepted, and the customer moved here
 * with it · unknown: 481 to our CANCEL · settled: no more will be told of our REFER · due: the peers have had their time · answered:
 * any final answer to our BYE · hung-up: the peer's own BYE.
 */
export type PartingEvent =
  | 'acknowledged'
  | 'refused'
  | 'accepted'
  | 'taken'
  | 'unknown'
  | 'settled'
  | 'due'
  | 'answered'
  | 'hung-up';

/**
 * ```
 *  UAS unanswered: refusing ──────────────── acknowledged, hung-up ──────────────┐
 *  UAS answered:   closing ─ answered, hung-up, acknowledged (the 2xx was lost) ─┤
 *                   ^ ^ ^                                                        ├──> gone
 *                   │ │ └ accepted ─┐                                            │
 *  UAC unanswered:  │ │         canceling ─────── refused, unknown ──────────────┤
 *                   │ │             └ taken ┐                                    │
 *  UAC taken:       │ └ settled, due ── giving ────────── hung-up ───────────────┤
 *  UAC answered:    └── due ── lingering ──────────────── hung-up ───────────────┘
 * ```
 */
export const PARTING_TRANSITIONS = {
  refusing: { acknowledged: 'gone', 'hung-up': 'gone' },
  canceling: { refused: 'gone', unknown: 'gone', accepted: 'closing', taken: 'giving' },
  giving: { settled: 'closing', due: 'closing', 'hung-up': 'gone' },
  lingering: { due: 'closing', 'hung-up': 'gone' },
  closing: { answered: 'gone', 'hung-up': 'gone', acknowledged: 'gone' },
  gone: {},
} as const satisfies TransitionTable<PartingState, PartingEvent>;

/** The next state, or `undefined` where the event means nothing there. */
export const afterPartingEvent = (state: PartingState, event: PartingEvent): PartingState | undefined =>
  nextState<PartingState, PartingEvent>(PARTING_TRANSITIONS, state, event);
