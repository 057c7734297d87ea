import type { SessionId } from '@sordino/core';
import { answerOf, type CallScene } from '../../scene/call-scene.ts';

/** How often the platform's part of the agent's desktop looks for a session that waits for its call. */
const LOOK_MS = 50;

/** What a CCaaS integration does: each session that waits gets its call. Stops with `stop`. */
export class CallBringer implements AsyncDisposable {
  readonly #scene: CallScene;
  readonly #brought = new Set<SessionId>();
  readonly #diversions: Promise<unknown>[] = [];
  readonly #running: Promise<void>;
  #stopped = false;

  constructor(scene: CallScene) {
    this.#scene = scene;
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const { data } = answerOf(await this.#scene.client.list({ status: 'awaiting_media' }));
      for (const session of data) {
        if (this.#brought.has(session.id)) continue;
        this.#brought.add(session.id);
        this.#diversions.push(this.#scene.divert(session));
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#running;
    await Promise.all(this.#diversions);
  }
}
