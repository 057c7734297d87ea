import type { EventEnvelope, EventType, SessionClient, SessionId } from '@sordino/core';

/** Nothing in a test or a demo takes this long; only so that a call that hangs ends with a word. */
const PATIENCE_MS = 20_000;

/** These end a session that the demo wanted to go on: waiting for anything else is in vain. */
const HOPELESS: ReadonlySet<EventType> = new Set([
  'session.failed',
  'session.canceled',
  'session.expired',
  'session.lost',
]);

/** What comes after every ending of a call that was taken. */
const LAST: EventType = 'mask.attested';

interface Waiting {
  readonly type: EventType;
  readonly fits: (event: EventEnvelope) => boolean;
  readonly resolve: (event: EventEnvelope) => void;
  readonly reject: (error: Error) => void;
}

/** Follows one session's live event stream and waits for what must come. */
export class SessionFollower implements AsyncDisposable {
  readonly #events: EventEnvelope[] = [];
  readonly #waiting = new Set<Waiting>();
  readonly #abort = new AbortController();
  readonly #stream: Promise<void>;

  constructor(client: SessionClient, id: SessionId, onEvent: (event: EventEnvelope) => void) {
    const take = (event: EventEnvelope): void => {
      this.#events.push(event);
      onEvent(event);
      for (const waiting of this.#waiting) this.#offer(waiting, event);
    };
    this.#stream = client.stream(id, 0, take, this.#abort.signal).then((refusal) => {
      if (refusal === undefined) return;
      for (const { type, reject } of this.#waiting) {
        reject(new Error(`waiting for ${type}: the stream was refused: ${refusal.message}`));
      }
    });
  }

  get events(): readonly EventEnvelope[] {
    return this.#events;
  }

  /** The first event of that type, past or to come. Rejects when the session ended otherwise, or after 20 s. */
  until(type: EventType, fits: (event: EventEnvelope) => boolean = () => true): Promise<EventEnvelope> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () =>
          waiting.reject(new Error(`no ${type} in ${PATIENCE_MS} ms; last: ${this.#events.at(-1)?.type}`)),
        PATIENCE_MS,
      );
      const settle = <Value>(act: (value: Value) => void): ((value: Value) => void) => {
        return (value) => {
          clearTimeout(timer);
          this.#waiting.delete(waiting);
          act(value);
        };
      };
      const waiting: Waiting = { type, fits, resolve: settle(resolve), reject: settle(reject) };
      this.#waiting.add(waiting);
      for (const event of this.#events) this.#offer(waiting, event);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#stream;
  }

  #offer(waiting: Waiting, event: EventEnvelope): void {
    if (!this.#waiting.has(waiting)) return;
    if (event.type === waiting.type && waiting.fits(event)) waiting.resolve(event);
    else if (HOPELESS.has(event.type) && waiting.type !== LAST) {
      waiting.reject(new Error(`waiting for ${waiting.type}: ${event.type} ${JSON.stringify(event.data)}`));
    }
  }
}
