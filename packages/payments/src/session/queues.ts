import type { SessionId } from '@sordino/core';
import { SerialQueue } from './serial-queue.ts';

/** One queue per session, made when needed and forgotten when idle. All verbs, keys, timers and call events of a session take turns here. */
export class SessionQueues {
  readonly #queues = new Map<SessionId, SerialQueue>();

  run<Value>(id: SessionId, work: () => Promise<Value> | Value): Promise<Value> {
    const queue = this.#queues.get(id) ?? new SerialQueue();
    this.#queues.set(id, queue);
    return queue.run(work).finally(() => {
      if (queue.waiting === 0) this.#queues.delete(id);
    });
  }

  /** Waits until no session has work left, that given meanwhile included. */
  async idle(): Promise<void> {
    while (this.#queues.size > 0) {
      await Promise.all([...this.#queues.values()].map((queue) => queue.idle()));
      // The entry is deleted one microtask after the work ends.
      await Promise.resolve();
    }
  }
}
