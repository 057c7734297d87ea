import {
  type Log,
  nothingAttested,
  ok,
  type Result,
  refuse,
  SEALED_PLAINTEXT_BYTES,
  type SessionId,
} from '@sordino/core';
import type {
  BridgeFigures,
  BridgePorts,
  BridgeSide,
  MediaBridge,
  MediaBridgeHandlers,
  MediaDescription,
} from '@sordino/interception';
import { addressText } from './address-text.ts';
import type { BridgeHandshakes } from './bridge-handshakes.ts';
import { FLAT_TONE, type Prompts } from './prompts/load-prompts.ts';
import type { BridgeNumber, RequestBody, WorkerEvent } from './worker/protocol.ts';
import { type WorkerClient, WorkerGone } from './worker-client.ts';

export interface OpenedBridge {
  readonly number: BridgeNumber;
  readonly session: SessionId;
  readonly customer: BridgePorts;
  readonly clean: BridgePorts;
  readonly lookbackMs: number;
  /** With DTLS-SRTP. Closed with the bridge. */
  readonly handshakes: BridgeHandshakes | undefined;
  readonly prompts: Prompts;
}

/** A bridge as the main thread holds it: turns calls into requests and events into calls of the handlers. */
export class BridgeClient implements MediaBridge {
  readonly customer: BridgePorts;
  readonly clean: BridgePorts;
  readonly lookbackMs: number;
  readonly #opened: OpenedBridge;
  readonly #worker: WorkerClient;
  readonly #handlers: MediaBridgeHandlers;
  readonly #log: Log;
  readonly #ended: () => void;
  #figures: BridgeFigures;
  #closing: Promise<BridgeFigures> | undefined;
  #isOver = false;

  constructor(
    opened: OpenedBridge,
    worker: WorkerClient,
    handlers: MediaBridgeHandlers,
    log: Log,
    ended: () => void,
  ) {
    this.#opened = opened;
    this.#worker = worker;
    this.#handlers = handlers;
    this.#log = log;
    this.#ended = ended;
    this.customer = withDtls(opened, 'customer');
    this.clean = withDtls(opened, 'clean');
    this.lookbackMs = opened.lookbackMs;
    this.#figures = nothingYet(opened);
    const bridge = opened.number;
    opened.handshakes?.listen({
      send: (side, datagram) => this.#tell({ type: 'send_dtls', bridge, side, datagram }),
      connected: (side, keys) => this.#tell({ type: 'set_keys', bridge, side, keys }),
      refused: (side, reason) => {
        this.#log.warn('a DTLS handshake was refused', { session: this.session, side, reason });
        if (!this.#isOver) this.#handlers.handshakeRefused(side, reason);
      },
    });
  }

  get session(): SessionId {
    return this.#opened.session;
  }

  setPeer(side: BridgeSide, peer: MediaDescription): void {
    this.#tell({ type: 'set_peer', bridge: this.#opened.number, side, peer });
    if (peer.dtls !== undefined) this.#opened.handshakes?.setPeer(side, peer.dtls);
  }

  setCollecting(collecting: boolean): void {
    this.#tell({ type: 'set_collecting', bridge: this.#opened.number, collecting });
  }

  play(side: BridgeSide, prompt: string): Result<null, 'unknown_prompt'> {
    if (prompt !== FLAT_TONE && !this.#opened.prompts.has(prompt)) return refuse('unknown_prompt');
    this.#tell({ type: 'play', bridge: this.#opened.number, side, prompt });
    return ok(null);
  }

  stopPlaying(side: BridgeSide): void {
    this.#tell({ type: 'stop_playing', bridge: this.#opened.number, side });
  }

  maskOff(): void {
    this.#tell({ type: 'mask_off', bridge: this.#opened.number });
  }

  sealInfoKey(keyEventCode: Uint8Array, atMs: number): void {
    // Into a buffer of our own that moves to the worker: the caller's may be a view of something larger.
    const plaintext = new ArrayBuffer(SEALED_PLAINTEXT_BYTES);
    new Uint8Array(plaintext).set(keyEventCode.subarray(0, 1));
    keyEventCode.fill(0);
    this.#tell({ type: 'seal_info_key', bridge: this.#opened.number, plaintext, atMs }, [plaintext]);
  }

  async figures(): Promise<BridgeFigures> {
    if (this.#isOver || this.#closing !== undefined) return this.#closing ?? this.#figures;
    return this.#ask('figures');
  }

  close(): Promise<BridgeFigures> {
    this.#closing ??= this.#ask('close').finally(() => this.#finish());
    return this.#closing;
  }

  /** An event of the worker about this bridge. A handler that throws is a bug of its owner, not of the media path. */
  deliver(event: WorkerEvent): void {
    if (this.#isOver) return;
    try {
      this.#dispatch(event);
    } catch (error) {
      this.#log.error('a media handler threw', {
        session: this.session,
        event: event.type,
        ...nameOf(error),
      });
    }
  }

  /** The worker is gone, and with it the sockets. */
  workerLost(): void {
    if (this.#isOver) return;
    this.#finish();
    try {
      this.#handlers.workerLost();
    } catch (error) {
      this.#log.error('a media handler threw', {
        session: this.session,
        event: 'worker_lost',
        ...nameOf(error),
      });
    }
  }

  #dispatch(event: WorkerEvent): void {
    const handlers = this.#handlers;
    switch (event.type) {
      case 'media_started':
        handlers.mediaStarted(event.side, event.atMs);
        break;
      case 'media_resumed':
        handlers.mediaResumed(event.side, event.atMs);
        break;
      case 'media_stalled':
        handlers.mediaStalled(event.side, event.silentMs);
        break;
      case 'media_quality':
        handlers.mediaQuality(event.side, event.sample);
        break;
      case 'one_way':
        handlers.oneWay(event.side, event.oneWay);
        break;
      case 'dtls_arrived':
        this.#opened.handshakes?.arrived(event.side, event.datagram);
        break;
      case 'play_ended':
        handlers.playEnded(event.side, event.prompt, event.outcome);
        break;
      case 'clean_audio_flowing':
        handlers.cleanAudioFlowing(event.atMs);
        break;
      case 'key_sealed':
        handlers.keySealed(event.key);
        break;
      case 'transport_unexpected':
        handlers.transportUnexpected(event.transport);
        break;
      case 'short_key':
        handlers.shortKey();
        break;
      case 'leak_suspected':
        handlers.leakSuspected(event.sign);
        break;
      case 'trouble':
        this.#log.error('trouble in a media bridge', { session: this.session, trouble: event.message });
        break;
      case 'ready':
        break;
    }
  }

  /** The figures of the worker; the last known ones when it went away meanwhile. */
  async #ask(type: 'figures' | 'close'): Promise<BridgeFigures> {
    try {
      const value = await this.#worker.request({ type, bridge: this.#opened.number });
      if (value.type === 'figures') this.#figures = value.figures;
    } catch (error) {
      if (!(error instanceof WorkerGone)) throw error;
    }
    return this.#figures;
  }

  #tell(body: RequestBody, transfer: readonly ArrayBuffer[] = []): void {
    if (this.#isOver || this.#closing !== undefined) {
      for (const buffer of transfer) new Uint8Array(buffer).fill(0);
      return;
    }
    this.#worker.request(body, transfer).catch((error: unknown) => {
      // A lost worker is reported once, by `workerLost`.
      if (error instanceof WorkerGone) return;
      this.#log.warn('the relay refused a request', {
        session: this.session,
        request: body.type,
        reason: error instanceof Error ? error.message : 'unknown',
      });
    });
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#opened.handshakes?.close();
    this.#ended();
  }
}

function withDtls(opened: OpenedBridge, side: BridgeSide): BridgePorts {
  const { handshakes } = opened;
  return handshakes === undefined ? opened[side] : { ...opened[side], dtls: handshakes.localOf(side) };
}

function nothingYet(opened: OpenedBridge): BridgeFigures {
  const side = (ports: BridgePorts): BridgeFigures['customer'] => ({
    codec: 'none',
    local: addressText(ports.rtp),
    remote: null,
    packets_in: 0,
    packets_out: 0,
    lost_in: 0,
    jitter_ms: 0,
    foreign_in: 0,
    last_in_ms_ago: null,
    rtt_ms: null,
    lost_out: null,
    jitter_out_ms: null,
    one_way: null,
    quality: [],
  });
  return {
    customer: side(opened.customer),
    clean: side(opened.clean),
    keysSealed: 0,
    lastKeyAtMs: null,
    maskedMs: 0,
    eventPacketsRemoved: 0,
    lookbackMs: opened.lookbackMs,
    attestation: nothingAttested(opened.lookbackMs),
  };
}

function nameOf(error: unknown): { error: string } {
  return { error: error instanceof Error ? error.name : 'unknown' };
}
