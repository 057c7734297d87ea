import type { LeakSign, LegQuality, OneWay, SealedKey } from '@sordino/core';
import type {
  BridgeSide,
  HandshakeRefusal,
  MediaBridge,
  MediaBridgeHandlers,
  PlayOutcome,
} from '@sordino/interception';

/** More than a payment has; who reads none for so long loses the oldest. */
const EVENTS_KEPT = 1_000;

/** Something that a bridge told, numbered from 1. */
export interface ControlEvent {
  readonly n: number;
  readonly type: string;
  readonly [detail: string]: unknown;
}

/** A bridge that was opened by HTTP, and what it has told since. */
export class HeldBridge implements MediaBridgeHandlers {
  #bridge: MediaBridge | undefined;
  readonly #events: ControlEvent[] = [];
  #told = 0;

  get bridge(): MediaBridge | undefined {
    return this.#bridge;
  }

  hold(bridge: MediaBridge): void {
    this.#bridge = bridge;
  }

  eventsAfter(n: number): readonly ControlEvent[] {
    return this.#events.filter((event) => event.n > n);
  }

  mediaStarted(side: BridgeSide, at_ms: number): void {
    this.#tell('media_started', { side, at_ms });
  }
  cleanAudioFlowing(at_ms: number): void {
    this.#tell('clean_audio_flowing', { at_ms });
  }
  mediaStalled(side: BridgeSide, silent_ms: number): void {
    this.#tell('media_stalled', { side, silent_ms });
  }
  mediaResumed(side: BridgeSide, at_ms: number): void {
    this.#tell('media_resumed', { side, at_ms });
  }
  mediaQuality(side: BridgeSide, sample: LegQuality): void {
    this.#tell('media_quality', { side, sample });
  }
  oneWay(side: BridgeSide, one_way: OneWay | null): void {
    this.#tell('one_way', { side, one_way });
  }
  playEnded(side: BridgeSide, prompt: string, outcome: PlayOutcome): void {
    this.#tell('play_ended', { side, prompt, outcome });
  }
  /** Sealed: only who has the private key of `seal_to` can read which key it was. */
  keySealed({ encapsulated, ciphertext, ...key }: SealedKey): void {
    this.#tell('key_sealed', { ...key, encapsulated: text(encapsulated), ciphertext: text(ciphertext) });
  }
  transportUnexpected(transport: 'rfc4733' | 'inband'): void {
    this.#tell('transport_unexpected', { transport });
  }
  shortKey(): void {
    this.#tell('short_key', {});
  }
  leakSuspected(sign: LeakSign): void {
    this.#tell('leak_suspected', { sign });
  }
  handshakeRefused(side: BridgeSide, reason: HandshakeRefusal): void {
    this.#tell('handshake_refused', { side, reason });
  }
  workerLost(): void {
    this.#tell('worker_lost', {});
  }

  #tell(type: string, details: Readonly<Record<string, unknown>>): void {
    this.#told += 1;
    this.#events.push({ n: this.#told, type, ...details });
    if (this.#events.length > EVENTS_KEPT) this.#events.shift();
  }
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
