import type {
  ApiAnswer,
  ApiErrorBody,
  CreateSessionBody,
  EventEnvelope,
  FieldName,
  SessionClient,
  SessionId,
  SessionObject,
} from '@sordino/core';

export interface DeskState {
  readonly session: SessionObject | null;
  /** One line for the agent: what is going on and what to say next. */
  readonly banner: string;
  readonly tone: 'calm' | 'busy' | 'good' | 'bad';
  readonly problem: ApiErrorBody['error'] | null;
}

const BUSY: DeskState = { session: null, banner: 'No payment running.', tone: 'calm', problem: null };

/**
 * The agent's side of one payment without a view: starts it, follows its events, and asks for one field after another.
 * It never sees a digit: only how many were keyed, the brand and the last four.
 */
export class Desk {
  readonly #client: SessionClient;
  readonly #changed: (state: DeskState) => void;
  readonly #newKey: () => string;
  #state: DeskState = BUSY;
  #following = new AbortController();

  constructor(client: SessionClient, changed: (state: DeskState) => void, newKey: () => string) {
    this.#client = client;
    this.#changed = changed;
    this.#newKey = newKey;
  }

  get state(): DeskState {
    return this.#state;
  }

  async start(body: CreateSessionBody): Promise<void> {
    const created = await this.#client.create(body, this.#newKey());
    if (created.ok) this.follow(created.value.id);
    else this.#fail(created.error);
  }

  /** Shows a session and acts on its events from now on. */
  follow(id: SessionId): void {
    this.#following.abort();
    this.#following = new AbortController();
    void this.#client.stream(id, 0, (event) => void this.#onEvent(id, event), this.#following.signal);
  }

  collect(field: FieldName): Promise<void> {
    return this.#act((id) => this.#client.collect(id, field));
  }

  clear(field: FieldName): Promise<void> {
    return this.#act((id) => this.#client.clear(id, field));
  }

  confirm(): Promise<void> {
    return this.#act((id) => this.#client.confirm(id, this.#newKey()));
  }

  cancel(): Promise<void> {
    return this.#act((id) => this.#client.cancel(id));
  }

  restore(): Promise<void> {
    return this.#act((id) => this.#client.restore(id));
  }

  async #act(call: (id: SessionId) => Promise<ApiAnswer<SessionObject>>): Promise<void> {
    const { session } = this.#state;
    if (session === null) return;
    const answer = await call(session.id);
    if (answer.ok) this.#show(answer.value);
    else this.#fail(answer.error);
  }

  async #onEvent(id: SessionId, event: EventEnvelope): Promise<void> {
    const read = await this.#client.read(id);
    if (!read.ok) return this.#fail(read.error);
    this.#show(read.value);
    // Ask for the next empty field by ourselves: the agent talks, the page follows.
    if (event.type !== 'session.ready' && event.type !== 'field.captured') return;
    if (read.value.status !== 'ready') return;
    const next = read.value.fields.find(({ state }) => state === 'empty');
    if (next !== undefined) await this.collect(next.name);
  }

  #show(session: SessionObject): void {
    // Answers may overtake each other; the older one must not win.
    const known = this.#state.session;
    if (known?.id === session.id && known.last_event_seq > session.last_event_seq) return;
    this.#set({ session, ...bannerOf(session), problem: null });
  }

  #fail(problem: ApiErrorBody['error']): void {
    const safe = problem.call_safe ? '' : ' The call may be affected.';
    this.#set({ ...this.#state, banner: `${problem.message}${safe}`, tone: 'bad', problem });
  }

  #set(state: DeskState): void {
    this.#state = state;
    this.#changed(state);
  }
}

const FIELD_WORDS: Readonly<Record<FieldName, string>> = {
  card_number: 'card number',
  expiry: 'expiry date',
  cvc: 'security code',
  postal_code: 'postal code',
  bank_routing: 'routing number',
  bank_account: 'account number',
};

export const fieldWords = (name: FieldName): string => FIELD_WORDS[name];

export function bannerOf(session: SessionObject): Pick<DeskState, 'banner' | 'tone'> {
  const open = session.fields.find(({ state }) => state === 'collecting');
  switch (session.status) {
    case 'created':
    case 'awaiting_media':
      return { banner: 'Securing the call. Keep talking; no digits yet.', tone: 'busy' };
    case 'ready':
      return { banner: 'Secured. Ask the customer to key the card.', tone: 'good' };
    case 'collecting':
      return {
        banner: `Secured. The customer keys the ${open === undefined ? 'digits' : fieldWords(open.name)}.`,
        tone: 'good',
      };
    case 'ready_to_confirm':
      return { banner: 'All fields are complete. Take the payment when the customer agrees.', tone: 'good' };
    case 'processing':
      return { banner: 'The bank is being asked …', tone: 'busy' };
    case 'approved':
      return { banner: `Approved, authorisation code ${session.result.auth_code ?? 'none'}.`, tone: 'good' };
    case 'declined':
      return { banner: 'Declined. Another card may be tried.', tone: 'bad' };
    case 'unknown':
      return {
        banner: `Outcome not known yet. Do not take the payment again. Reference ${session.id}.`,
        tone: 'bad',
      };
    case 'failed':
      return { banner: `Failed: ${session.result.failure_code ?? 'unknown reason'}.`, tone: 'bad' };
    case 'canceled':
      return { banner: 'Canceled. Nothing was charged.', tone: 'calm' };
    case 'expired':
      return { banner: 'The platform never brought the call. Nothing was charged.', tone: 'bad' };
  }
}

/** `•••• ••••`: how much was keyed, in groups of four; with the last four once captured. */
export function maskOf(field: SessionObject['fields'][number]): string {
  if (field.last4 !== null) return `•••• •••• •••• ${field.last4}`;
  return '•'.repeat(field.length).replace(/(.{4})(?=.)/g, '$1 ');
}
