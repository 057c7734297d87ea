import type { Log, SessionId } from '@sordino/core';
import type { MediaBridgeHandlers } from '@sordino/interception';
import { BridgeClient } from './bridge-client.ts';
import type { BridgeHandshakes } from './bridge-handshakes.ts';
import type { SpareWorker } from './spare-worker.ts';
import type {
  BridgeNumber,
  RequestBody,
  WorkerEvent,
  WorkerSettings,
  WorkerStats,
} from './worker/protocol.ts';
import { bridgeOf, WorkerClient, type WorkerClientHandlers, WorkerGone } from './worker-client.ts';

/** A worker that dies this often in a minute dies of something that a new one will not cure. */
const RESPAWNS_PER_MINUTE_MAX = 5;
const MINUTE_MS = 60_000;

/** A thread that hangs stops the audio as surely as one that died, so it is treated as dead: design asks for talk in 3 s. */
const PING_MS = 500;
/** Pings, not time: after a pause of the whole machine no worker is to blame. */
const PINGS_MISSED_MAX = 4;

/** Closing a bridge takes some ms; a worker that cannot do it in this time is ended without. */
const CLOSE_WITHIN_MS = 2_000;

const NO_STATS: WorkerStats = {
  bridges: 0,
  loopLagMs: 0,
  gc: { pauses: 0, totalMs: 0, maxMs: 0 },
  badRequests: 0,
  ports: { pairs: 0, used: 0, resting: 0, refused: 0 },
  troubles: {
    malformed: 0,
    foreign: 0,
    suspectStreamPackets: 0,
    streamRestarts: 0,
    srtpUnauthentic: 0,
    srtpReplayed: 0,
    faults: 0,
    droppedTowardsCustomer: 0,
    leaksSuspected: 0,
  },
};

/**
 * A place for one worker and its share of the ports. A worker that dies takes its bridges with it (each is told once, audio
 * stops: closed, never passed through); a new worker takes the place for new bridges only.
 */
export class WorkerSlot {
  readonly index: number;
  readonly #file: URL;
  readonly #settings: WorkerSettings;
  readonly #log: Log;
  readonly #spare: SpareWorker | undefined;
  readonly #bridges = new Map<BridgeNumber, BridgeClient>();
  #client: WorkerClient;
  #isReady = false;
  #hasBeenReady = false;
  #pinger: NodeJS.Timeout | undefined;
  #pingsMissed = 0;
  #isClosing = false;
  #opening = 0;
  #restarts = 0;
  #respawnedAtMs: number[] = [];

  constructor(index: number, file: URL, settings: WorkerSettings, log: Log, spare?: SpareWorker) {
    this.index = index;
    this.#file = file;
    this.#settings = settings;
    this.#log = log;
    this.#spare = spare;
    this.#client = this.#spawn();
  }

  get isReady(): boolean {
    return this.#isReady && !this.#isClosing;
  }

  /** Bridges that it carries or is about to. */
  get load(): number {
    return this.#bridges.size + this.#opening;
  }

  ready(): Promise<void> {
    return this.#client.ready;
  }

  carries(session: SessionId): boolean {
    return [...this.#bridges.values()].some((bridge) => bridge.session === session);
  }

  /** Rejects with `WorkerRefusal` or `WorkerGone`. */
  async open(
    request: Extract<RequestBody, { type: 'open' }>,
    handlers: MediaBridgeHandlers,
    handshakes?: BridgeHandshakes,
  ): Promise<BridgeClient> {
    const client = this.#client;
    const { type, bridge, session, mask, firstKeySeq, ice } = request;
    // A copy of its own: sending a view would clone the whole buffer behind it, and Buffers share theirs.
    const sealTo = Uint8Array.from(request.sealTo);
    this.#opening += 1;
    try {
      const value = await client.request({ type, bridge, session, sealTo, mask, firstKeySeq, ice });
      if (value.type !== 'opened') throw new WorkerGone(`the relay worker answered ${value.type} to open`);
      if (client.isGone) throw new WorkerGone('the relay worker ended while the bridge was opened');
      const opened = {
        number: bridge,
        session,
        customer: value.customer,
        clean: value.clean,
        lookbackMs: value.lookbackMs,
        handshakes,
        prompts: this.#settings.prompts,
      };
      const ended = (): void => {
        this.#bridges.delete(bridge);
      };
      const made = new BridgeClient(opened, client, handlers, this.#log, ended);
      this.#bridges.set(bridge, made);
      return made;
    } finally {
      this.#opening -= 1;
    }
  }

  async stats(): Promise<WorkerStats & { readonly isAlive: boolean; readonly restarts: number }> {
    const place = { isAlive: this.#isReady, restarts: this.#restarts };
    try {
      const value = await this.#client.request({ type: 'stats' });
      return { ...(value.type === 'stats' ? value.stats : NO_STATS), ...place };
    } catch (error) {
      if (error instanceof WorkerGone) return { ...NO_STATS, ...place, isAlive: false };
      throw error;
    }
  }

  /** Kills the worker as a crash would. */
  lose(): Promise<void> {
    return this.#client.terminate();
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    const closed = Promise.all([...this.#bridges.values()].map((bridge) => bridge.close()));
    let timer: NodeJS.Timeout | undefined;
    const given = new Promise((resolve) => {
      timer = setTimeout(resolve, CLOSE_WITHIN_MS);
    });
    await Promise.race([closed, given]);
    clearTimeout(timer);
    clearInterval(this.#pinger);
    await this.#client.terminate();
  }

  #spawn(): WorkerClient {
    this.#pingsMissed = 0;
    return new WorkerClient(this.#file, this.#settings, this.#handlers());
  }

  #handlers(): WorkerClientHandlers {
    return { event: (event) => this.#event(event), exited: (reason) => this.#exited(reason) };
  }

  /** The spare is ready at once; without one there is a time in which calls wait. */
  #replace(): void {
    const spare = this.#spare?.take(this.#settings.ports, this.#handlers());
    this.#pingsMissed = 0;
    this.#client = spare ?? this.#spawn();
    this.#isReady = spare !== undefined;
  }

  /** Asks the worker for a sign of life; ends it when it has given none for too long. */
  #ping(): void {
    if (!this.#isReady) return;
    this.#pingsMissed += 1;
    if (this.#pingsMissed > PINGS_MISSED_MAX) {
      this.#log.error('a relay worker hangs and is ended', { worker: this.index });
      void this.lose();
      return;
    }
    const client = this.#client;
    const answered = (): void => {
      if (client === this.#client) this.#pingsMissed = 0;
    };
    // Whatever it answers, it lives; that it ended is told by `exited`.
    client.request({ type: 'stats' }).then(answered, () => {});
  }

  #event(event: WorkerEvent): void {
    if (event.type === 'ready') {
      this.#isReady = true;
      this.#hasBeenReady = true;
      this.#pinger ??= setInterval(() => this.#ping(), PING_MS);
    }
    const number = bridgeOf(event);
    if (number !== null) this.#bridges.get(number)?.deliver(event);
    else if (event.type === 'trouble')
      this.#log.error('trouble in a relay worker', { worker: this.index, trouble: event.message });
  }

  #exited(reason: string): void {
    this.#isReady = false;
    const lost = [...this.#bridges.values()];
    this.#bridges.clear();
    if (this.#isClosing) return;
    this.#log.error('a relay worker ended', { worker: this.index, reason, bridges: lost.length });
    // The new worker first: a handler may ask for a new bridge at once.
    if (this.#hasBeenReady && this.#mayRespawn()) {
      this.#restarts += 1;
      this.#replace();
    }
    for (const bridge of lost) bridge.workerLost();
  }

  #mayRespawn(): boolean {
    const now = Date.now();
    this.#respawnedAtMs = this.#respawnedAtMs.filter((at) => now - at < MINUTE_MS);
    this.#respawnedAtMs.push(now);
    if (this.#respawnedAtMs.length <= RESPAWNS_PER_MINUTE_MAX) return true;
    this.#log.error('a relay worker ends again and again and is not started any more', {
      worker: this.index,
    });
    return false;
  }
}
