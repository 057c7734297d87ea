import type { EventEnvelope, SessionClient, SessionId } from '@sordino/core';

/** Follows the events of one session. Unlike a test's follower it knows no event that should not come: whatever comes is judged later. */
export class SessionWatch implements AsyncDisposable {
  readonly events: EventEnvelope[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #abort = new AbortController();
  readonly #stream: Promise<unknown>;
  readonly #giveUp: AbortSignal | undefined;

  /** After `giveUp` nothing is waited for any more. */
  constructor(client: SessionClient, session: SessionId, giveUp?: AbortSignal) {
    this.#giveUp = giveUp;
    this.#stream = client.stream(session, 0, (event) => this.#take(event), this.#abort.signal);
  }

  /** The first event that fits, past or to come; undefined when none came in time. */
  until(fits: (event: EventEnvelope) => boolean, patienceMs: number): Promise<EventEnvelope | undefined> {
    return new Promise((resolve) => {
      const settle = (event: EventEnvelope | undefined): void => {
        clearTimeout(timer);
        this.#giveUp?.removeEventListener('abort', stop);
        this.#listeners.delete(look);
        resolve(event);
      };
      const stop = (): void => settle(undefined);
      const timer = setTimeout(stop, patienceMs);
      this.#giveUp?.addEventListener('abort', stop);
      const look = (): void => {
        const found = this.events.find(fits);
        if (found !== undefined) settle(found);
      };
      this.#listeners.add(look);
      look();
      if (this.#giveUp?.aborted) stop();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#stream;
  }

  #take(event: EventEnvelope): void {
    this.events.push(event);
    for (const look of [...this.#listeners]) look();
  }
}
