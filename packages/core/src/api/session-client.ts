import type { LegView, PlayTo } from '../call/leg.ts';
import type { SessionId } from '../ids.ts';
import type { FieldName } from '../payment/status.ts';
import type { PlatformObject } from './platform.ts';
import type { ApiErrorBody, CreateSessionBody, EventEnvelope, ListObject, SessionObject } from './session.ts';
import type { ArmFaultBody, FaultKindObject, FaultName, TestFaultObject } from './test-fault.ts';

/** What the API answered: the object asked for, or its error object with the HTTP status. */
export type ApiAnswer<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly status: number; readonly error: ApiErrorBody['error'] };

export interface SessionClientOptions {
  /** `http://127.0.0.1:8080`; in a page: `''`, its own origin. */
  readonly baseUrl: string;
  /** API key, agent token or client secret; sent as `Authorization: Bearer`. */
  readonly token: string;
  /** Resolves after so many ms. */
  readonly pause: (ms: number) => Promise<void>;
}

const SESSIONS = '/sessions';
const TEST_FAULTS = '/test/faults';
const PLATFORMS = '/platforms';

/** A page of a stream of events is read again from the last `seq` after this pause, ms. */
const STREAM_RETRY_MS = 500;

/** The session API over `fetch`: for pages, the demo and tests alike. Rejects only when nothing answered. */
export class SessionClient {
  readonly #options: SessionClientOptions;

  constructor(options: SessionClientOptions) {
    this.#options = options;
  }

  create(body: CreateSessionBody, idempotencyKey: string): Promise<ApiAnswer<SessionObject>> {
    return this.#call('POST', SESSIONS, body, idempotencyKey);
  }

  read(id: SessionId): Promise<ApiAnswer<SessionObject>> {
    return this.#call('GET', `${SESSIONS}/${id}`);
  }

  list(query: Readonly<Record<string, string>> = {}): Promise<ApiAnswer<ListObject<SessionObject>>> {
    return this.#call('GET', `${SESSIONS}?${new URLSearchParams(query)}`);
  }

  collect(id: SessionId, field: FieldName): Promise<ApiAnswer<SessionObject>> {
    return this.#call('POST', `${SESSIONS}/${id}/fields/${field}/collect`, {});
  }

  clear(id: SessionId, field: FieldName, last?: number): Promise<ApiAnswer<SessionObject>> {
    return this.#call('POST', `${SESSIONS}/${id}/fields/${field}/clear`, last === undefined ? {} : { last });
  }

  confirm(id: SessionId, idempotencyKey: string): Promise<ApiAnswer<SessionObject>> {
    return this.#call('POST', `${SESSIONS}/${id}/confirm`, {}, idempotencyKey);
  }

  cancel(id: SessionId): Promise<ApiAnswer<SessionObject>> {
    return this.#call('POST', `${SESSIONS}/${id}/cancel`, {});
  }

  /** A prompt's name, or `flat_tone`; null stops what plays. */
  play(id: SessionId, to: PlayTo, prompt: string | null): Promise<ApiAnswer<SessionObject>> {
    return this.#call('POST', `${SESSIONS}/${id}/play`, { to, prompt });
  }

  restore(id: SessionId): Promise<ApiAnswer<SessionObject>> {
    return this.#call('POST', `${SESSIONS}/${id}/restore`, {});
  }

  legs(id: SessionId): Promise<ApiAnswer<ListObject<LegView>>> {
    return this.#call('GET', `${SESSIONS}/${id}/legs`);
  }

  events(id: SessionId, after: number): Promise<ApiAnswer<ListObject<EventEnvelope>>> {
    return this.#call('GET', `${SESSIONS}/${id}/events?after=${after}`);
  }

  platforms(): Promise<ApiAnswer<ListObject<PlatformObject>>> {
    return this.#call('GET', PLATFORMS);
  }

  platform(id: string): Promise<ApiAnswer<PlatformObject>> {
    return this.#call('GET', `${PLATFORMS}/${encodeURIComponent(id)}`);
  }

  probePlatform(id: string): Promise<ApiAnswer<PlatformObject>> {
    return this.#call('POST', `${PLATFORMS}/${encodeURIComponent(id)}/probe`, {});
  }

  /** Rehearses a failure on a test call; needs a test API key. What will happen is in the answer. */
  armFault(session: SessionId, fault: FaultName): Promise<ApiAnswer<TestFaultObject>> {
    const body: ArmFaultBody = { session, fault };
    return this.#call('POST', TEST_FAULTS, body);
  }

  /** What can be rehearsed. */
  faultKinds(): Promise<ApiAnswer<ListObject<FaultKindObject>>> {
    return this.#call('GET', TEST_FAULTS);
  }

  /** What was armed for a session, newest first. */
  faults(session: SessionId): Promise<ApiAnswer<ListObject<TestFaultObject>>> {
    return this.#call('GET', `${TEST_FAULTS}?session=${session}`);
  }

  /**
   * Calls `onEvent` for every event after `after`, in order and once each, until `signal` aborts. A broken connection is
   * opened again from the last `seq` seen. Ends with the error when the API refuses (a wrong token, a foreign session): asking
   * again would be refused again. `fetch` rather than EventSource: a page must send the token in a header.
   */
  async stream(
    id: SessionId,
    after: number,
    onEvent: (event: EventEnvelope) => void,
    signal: AbortSignal,
  ): Promise<ApiErrorBody['error'] | undefined> {
    let last = after;
    while (!signal.aborted) {
      const url = this.#url(`${SESSIONS}/${id}/events/stream?after=${last}`);
      const response = await fetch(url, { headers: this.#headers(), signal }).catch(() => undefined);
      if (response !== undefined && isRefusal(response.status)) {
        return ((await response.json()) as ApiErrorBody).error;
      }
      for await (const event of readServerSentEvents(response)) {
        if (event.seq <= last) continue;
        last = event.seq;
        onEvent(event);
      }
      if (!signal.aborted) await this.#options.pause(STREAM_RETRY_MS);
    }
    return undefined;
  }

  async #call<Value>(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    idempotencyKey?: string,
  ): Promise<ApiAnswer<Value>> {
    const response = await fetch(this.#url(path), {
      method,
      headers: {
        ...this.#headers(),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (response.ok) return { ok: true, value: answer as Value };
    return { ok: false, status: response.status, error: (answer as ApiErrorBody).error };
  }

  #url(path: string): string {
    return `${this.#options.baseUrl}/v1${path}`;
  }

  #headers(): Record<string, string> {
    return { Authorization: `Bearer ${this.#options.token}` };
  }
}

/** 4xx, but for 429, which asks to come back later. */
const isRefusal = (status: number): boolean => status >= 400 && status < 500 && status !== 429;

/**
 * Reads `data:` lines until the connection breaks, which is no error here: the caller opens another. Everything else of the
 * format (comments, `id:`, `event:`) repeats what data says.
 */
async function* readServerSentEvents(response: Response | undefined): AsyncGenerator<EventEnvelope> {
  if (response?.ok !== true || response.body === null) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let pending = '';
  try {
    for (;;) {
      const chunk = await reader.read().catch(() => undefined);
      if (chunk?.value === undefined) return;
      const lines = (pending + decoder.decode(chunk.value, { stream: true })).split('\n');
      pending = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith('data:')) yield JSON.parse(line.slice(5)) as EventEnvelope;
      }
    }
  } finally {
    // Whoever stops listening half-way must not leave the connection open.
    await reader.cancel().catch(() => {});
  }
}
