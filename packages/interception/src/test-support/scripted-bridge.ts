import { type Clock, type LegMedia, nothingAttested, ok, type Result, refuse } from '@sordino/core';
import type { BridgeFigures, BridgeSide, MediaBridge } from '../ports/media-relay.ts';
import type { MediaDescription } from '../ports/sdp-negotiator.ts';

const side = (port: number): LegMedia => ({
  codec: 'PCMU',
  local: `127.0.0.1:${port}`,
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

const ports = (port: number) => ({
  rtp: { host: '127.0.0.1', port },
  rtcp: { host: '127.0.0.1', port: port + 1 },
});

/** A bridge whose customer talks, keys and falls silent when a test says so. */
export class ScriptedBridge implements MediaBridge {
  readonly customer = ports(20_000);
  readonly clean = ports(20_002);
  readonly lookbackMs = 30;
  readonly peers: { readonly side: BridgeSide; readonly peer: MediaDescription }[] = [];
  readonly collecting: boolean[] = [];
  readonly playing: string[] = [];
  closed = 0;
  maskIsOff = false;
  /** The worker does not answer any more. */
  broken = false;
  lastKeyAtMs: number | null = null;
  /** Masked audio and removed events go on while a key is down. */
  keyDown = false;
  readonly #clock: Clock;
  #lastPacketAtMs: number | null = null;
  #sending = false;
  #looks = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The customer's packets arrive. */
  talk(): void {
    this.#sending = true;
  }

  /** The last packet is now. */
  fallSilent(): void {
    if (this.#sending) this.#lastPacketAtMs = this.#clock.wallMs();
    this.#sending = false;
  }

  press(): void {
    this.lastKeyAtMs = this.#clock.wallMs();
  }

  setPeer(which: BridgeSide, peer: MediaDescription): void {
    this.peers.push({ side: which, peer });
  }

  setCollecting(collecting: boolean): void {
    this.collecting.push(collecting);
  }

  play(which: BridgeSide, prompt: string): Result<null, 'unknown_prompt'> {
    if (prompt === 'unknown') return refuse('unknown_prompt');
    this.playing.push(`${prompt} to ${which}`);
    return ok(null);
  }

  stopPlaying(which: BridgeSide): void {
    this.playing.push(`nothing to ${which}`);
  }

  maskOff(): void {
    this.maskIsOff = true;
  }

  sealInfoKey(keyEventCode: Uint8Array): void {
    keyEventCode.fill(0);
  }

  async figures(): Promise<BridgeFigures> {
    if (this.broken) throw new Error('the relay is gone');
    if (this.keyDown) this.#looks += 1;
    const lastAtMs = this.#sending ? this.#clock.wallMs() : this.#lastPacketAtMs;
    const agoMs = lastAtMs === null ? null : this.#clock.wallMs() - lastAtMs;
    return {
      customer: { ...side(20_000), last_in_ms_ago: agoMs },
      clean: side(20_002),
      keysSealed: 0,
      lastKeyAtMs: this.lastKeyAtMs,
      maskedMs: 20 * this.#looks,
      eventPacketsRemoved: this.#looks,
      lookbackMs: this.lookbackMs,
      attestation: nothingAttested(this.lookbackMs),
    };
  }

  async close(): Promise<BridgeFigures> {
    this.closed += 1;
    return this.figures();
  }
}
