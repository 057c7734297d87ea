import { Worker } from 'node:worker_threads';
import type {
  BridgeNumber,
  ErrorCode,
  FromWorker,
  RequestBody,
  ResponseValue,
  WorkerEvent,
  WorkerSettings,
} from './worker/protocol.ts';

/** A request that the worker refused. `code` is the protocol's. */
export class WorkerRefusal extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.name = 'WorkerRefusal';
    this.code = code;
  }
}

/** The worker ended before it answered, or was already gone. */
export class WorkerGone extends Error {
  readonly code = 'worker_gone';

  constructor(message: string) {
    super(message);
    this.name = 'WorkerGone';
  }
}

export interface WorkerClientHandlers {
  event(event: WorkerEvent): void;
  /** Once, whatever the reason. All pending requests have been rejected. */
  exited(reason: string): void;
}

interface Pending {
  readonly resolve: (value: ResponseValue) => void;
  readonly reject: (error: Error) => void;
}

/** A worker that has not said `ready` by then will not: it loads a few small modules. */
const READY_WITHIN_MS = 10_000;

/** One worker thread seen from the main thread: owns the request ids and everything that waits for an answer. */
export class WorkerClient {
  readonly #worker: Worker;
  #handlers: WorkerClientHandlers;
  readonly #pending = new Map<number, Pending>();
  /** Resolves when the worker takes requests, rejects when it ended before. */
  readonly ready: Promise<void>;
  #settleReady: (problem?: Error) => void = () => {};
  #nextId = 0;
  #failure: string | undefined;
  #isGone = false;

  constructor(file: URL, settings: WorkerSettings, handlers: WorkerClientHandlers) {
    this.#handlers = handlers;
    this.ready = new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new WorkerGone(`the relay worker was not ready within ${READY_WITHIN_MS} ms`)),
        READY_WITHIN_MS,
      );
      this.#settleReady = (problem) => {
        clearTimeout(timer);
        if (problem === undefined) resolve();
        else reject(problem);
      };
    });
    // Nobody may be waiting when a respawned worker fails; that is reported by `exited`.
    this.ready.catch(() => {});
    // No flags of ours and none of our environment: a worker has no use for loaders, conditions or secrets.
    this.#worker = new Worker(file, { workerData: settings, execArgv: [], env: {}, name: 'sordino-relay' });
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
    this.#worker.on('error', (error) => {
      this.#failure = String(error);
    });
    this.#worker.on('exit', (status) => this.#ended(status));
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Rejects with `WorkerRefusal` or `WorkerGone`. */
  request(body: RequestBody, transfer: readonly ArrayBuffer[] = []): Promise<ResponseValue> {
    if (this.#isGone) return Promise.reject(new WorkerGone('the relay worker has ended'));
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...body }, transfer);
    });
  }

  /** Events and the end go to others from now on. */
  handOver(handlers: WorkerClientHandlers): void {
    this.#handlers = handlers;
  }

  /** Ends the thread at once: its sockets close with it. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #receive(message: FromWorker): void {
    if (message.type === 'ready') this.#settleReady();
    if (message.type !== 'ok' && message.type !== 'error') {
      this.#handlers.event(message);
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.type === 'ok') pending?.resolve(message.value);
    else pending?.reject(new WorkerRefusal(message.code, message.message));
  }

  #ended(status: number): void {
    this.#isGone = true;
    const reason = this.#failure ?? `exit ${status}`;
    const error = new WorkerGone(`the relay worker ended: ${reason}`);
    this.#settleReady(error);
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    this.#handlers.exited(reason);
  }
}

/** The bridge that an event is about; null for the worker's own. */
export function bridgeOf(event: WorkerEvent): BridgeNumber | null {
  return event.type === 'ready' ? null : event.bridge;
}
