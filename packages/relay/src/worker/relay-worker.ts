import type { Clock } from '@sordino/core';
import type { CreateStripper, OpusLibrary } from '@sordino/media';
import { Bridge } from './bridge.ts';
import type { PacketIo } from './io/packet-io.ts';
import { TickLoop } from './loop.ts';
import { idOf, parseRequest } from './parse-request.ts';
import { PortPairs, type PortRange } from './port-pair.ts';
import type {
  BridgeNumber,
  ErrorCode,
  FromWorker,
  Request,
  Response,
  ResponseValue,
  Troubles,
  WorkerSettings,
  WorkerStats,
} from './protocol.ts';

/** Design of the media path: above this mean lag new calls are refused; inspection is never skipped to catch up. */
const OVERLOAD_LAG_MS = 40;

/** A spare's. */
const NO_PORTS: WorkerStats['ports'] = { pairs: 0, used: 0, resting: 0, refused: 0 };

const NO_TROUBLES: Troubles = {
  malformed: 0,
  foreign: 0,
  suspectStreamPackets: 0,
  streamRestarts: 0,
  srtpUnauthentic: 0,
  srtpReplayed: 0,
  faults: 0,
  droppedTowardsCustomer: 0,
  leaksSuspected: 0,
};

export interface RelayWorkerParts {
  readonly io: PacketIo;
  readonly createStripper: CreateStripper;
  readonly opus: OpusLibrary;
  readonly clock: Clock;
  readonly random: () => number;
  readonly gc: () => WorkerStats['gc'];
  readonly send: (message: FromWorker, transfer: readonly ArrayBuffer[]) => void;
}

/** All bridges of one thread: takes requests, owns the sockets, the loop and the sums. */
export class RelayWorker {
  readonly #settings: WorkerSettings;
  readonly #parts: RelayWorkerParts;
  /** Undefined: a spare. */
  #ports: PortPairs | undefined;
  readonly #bridges = new Map<BridgeNumber, Bridge>();
  readonly #loop: TickLoop;
  #opening = 0;
  #badRequests = 0;
  #closedTroubles: Troubles = NO_TROUBLES;

  constructor(settings: WorkerSettings, parts: RelayWorkerParts) {
    this.#settings = settings;
    this.#parts = parts;
    if (settings.ports !== null) this.#takePlace(settings.ports);
    this.#loop = new TickLoop(() => parts.clock.monotonicMs());
    parts.io.onBatchEnd(() => this.#loop.runIfDue());
  }

  start(): void {
    this.#send({ type: 'ready' });
  }

  /** Closes every bridge. The worker can be left to end after it. */
  async stop(): Promise<void> {
    this.#loop.stop();
    await Promise.all([...this.#bridges.values()].map((bridge) => bridge.close()));
    this.#parts.io.stop();
  }

  /** Any message of the main thread. Never throws, always answers what can be answered. */
  async handle(message: unknown): Promise<void> {
    const request = parseRequest(message);
    if (request === undefined) {
      this.#badRequests += 1;
      const id = idOf(message);
      if (id !== undefined)
        this.#send(failure(id, 'bad_request', 'the message is not a request of the relay protocol'));
      return;
    }
    try {
      this.#send(await this.#answer(request));
    } catch (error) {
      this.#send(
        failure(request.id, 'failed', error instanceof Error ? `${error.name}: ${error.message}` : 'unknown'),
      );
    }
  }

  async #answer(request: Request): Promise<Response> {
    const { id } = request;
    if (request.type === 'stats') return success(id, { type: 'stats', stats: this.#stats() });
    if (request.type === 'take_place') {
      this.#takePlace(request.ports);
      return success(id, { type: 'done' });
    }
    if (request.type === 'open') return this.#open(request);
    const bridge = this.#bridges.get(request.bridge);
    if (bridge === undefined) {
      if (request.type === 'seal_info_key') new Uint8Array(request.plaintext).fill(0);
      return failure(id, 'no_bridge', `bridge ${request.bridge} is not open`);
    }
    if (request.type !== 'figures') this.#loop.wake(bridge.wake());
    switch (request.type) {
      case 'set_peer': {
        const problem = bridge.setPeer(request.side, request.peer);
        return problem === undefined ? success(id, { type: 'done' }) : failure(id, 'bad_peer', problem);
      }
      case 'set_keys':
        bridge.setKeys(request.side, request.keys);
        return success(id, { type: 'done' });
      case 'send_dtls':
        bridge.sendHandshake(request.side, request.datagram);
        return success(id, { type: 'done' });
      case 'set_collecting':
        bridge.setCollecting(request.collecting);
        return success(id, { type: 'done' });
      case 'play':
        return bridge.play(request.side, request.prompt)
          ? success(id, { type: 'done' })
          : failure(id, 'no_prompt', `there is no prompt ${JSON.stringify(request.prompt)}`);
      case 'stop_playing':
        bridge.stopPlaying(request.side);
        return success(id, { type: 'done' });
      case 'seal_info_key':
        bridge.sealInfoKey(request.plaintext, request.atMs);
        return success(id, { type: 'done' });
      case 'mask_off':
        if (!this.#settings.rehearsals)
          return failure(id, 'bad_request', 'this relay was not opened for rehearsals');
        bridge.maskOff();
        return success(id, { type: 'done' });
      case 'figures':
        return success(id, { type: 'figures', figures: bridge.figures() });
      case 'close': {
        this.#loop.remove(bridge);
        const figures = await bridge.close();
        if (this.#bridges.delete(request.bridge))
          this.#closedTroubles = sum(this.#closedTroubles, bridge.troubles());
        return success(id, { type: 'figures', figures });
      }
    }
  }

  async #open(request: Extract<Request, { type: 'open' }>): Promise<Response> {
    const { id } = request;
    const { host, advertisedHost, lookbackMs, rtcpIntervalMs, prompts, bridgesMax } = this.#settings;
    if (this.#bridges.size + this.#opening >= bridgesMax)
      return failure(id, 'overloaded', `${bridgesMax} bridges are open, which is the limit of a worker`);
    if (this.#loop.lagMs > OVERLOAD_LAG_MS)
      return failure(id, 'overloaded', `the loop is ${Math.round(this.#loop.lagMs)} ms late`);
    const ports = this.#ports;
    if (ports === undefined) return failure(id, 'no_ports', 'a spare has no ports');
    this.#opening += 1;
    try {
      const { createStripper, opus, clock, random } = this.#parts;
      // Written out, and not spread from the parts: objects with a spread in them have a shape each, see `PacketInHand`.
      const bridge = await Bridge.open(request, {
        createStripper,
        opus,
        clock,
        random,
        host,
        advertisedHost,
        lookbackMs,
        rtcpIntervalMs,
        prompts,
        ports,
        emit: (event) => this.#send(event),
        wake: (dueMs) => this.#loop.wake(dueMs),
      });
      if (bridge === undefined) return failure(id, 'no_ports', 'no two free port pairs are left');
      this.#bridges.set(request.bridge, bridge);
      this.#loop.add(bridge);
      const { customerPorts: customer, cleanPorts: clean } = bridge;
      return success(id, { type: 'opened', customer, clean, lookbackMs });
    } finally {
      this.#opening -= 1;
    }
  }

  #takePlace(ports: PortRange): void {
    const { io, clock } = this.#parts;
    this.#ports = new PortPairs(io, this.#settings.host, ports, () => clock.monotonicMs());
  }

  #stats(): WorkerStats {
    return {
      bridges: this.#bridges.size,
      loopLagMs: Math.round(this.#loop.lagMs * 10) / 10,
      gc: this.#parts.gc(),
      badRequests: this.#badRequests,
      ports: this.#ports?.figures() ?? NO_PORTS,
      troubles: [...this.#bridges.values()].reduce(
        (total, bridge) => sum(total, bridge.troubles()),
        this.#closedTroubles,
      ),
    };
  }

  /** Packets that were made before leave before: an answer means that it has happened. */
  #send(message: FromWorker): void {
    this.#parts.io.flush();
    const transfer =
      message.type === 'key_sealed'
        ? [bufferOf(message.key.encapsulated), bufferOf(message.key.ciphertext)]
        : [];
    this.#parts.send(message, transfer);
  }
}

function success(id: number, value: ResponseValue): Response {
  return { type: 'ok', id, value };
}

function failure(id: number, code: ErrorCode, message: string): Response {
  return { type: 'error', id, code, message };
}

function sum(one: Troubles, other: Troubles): Troubles {
  return {
    malformed: one.malformed + other.malformed,
    foreign: one.foreign + other.foreign,
    suspectStreamPackets: one.suspectStreamPackets + other.suspectStreamPackets,
    streamRestarts: one.streamRestarts + other.streamRestarts,
    srtpUnauthentic: one.srtpUnauthentic + other.srtpUnauthentic,
    srtpReplayed: one.srtpReplayed + other.srtpReplayed,
    faults: one.faults + other.faults,
    droppedTowardsCustomer: one.droppedTowardsCustomer + other.droppedTowardsCustomer,
    leaksSuspected: one.leaksSuspected + other.leaksSuspected,
  };
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer as ArrayBuffer;
}
