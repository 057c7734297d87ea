import { type Log, type Result, refuse, type SessionId } from '@sordino/core';
import type {
  BridgeRefusal,
  MediaBridge,
  MediaBridgeHandlers,
  MediaRelay,
  OpenBridge,
} from '@sordino/interception';
import type { BridgeClient } from './bridge-client.ts';
import { BridgeHandshakes } from './bridge-handshakes.ts';
import { HandshakeThread } from './handshakes/handshake-thread.ts';
import { addonFor } from './native-build.ts';
import {
  BRIDGES_PER_WORKER_MAX,
  type CheckedOptions,
  checkOptions,
  type MediaRelayOptions,
} from './options.ts';
import { SpareWorker } from './spare-worker.ts';
import { SEAL_PUBLIC_KEY_BYTES } from './worker/key-sealer.ts';
import { splitRange } from './worker/port-pair.ts';
import type { WorkerSettings, WorkerStats } from './worker/protocol.ts';
import { WorkerRefusal } from './worker-client.ts';
import { handshakesFile, workerFile } from './worker-file.ts';
import { WorkerSlot } from './worker-slot.ts';

export interface RelayStats {
  readonly workers: readonly (WorkerStats & { readonly isAlive: boolean; readonly restarts: number })[];
  readonly isDraining: boolean;
  /** The next worker that is lost is replaced at once. */
  readonly hasSpare: boolean;
}

/** The relay of one process: worker threads that share nothing, and the bridges in them. */
export interface ThreadedMediaRelay extends MediaRelay, AsyncDisposable {
  /** No new bridges (`draining`); those that are open go on. */
  drain(): void;
  stats(): Promise<RelayStats>;
  /** Rehearses the loss of the worker that carries a session (design section 7). False: no bridge of that session. */
  loseWorkerOf(session: SessionId): Promise<boolean>;
  /** Closes every bridge in order (BYE, wiped, ports free), then ends the threads. No `workerLost` is called. */
  close(): Promise<void>;
}

/** Starts the workers and resolves when all of them take calls. Rejects when an option is wrong or a worker cannot start. */
export async function openMediaRelay(options: MediaRelayOptions): Promise<ThreadedMediaRelay> {
  const checked = checkOptions(options);
  const relay = new WorkerThreadRelay(checked, workerFile(), await addonFor(checked.packetIo, checked.log));
  await relay.start();
  return relay;
}

class WorkerThreadRelay implements ThreadedMediaRelay {
  readonly #log: Log;
  readonly #slots: readonly WorkerSlot[];
  readonly #handshakes: HandshakeThread;
  readonly #spare: SpareWorker | undefined;
  #nextBridge = 0;
  #isDraining = false;

  constructor(options: CheckedOptions, file: URL, addon: string | null) {
    this.#log = options.log;
    this.#handshakes = new HandshakeThread(handshakesFile(), options.log);
    if (options.dtls) this.#handshakes.start();
    const { host, advertisedHost, lookbackMs, rtcpIntervalMs, prompts, rehearsals } = options;
    const settings: WorkerSettings = {
      host,
      advertisedHost,
      ports: null,
      lookbackMs,
      rtcpIntervalMs,
      prompts,
      rehearsals,
      bridgesMax: BRIDGES_PER_WORKER_MAX,
      addon,
    };
    this.#spare = options.spareWorker ? new SpareWorker(file, settings, options.log) : undefined;
    this.#slots = splitRange(options.ports, options.workers).map(
      (ports, index) => new WorkerSlot(index, file, { ...settings, ports }, options.log, this.#spare),
    );
    this.#spare?.start();
  }

  async start(): Promise<void> {
    try {
      await Promise.all([...this.#slots.map((slot) => slot.ready()), this.#spare?.ready()]);
    } catch (error) {
      await this.close();
      throw new Error('the media relay could not start its workers', { cause: error });
    }
  }

  async open(
    request: OpenBridge,
    handlers: MediaBridgeHandlers,
  ): Promise<Result<MediaBridge, BridgeRefusal>> {
    if (request.sealTo.length !== SEAL_PUBLIC_KEY_BYTES)
      throw new RangeError(`sealTo has ${request.sealTo.length} bytes; an X25519 public key has 32`);
    if (this.#isDraining) return refuse('draining');
    // After the loss of the only worker: the one in its place needs some ms to start.
    if (this.#byLoad().length === 0)
      await Promise.any(this.#slots.map((slot) => slot.ready())).catch(() => {});
    let handshakes: BridgeHandshakes | undefined;
    if (request.dtls === true) {
      try {
        handshakes = await BridgeHandshakes.open(this.#handshakes);
      } catch (error) {
        this.#log.error('DTLS-SRTP is not to be had', { session: request.session, reason: String(error) });
        return refuse('worker_failed');
      }
    }
    let refusal: BridgeRefusal = 'worker_failed';
    // A worker that is full does not speak for the others.
    for (const slot of this.#byLoad()) {
      try {
        return { ok: true, value: await this.#openIn(slot, request, handlers, handshakes) };
      } catch (error) {
        refusal = refusalOf(error);
        const reason = error instanceof Error ? error.message : 'unknown';
        this.#log.warn('a worker refused a bridge', { worker: slot.index, session: request.session, reason });
      }
    }
    handshakes?.close();
    return refuse(refusal);
  }

  drain(): void {
    this.#isDraining = true;
  }

  async stats(): Promise<RelayStats> {
    return {
      workers: await Promise.all(this.#slots.map((slot) => slot.stats())),
      isDraining: this.#isDraining,
      hasSpare: this.#spare?.isReady ?? false,
    };
  }

  async loseWorkerOf(session: SessionId): Promise<boolean> {
    const slot = this.#slots.find((candidate) => candidate.carries(session));
    await slot?.lose();
    return slot !== undefined;
  }

  async close(): Promise<void> {
    this.#isDraining = true;
    await this.#spare?.close();
    await Promise.all(this.#slots.map((slot) => slot.close()));
    await this.#handshakes.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #openIn(
    slot: WorkerSlot,
    request: OpenBridge,
    handlers: MediaBridgeHandlers,
    handshakes: BridgeHandshakes | undefined,
  ): Promise<BridgeClient> {
    const bridge = this.#nextBridge;
    this.#nextBridge += 1;
    const ice = handshakes && {
      customer: handshakes.localOf('customer').ice,
      clean: handshakes.localOf('clean').ice,
    };
    return slot.open({ ...request, type: 'open', bridge, ice }, handlers, handshakes);
  }

  #byLoad(): WorkerSlot[] {
    return this.#slots.filter((slot) => slot.isReady).sort((one, other) => one.load - other.load);
  }
}

function refusalOf(error: unknown): BridgeRefusal {
  if (error instanceof WorkerRefusal && (error.code === 'no_ports' || error.code === 'overloaded'))
    return error.code;
  return 'worker_failed';
}
