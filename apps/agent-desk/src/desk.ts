import type {
  ApiAnswer,
  ApiErrorBody,
  CreateSessionBody,
  EventEnvelope,
  EventType,
  FieldName,
  SessionClient,
  SessionId,
  SessionObject,
} from '@sordino/core';
import { isOver, nextField } from './choices.ts';
import { IntentionKeys } from './intention-keys.ts';
import { type Banner, bannerOf } from './words.ts';

export interface DeskState extends Banner {
  readonly session: SessionObject | null;
  /** What to say or do next, from the last event that had advice. */
  readonly hint: string | null;
  /** A request of ours is on its way: no button is to be pressed twice. */
  readonly asking: boolean;
}

const NOTHING_YET: DeskState = {
  session: null,
  banner: 'No payment running.',
  tone: 'calm',
  hint: null,
  asking: false,
};

/** After these there is something else to do than what was advised before. */
const ADVICE_IS_OLD: ReadonlySet<EventType> = new Set<EventType>([
  'field.collecting',
  'payment.processing',
  'session.restoring',
  'session.canceled',
  'session.failed',
  'session.expired',
]);

/** The legs do not depend on HTTP (design section 7): whatever happened here, the two people talk. */
const NO_ANSWER = 'Sordino does not answer. The call goes on.';

export type DeskClient = Pick<
  SessionClient,
  'create' | 'read' | 'collect' | 'clear' | 'confirm' | 'cancel' | 'restore' | 'stream'
>;

/**
 * The agent's side of one payment without a view: starts it, follows its events, and asks for one field after another.
 * It never sees a digit: only how many were keyed, the brand and the last four.
 */
export class Desk {
  readonly #client: DeskClient;
  readonly #changed: (state: DeskState) => void;
  readonly #keys: IntentionKeys;
  #state: DeskState = NOTHING_YET;
  #following = new AbortController();
  /** Events came since the session was read last. */
  #behind = false;
  #reading = false;
  /** The last event left room for the next field. */
  #mayAskNext = false;

  constructor(client: DeskClient, changed: (state: DeskState) => void, newKey: () => string) {
    this.#client = client;
    this.#changed = changed;
    this.#keys = new IntentionKeys(newKey);
  }

  get state(): DeskState {
    return this.#state;
  }

  async start(body: CreateSessionBody): Promise<void> {
    if (this.#state.asking) return;
    this.#following.abort();
    this.#set({ ...NOTHING_YET, banner: 'Asking for a secure call …', tone: 'busy', asking: true });
    const intention = `create ${JSON.stringify(body)}`;
    const created = await this.#answer(intention, (key) => this.#client.create(body, key));
    if (created === undefined) return;
    this.#show(created);
    this.#follow(created.id);
  }

  /** Shows a session that exists and acts on its events from now on. */
  async resume(id: SessionId): Promise<void> {
    const session = await this.#answer(`read ${id}`, () => this.#client.read(id));
    if (session === undefined) return;
    this.#show(session);
    this.#follow(id);
  }

  collect(field: FieldName): Promise<void> {
    return this.#act(`collect ${field}`, (id) => this.#client.collect(id, field));
  }

  clear(field: FieldName): Promise<void> {
    return this.#act(`clear ${field}`, (id) => this.#client.clear(id, field));
  }

  confirm(): Promise<void> {
    return this.#act('confirm', (id, key) => this.#client.confirm(id, key));
  }

  cancel(): Promise<void> {
    return this.#act('cancel', (id) => this.#client.cancel(id));
  }

  restore(): Promise<void> {
    return this.#act('restore', (id) => this.#client.restore(id));
  }

  /** Reads the session although nothing was told: a connection that broke tells nothing either. */
  check(): void {
    const { session } = this.#state;
    if (session === null || this.#following.signal.aborted) return;
    this.#behind = true;
    void this.#catchUp(session.id, this.#following.signal);
  }

  /** Stops following; for a page that shows another session. */
  leave(): void {
    this.#following.abort();
  }

  async #act(
    verb: string,
    call: (id: SessionId, key: string) => Promise<ApiAnswer<SessionObject>>,
  ): Promise<void> {
    const { session, asking } = this.#state;
    if (session === null || asking) return;
    this.#set({ ...this.#state, asking: true });
    const shown = await this.#answer(`${verb} ${session.id}`, (key) => call(session.id, key));
    if (shown !== undefined) this.#show(shown);
  }

  /** The answer, or undefined when there is a problem, which is then on the page. */
  async #answer(
    intention: string,
    call: (key: string) => Promise<ApiAnswer<SessionObject>>,
  ): Promise<SessionObject | undefined> {
    // When the answer is lost the key of this intention stays: whatever was done, pressing again asks for the same thing.
    const answer = await call(this.#keys.keyOf(intention)).catch(() => undefined);
    this.#set({ ...this.#state, asking: false });
    if (answer !== undefined) this.#keys.answered(intention);
    if (answer?.ok) return answer.value;
    this.#fail(answer === undefined ? `${NO_ANSWER} Try again.` : problemWords(answer.error));
    return undefined;
  }

  #follow(id: SessionId): void {
    this.#following.abort();
    const following = new AbortController();
    this.#following = following;
    this.#behind = false;
    this.#mayAskNext = false;
    void this.#client.stream(id, 0, (event) => this.#onEvent(event, following.signal), following.signal);
  }

  #onEvent(event: EventEnvelope, signal: AbortSignal): void {
    if (signal.aborted) return;
    // The agent talks, the page follows: after these there is a field to ask for.
    if (event.type === 'session.ready' || event.type === 'field.captured') this.#mayAskNext = true;
    if (ADVICE_IS_OLD.has(event.type)) this.#set({ ...this.#state, hint: null });
    const { message } = event.data;
    if (typeof message === 'string') this.#set({ ...this.#state, hint: message });
    this.#behind = true;
    void this.#catchUp(event.session, signal);
  }

  /** Reads the session until no event came meanwhile: one read at a time, so that no older one is shown last. */
  async #catchUp(id: SessionId, signal: AbortSignal): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    while (this.#behind && !signal.aborted) {
      this.#behind = false;
      const read = await this.#client.read(id).catch(() => undefined);
      if (signal.aborted) break;
      if (read?.ok) this.#show(read.value);
      else this.#fail(read === undefined ? NO_ANSWER : problemWords(read.error));
      // Only when all is read: an older state may lack what was collected since.
      if (read?.ok && !this.#behind) await this.#askForNext(read.value);
    }
    this.#reading = false;
    // Another session may have had events while this one was read.
    if (this.#behind && !this.#following.signal.aborted && this.#state.session !== null) {
      await this.#catchUp(this.#state.session.id, this.#following.signal);
    }
  }

  async #askForNext(session: SessionObject): Promise<void> {
    if (!this.#mayAskNext) return;
    this.#mayAskNext = false;
    const next = nextField(session);
    if (next !== undefined) await this.collect(next);
  }

  #show(session: SessionObject): void {
    // Answers may overtake each other; the older one must not win.
    const known = this.#state.session;
    if (known?.id === session.id && known.last_event_seq > session.last_event_seq) return;
    this.#set({ ...this.#state, session, ...bannerOf(session) });
    if (isOver(session)) this.#following.abort();
  }

  #fail(words: string): void {
    this.#set({ ...this.#state, banner: words, tone: 'bad' });
  }

  #set(state: DeskState): void {
    this.#state = state;
    this.#changed(state);
  }
}

const problemWords = ({ message, call_safe }: ApiErrorBody['error']): string =>
  call_safe ? message : `${message} The call may be affected.`;
