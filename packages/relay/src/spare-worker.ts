import type { Log } from '@sordino/core';
import type { WorkerSettings } from './worker/protocol.ts';
import { WorkerClient, type WorkerClientHandlers } from './worker-client.ts';

/**
 * One worker that is started and warm and carries nothing, for the place of one that is lost: its calls are moved at once,
 * not after the time that a thread takes to load. A spare that ends by itself is not replaced: a place then starts its own.
 */
export class SpareWorker {
  readonly #file: URL;
  readonly #settings: WorkerSettings;
  readonly #log: Log;
  #client: WorkerClient | undefined;
  #isReady = false;
  #isClosed = false;

  constructor(file: URL, settings: WorkerSettings, log: Log) {
    this.#file = file;
    this.#settings = { ...settings, ports: null };
    this.#log = log;
  }

  get isReady(): boolean {
    return this.#isReady && this.#client !== undefined;
  }

  start(): void {
    if (this.#isClosed) return;
    this.#isReady = false;
    this.#client = new WorkerClient(this.#file, this.#settings, {
      event: (event) => {
        if (event.type === 'ready') this.#isReady = true;
      },
      exited: (reason) => {
        this.#client = undefined;
        if (!this.#isClosed) this.#log.error('the spare relay worker ended', { reason });
      },
    });
  }

  /** Resolves when it could be taken. */
  async ready(): Promise<void> {
    await this.#client?.ready;
  }

  /** The spare, which has those ports from now on; undefined: there is none yet. Another one is started. */
  take(ports: WorkerSettings['ports'], handlers: WorkerClientHandlers): WorkerClient | undefined {
    const client = this.#client;
    if (client === undefined || !this.isReady || ports === null) return undefined;
    client.handOver(handlers);
    // Requests are handled in order: the ports are there before a bridge asks for some.
    client.request({ type: 'take_place', ports }).catch(() => {});
    this.#client = undefined;
    this.start();
    return client;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#client?.terminate();
  }
}
