import type {
  ApiAnswer,
  EventEnvelope,
  LegView,
  ListObject,
  SessionClient,
  SessionId,
  SessionObject,
} from '@sordino/core';

export interface ConsoleState {
  readonly calls: readonly SessionObject[];
  readonly selected: SessionId | null;
  readonly legs: readonly LegView[];
  readonly events: readonly EventEnvelope[];
  readonly problem: string | null;
}

/** Events kept on the page; the API has them all. */
const EVENTS_SHOWN_MAX = 200;

/** What the operators' page knows, without a view: the calls, and legs and events of the chosen one. */
export class Console {
  readonly #client: SessionClient;
  readonly #changed: (state: ConsoleState) => void;
  #state: ConsoleState = { calls: [], selected: null, legs: [], events: [], problem: null };
  #following = new AbortController();

  constructor(client: SessionClient, changed: (state: ConsoleState) => void) {
    this.#client = client;
    this.#changed = changed;
  }

  /** One round of reading: the list, and the legs of the chosen call. */
  async refresh(): Promise<void> {
    const { selected } = this.#state;
    try {
      const calls = this.#data(await this.#client.list({ limit: '50' }));
      const legs = selected === null ? [] : this.#data(await this.#client.legs(selected));
      this.#set({ calls, legs, problem: null });
      // The newest call is what an operator comes for.
      const [newest] = calls;
      if (this.#state.selected === null && newest !== undefined) this.select(newest.id);
    } catch (error) {
      this.#set({ problem: error instanceof Error ? error.message : String(error) });
    }
  }

  select(id: SessionId): void {
    this.#following.abort();
    this.#following = new AbortController();
    this.#set({ selected: id, legs: [], events: [] });
    void this.#client.stream(
      id,
      0,
      (event) => {
        if (this.#state.selected !== id) return;
        this.#set({ events: [...this.#state.events, event].slice(-EVENTS_SHOWN_MAX) });
      },
      this.#following.signal,
    );
  }

  #data<Item>(answer: ApiAnswer<ListObject<Item>>): readonly Item[] {
    if (answer.ok) return answer.value.data;
    throw new Error(answer.error.message);
  }

  #set(change: Partial<ConsoleState>): void {
    this.#state = { ...this.#state, ...change };
    this.#changed(this.#state);
  }
}

/** Whether the two people can talk, in a word that does not depend on colour. */
export function voiceOf(session: SessionObject): string {
  switch (session.topology) {
    case 'original':
    case 'restored':
      return 'talking, not through us';
    case 'engaging':
    case 'restoring':
      return 'being moved';
    case 'engaged':
      return 'talking through us';
    case 'degraded':
      return 'talking through us, masked; the platform must act';
    case 'lost':
      return 'call ended';
  }
}
