import { SordinoApiError } from './errors.ts';
import { authorization, backOffMs, type ClientOptions, pause } from './options.ts';
import { isProblem } from './request.ts';
import type { SessionEvent } from './types.ts';

export interface FollowOptions {
  /** Events after this `seq`; 0, all of them, when left out. */
  readonly after?: number;
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
}

/** Doubling of the pause ends here: about 6 s. */
const BACK_OFF_STEPS_MAX = 5;

/**
 * Every event of a session after `after`, in order and once each, live: until you `break`, or `signal` aborts. A broken connection is opened again from
 * the last `seq`. Throws when the API refuses (a wrong credential, a foreign session): asking again would be refused again.
 */
export async function* followEvents(
  options: ClientOptions,
  session: string,
  { after = 0, signal }: FollowOptions,
): AsyncGenerator<SessionEvent, void, undefined> {
  let last = after;
  let failures = 0;
  while (signal?.aborted !== true) {
    const response = await open(options, session, last, signal);
    if (response !== undefined) failures = 0;
    for await (const event of read(response)) {
      if (event.seq <= last) continue;
      last = event.seq;
      yield event;
    }
    await pause(backOffMs(Math.min(failures, BACK_OFF_STEPS_MAX)), signal);
    failures += 1;
  }
}

/** Undefined: nobody answered, or whoever did asks to come back later. */
async function open(
  options: ClientOptions,
  session: string,
  last: number,
  signal: AbortSignal | undefined,
): Promise<Response | undefined> {
  const { fetch = globalThis.fetch } = options;
  // Not EventSource: the credential belongs into a header, and not into the URL.
  const headers = {
    Accept: 'text/event-stream, application/json',
    Authorization: await authorization(options),
  };
  const url = `${options.baseUrl}/v1/sessions/${encodeURIComponent(session)}/events/stream?after=${last}`;
  const response = await fetch(url, { headers, ...(signal && { signal }) }).catch(() => undefined);
  if (response === undefined || response.ok) return response;
  const answer: unknown = await response.json().catch(() => undefined);
  if (isProblem(answer) && !answer.error.retryable) throw new SordinoApiError(response.status, answer.error);
  return undefined;
}

/** `data:` of each event until the connection breaks, which is no error here. All else (comments, `id:`, `event:`) repeats what data says. */
async function* read(response: Response | undefined): AsyncGenerator<SessionEvent, void, undefined> {
  if (!response?.body) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let pending = '';
  try {
    for (;;) {
      const chunk = await reader.read().catch(() => undefined);
      if (chunk?.value === undefined) return;
      const lines = (pending + decoder.decode(chunk.value, { stream: true })).split('\n');
      pending = lines.pop() ?? '';
      for (const line of lines) if (line.startsWith('data:')) yield JSON.parse(line.slice(5)) as SessionEvent;
    }
  } finally {
    // Whoever stops listening half-way must not leave the connection open.
    await reader.cancel().catch(() => {});
  }
}
