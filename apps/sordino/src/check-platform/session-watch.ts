import type { EventEnvelope, SessionClient, SessionId } from '@sordino/core';

/** Follows the events of one session. Unlike a test's follower it knows no event that should not come: whatever comes is judged later. */
export class SessionWatch implements AsyncDisposable {
  readonly events: EventEnvelope[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #abort = new AbortController();
  readonly #stream: Promise<unknown>;

  constructor(client: SessionClient, session: SessionId) {
    this.#stream = client.stream(session, 0, (event) => this.#take(event), this.#abort.signal);
  }

  /** The first event that fits, past or to come; undefined when none came in time. */
  until(fits: (event: EventEnvelope) => boolean, patienceMs: number): Promise<EventEnvelope | undefined> {
    return new Promise((resolve) => {
      const settle = (event: EventEnvelope | undefined): void => {
        clearTimeout(timer);
        this.#listeners.delete(look);
        resolve(event);
      };
      const timer = setTimeout(() => settle(undefined), patienceMs);
      const look = (): void => {
        const found = this.events.find(fits);
        if (found !== undefined) settle(found);
      };
      this.#listeners.add(look);
      look();
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
