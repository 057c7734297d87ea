import { describe, expect, it } from '@jest/globals';
import { edgesOf } from '@sordino/core';
import {
  afterSessionTimerEvent,
  SESSION_TIMER_TRANSITIONS,
  type SessionTimerEvent,
  type SessionTimerState,
} from './session-timer-state.ts';

const STATES: readonly SessionTimerState[] = ['off', 'ours', 'refreshing', 'theirs', 'over'];
const EVENTS: readonly SessionTimerEvent[] = [
  'agreed_ours',
  'agreed_theirs',
  'agreed_none',
  'half',
  'refused',
  'late',
  'stop',
];

const LEGAL = `
off --agreed_ours--> ours
off --agreed_theirs--> theirs
off --agreed_none--> off
off --stop--> over
ours --agreed_ours--> ours
ours --agreed_theirs--> theirs
ours --agreed_none--> off
ours --half--> refreshing
ours --late--> over
ours --stop--> over
refreshing --agreed_ours--> ours
refreshing --agreed_theirs--> theirs
refreshing --agreed_none--> off
refreshing --refused--> ours
refreshing --late--> over
refreshing --stop--> over
theirs --agreed_ours--> ours
theirs --agreed_theirs--> theirs
theirs --agreed_none--> off
theirs --late--> over
theirs --stop--> over
`
  .trim()
  .split('\n');

describe('the session timer', () => {
  it.each(LEGAL)('%s', (edge) => {
    const [from, event, to] = edge.split(/ --|--> /) as [
      SessionTimerState,
      SessionTimerEvent,
      SessionTimerState,
    ];
    expect(afterSessionTimerEvent(from, event)).toBe(to);
  });

  it('has no other edge', () => {
    expect(edgesOf<SessionTimerState, SessionTimerEvent>(SESSION_TIMER_TRANSITIONS)).toEqual(LEGAL);
    const illegal = STATES.flatMap((state) => EVENTS.map((event) => [state, event] as const)).filter(
      ([state, event]) => afterSessionTimerEvent(state, event) === undefined,
    );
    expect(illegal).toHaveLength(STATES.length * EVENTS.length - LEGAL.length);
  });
});
