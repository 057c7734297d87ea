import type { ApiAnswer, EventEnvelope, FieldObject, SessionId, SessionObject } from '@sordino/core';
import type { DeskClient } from '../desk.ts';

export const SESSION = 'ses_0000000000000000000000test' as SessionId;

export const aField = (name: FieldObject['name'], over: Partial<FieldObject> = {}): FieldObject => ({
  name,
  state: 'empty',
  length: 0,
  code: null,
  attempts: 0,
  brand: null,
  last4: null,
  ...over,
});

export const aSession = (over: Partial<SessionObject> = {}): SessionObject => ({
  id: SESSION,
  object: 'session',
  livemode: false,
  created: 1_790_000_000,
  status: 'ready',
  topology: 'engaged',
  cycle: 1,
  media_path: 'direct',
  call: { platform: 'plt_main', call_id: 'e-91' },
  intent: { type: 'charge', amount: 4_999, currency: 'gbp', reference: 'INV-7' },
  connector: 'con_sandbox',
  mask: { style: 'flat_tone', hold: 'per_key' },
  agent: null,
  fields: [aField('card_number'), aField('expiry'), aField('cvc')],
  result: {
    auth_code: null,
    token: null,
    decline_code: null,
    decline_category: null,
    retry: null,
    failure_code: null,
  },
  call_failure: null,
  leaks_suspected: 0,
  attestation: null,
  rendezvous: null,
  last_event_seq: 0,
  metadata: {},
  ...over,
});

export const anError = (message: string, callSafe = true): ApiAnswer<never> => ({
  ok: false,
  status: 409,
  error: {
    type: 'invalid_request_error',
    code: 'not_ready',
    message,
    param: null,
    session: null,
    retryable: true,
    call_safe: callSafe,
    topology: null,
    leg: null,
    sip: null,
    doc_url: '',
    request_id: 'req_1',
  },
});

/** The API as the test says it is: `session` is what every verb answers with, and every verb is written down. */
export class ScriptedClient implements DeskClient {
  session: SessionObject = aSession();
  /** The next request is answered so instead. */
  next: ApiAnswer<never> | 'lost' | undefined;
  readonly asked: string[] = [];
  readonly keys: string[] = [];
  listener: ((event: EventEnvelope) => void) | undefined;
  following: AbortSignal | undefined;
  /** Reads wait until the test lets them go. */
  held: (() => void)[] | undefined;
  #seq = 0;

  create: DeskClient['create'] = (_body, key) => this.#answer('create', key);
  read: DeskClient['read'] = async () => {
    this.asked.push('read');
    const { session, held, next } = this;
    this.next = undefined;
    if (next === 'lost') throw new TypeError('fetch failed');
    if (next !== undefined) return next;
    if (held !== undefined) await new Promise<void>((resolve) => held.push(resolve));
    return { ok: true, value: session };
  };
  collect: DeskClient['collect'] = (_id, field) => this.#answer(`collect ${field}`);
  clear: DeskClient['clear'] = (_id, field) => this.#answer(`clear ${field}`);
  confirm: DeskClient['confirm'] = (_id, key) => this.#answer('confirm', key);
  cancel: DeskClient['cancel'] = () => this.#answer('cancel');
  restore: DeskClient['restore'] = () => this.#answer('restore');
  stream: DeskClient['stream'] = async (_id, _after, onEvent, signal) => {
    this.listener = onEvent;
    this.following = signal;
  };

  /** The session is now so, and an event tells it. */
  tell(
    type: EventEnvelope['type'],
    change: Partial<SessionObject> = {},
    data: EventEnvelope['data'] = {},
  ): void {
    this.#seq += 1;
    this.session = { ...this.session, ...change, last_event_seq: this.#seq };
    const id = `evt_${this.#seq}` as EventEnvelope['id'];
    this.listener?.({ id, type, seq: this.#seq, session: SESSION, created: 0, data });
  }

  async #answer(verb: string, key?: string): Promise<ApiAnswer<SessionObject>> {
    this.asked.push(verb);
    if (key !== undefined) this.keys.push(key);
    const { next } = this;
    this.next = undefined;
    if (next === 'lost') throw new TypeError('fetch failed');
    return next ?? { ok: true, value: this.session };
  }
}

/** Lets everything that was promised happen. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};
