import { Worker } from 'node:worker_threads';
import type { Log } from '@sordino/core';
import type { Fingerprint, HandshakeRefusal, LocalDtls, SrtpPair } from '@sordino/interception';
import { textOf } from './fingerprint.ts';
import type { FromHandshakes, LegNumber, ToHandshakes } from './protocol.ts';

export interface LegHandlers {
  /** To the peer's address. */
  send(datagram: Uint8Array): void;
  connected(keys: SrtpPair): void;
  refused(reason: HandshakeRefusal): void;
}

/** The DTLS of one leg as the main thread holds it. */
export interface HandshakeLeg {
  /** For our SDP. */
  readonly local: LocalDtls;
  /** Who may connect. Others than before: another association (RFC 8842 §3.1); the same again: nothing. */
  setPeer(fingerprints: readonly Fingerprint[]): void;
  arrived(datagram: Uint8Array): void;
  close(): void;
}

interface Known {
  readonly handlers: LegHandlers;
  readonly opened: (local: LocalDtls) => void;
  readonly lost: (error: Error) => void;
  association: number;
}

/** werift alone takes half a second to load; on a busy machine some more. */
const OPEN_WITHIN_MS = 10_000;

/**
 * The thread that shakes hands for all legs of a relay, started with the first that needs it. If it ends, calls that are
 * connected go on with their keys; legs that are not stay silent, and the next call gets a new thread.
 */
export class HandshakeThread {
  readonly #file: URL;
  readonly #log: Log;
  #worker: Worker | undefined;
  #isClosing = false;
  #legs = new Map<LegNumber, Known>();
  #nextLeg = 0;

  constructor(file: URL, log: Log) {
    this.#file = file;
    this.#log = log;
  }

  /** Rejects when the thread ended meanwhile or does not answer. */
  async open(handlers: LegHandlers): Promise<HandshakeLeg> {
    this.#worker ??= this.#spawn();
    const worker = this.#worker;
    const leg = this.#nextLeg;
    this.#nextLeg += 1;
    const tell = (message: ToHandshakes): void => worker.postMessage(message);
    let timer: NodeJS.Timeout | undefined;
    let awaited: string | undefined;
    try {
      const local = await new Promise<LocalDtls>((opened, lost) => {
        timer = setTimeout(() => lost(new Error(`no answer in ${OPEN_WITHIN_MS} ms`)), OPEN_WITHIN_MS);
        this.#legs.set(leg, { handlers, opened, lost, association: 0 });
        tell({ type: 'open', leg });
      });
      return {
        local,
        setPeer: (fingerprints) => {
          const known = this.#legs.get(leg);
          if (known === undefined || awaited === textOf(fingerprints)) return;
          awaited = textOf(fingerprints);
          known.association += 1;
          tell({ type: 'set_peer', leg, association: known.association, fingerprints });
        },
        arrived: (datagram) => tell({ type: 'arrived', leg, datagram }),
        close: () => {
          this.#legs.delete(leg);
          tell({ type: 'close', leg });
        },
      };
    } catch (error) {
      this.#legs.delete(leg);
      tell({ type: 'close', leg });
      throw new Error('the handshake thread did not open a leg', { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Now rather than with the first call. */
  start(): void {
    this.#worker ??= this.#spawn();
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#worker?.terminate();
  }

  #spawn(): Worker {
    const worker = new Worker(this.#file, { execArgv: [], env: {}, name: 'sordino-handshakes' });
    let failure: string | undefined;
    worker.on('message', (message: FromHandshakes) => this.#receive(message));
    worker.on('error', (error) => {
      failure = String(error);
    });
    worker.on('exit', (status) => {
      const reason = failure ?? `exit ${status}`;
      for (const { lost } of this.#legs.values()) lost(new Error(`the handshake thread ended: ${reason}`));
      this.#legs = new Map();
      this.#worker = undefined;
      if (!this.#isClosing) this.#log.error('the handshake thread ended', { reason });
    });
    return worker;
  }

  #receive(message: FromHandshakes): void {
    if (message.type === 'ready') return;
    if (message.type === 'trouble') {
      this.#log.error('trouble in the handshake thread', { trouble: message.message });
      return;
    }
    const known = this.#legs.get(message.leg);
    if (known === undefined) return;
    if (message.type === 'opened') known.opened(message.local);
    else if (message.association !== known.association) return;
    else if (message.type === 'send') known.handlers.send(message.datagram);
    else if (message.type === 'connected') known.handlers.connected(message.keys);
    else known.handlers.refused(message.reason);
  }
}
