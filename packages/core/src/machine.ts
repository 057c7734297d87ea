/** A transition table: for each state, where each event leads. An absent entry is an illegal edge. */
export type TransitionTable<State extends string, Event extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Event, State>>>>
>;

/** The next state, or `undefined` where the table has no such edge. */
export function nextState<State extends string, Event extends string>(
  table: TransitionTable<State, Event>,
  state: State,
  event: Event,
): State | undefined {
  return table[state][event];
}

/** Every `state --event--> state` of a table in a stable order: what a test prints and compares. */
export function edgesOf<State extends string, Event extends string>(
  table: TransitionTable<State, Event>,
): string[] {
  return Object.entries<Readonly<Partial<Record<Event, State>>>>(table).flatMap(([state, edges]) =>
    Object.entries(edges).map(([event, to]) => `${state} --${event}--> ${to}`),
  );
}
