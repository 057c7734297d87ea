import type {
  ApiAnswer,
  EventEnvelope,
  LegView,
  ListObject,
  PlatformObject,
  SessionClient,
  SessionId,
  SessionObject,
} from '@sordino/core';

export interface ConsoleState {
  readonly platforms: readonly PlatformObject[];
  readonly calls: readonly SessionObject[];
  readonly selected: SessionId | null;
  readonly legs: readonly LegView[];
  readonly events: readonly EventEnvelope[];
  readonly problem: string | null;
  /** The key opens nothing: asking again is in vain. */
  readonly refused: boolean;
}

export type ConsoleClient = Pick<SessionClient, 'list' | 'legs' | 'stream' | 'platforms'>;

/** Events kept on the page; the API has them all. */
const EVENTS_SHOWN_MAX = 200;

/** Calls on the page, newest first. */
const CALLS_SHOWN_MAX = 50;

const UNAUTHORIZED = 401;

const NOTHING_YET: ConsoleState = {
  platforms: [],
  calls: [],
  selected: null,
  legs: [],
  events: [],
  problem: null,
  refused: false,
};

/** What the operators' page knows, without a view: the platforms, the calls, and legs and events of the chosen one. */
export class Console {
  readonly #client: ConsoleClient;
  readonly #changed: (state: ConsoleState) => void;
  #state: ConsoleState = NOTHING_YET;
  #following = new AbortController();
  /** The operator chose: the newest call does not take the page away from it. */
  #chosen = false;

  constructor(client: ConsoleClient, changed: (state: ConsoleState) => void) {
    this.#client = client;
    this.#changed = changed;
  }

  get state(): ConsoleState {
    return this.#state;
  }

  /** One round of reading: the lists, and the legs of the call on the page. Never rejects; a problem is shown until a round goes well. */
  async refresh(): Promise<void> {
    const calls = await this.#read(() => this.#client.list({ limit: String(CALLS_SHOWN_MAX) }));
    if (calls === undefined) return;
    this.#set({ calls, problem: null, refused: false });
    const [newest] = calls;
    // The newest call is what an operator comes for.
    if (!this.#chosen && newest !== undefined && newest.id !== this.#state.selected) this.#show(newest.id);
    await this.#refreshLegs();
    const platforms = await this.#read(() => this.#client.platforms());
    if (platforms !== undefined) this.#set({ platforms });
  }

  select(id: SessionId): Promise<void> {
    this.#chosen = true;
    this.#show(id);
    return this.#refreshLegs();
  }

  stop(): void {
    this.#following.abort();
  }

  #show(id: SessionId): void {
    this.#following.abort();
    this.#following = new AbortController();
    this.#set({ selected: id, legs: [], events: [] });
    void this.#client.stream(id, 0, (event) => this.#onEvent(id, event), this.#following.signal);
  }

  #onEvent(id: SessionId, event: EventEnvelope): void {
    if (this.#state.selected !== id) return;
    this.#set({ events: [...this.#state.events, event].slice(-EVENTS_SHOWN_MAX) });
    // A leg changes in milliseconds; the next round of reading is a second away.
    if (event.type === 'leg.updated') this.#legChanged(event.data.leg as LegView);
  }

  #legChanged(leg: LegView): void {
    const others = this.#state.legs.filter(({ role }) => role !== leg.role);
    const known = this.#state.legs.find(({ role }) => role === leg.role);
    // Events are replayed from the first: one from the past must not undo what was read.
    if (known !== undefined && known.since_ms > leg.since_ms) return;
    // An event tells a state; the figures of the last reading stay until the next.
    this.#set({ legs: inOrder([...others, { ...leg, media: leg.media ?? known?.media ?? null }]) });
  }

  async #refreshLegs(): Promise<void> {
    const { selected } = this.#state;
    if (selected === null) return;
    const legs = await this.#read(() => this.#client.legs(selected));
    // Another call was chosen meanwhile: these are not its legs.
    if (legs !== undefined && this.#state.selected === selected) this.#set({ legs: inOrder(legs) });
  }

  async #read<Item>(ask: () => Promise<ApiAnswer<ListObject<Item>>>): Promise<readonly Item[] | undefined> {
    try {
      const answer = await ask();
      if (answer.ok) return answer.value.data;
      this.#set({ problem: answer.error.message, refused: answer.status === UNAUTHORIZED });
    } catch {
      // The legs do not depend on HTTP, so this says nothing about the calls.
      this.#set({ problem: 'Sordino does not answer. The figures below are old.' });
    }
    return undefined;
  }

  #set(change: Partial<ConsoleState>): void {
    this.#state = { ...this.#state, ...change };
    this.#changed(this.#state);
  }
}

/** The role's name begins with its number: leg 4 to leg 8. */
const inOrder = (legs: readonly LegView[]): readonly LegView[] =>
  [...legs].sort((a, b) => (a.role < b.role ? -1 : 1));
