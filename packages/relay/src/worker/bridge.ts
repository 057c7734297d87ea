import type { Clock, KeyTransport, MaskHold, MaskStyle, SessionId } from '@sordino/core';
import type {
  BridgeFigures,
  BridgePorts,
  BridgeSide,
  IceCredentials,
  MediaDescription,
  SrtpPair,
} from '@sordino/interception';
import {
  type CreateStripper,
  createDecoder,
  OPUS_REACH_MS,
  type OpusLibrary,
  SAMPLE_RATE_HZ,
} from '@sordino/media';
import type { Prompts } from '../prompts/load-prompts.ts';
import { CleanToCustomer } from './clean-to-customer.ts';
import { CustomerToClean } from './customer-to-clean.ts';
import { KeyPairing } from './key-pairing.ts';
import { KeySealer } from './key-sealer.ts';
import { Leg7Gate } from './leg7-gate.ts';
import type { Ticking } from './loop.ts';
import { MediaSide } from './media-side.ts';
import type { MediaNews } from './media-watch.ts';
import { readPeer } from './peer.ts';
import { Player } from './player.ts';
import type { PortPair, PortPairs } from './port-pair.ts';
import type { BridgeNumber, Troubles, WorkerEvent } from './protocol.ts';
import { randomCname } from './random.ts';
import type { PacketReceiver, ReceivedPacket } from './received-packet.ts';
import { RtpWriter } from './rtp-writer.ts';

export interface BridgeRequest {
  readonly bridge: BridgeNumber;
  readonly session: SessionId;
  readonly sealTo: Uint8Array;
  readonly mask: { readonly style: MaskStyle; readonly hold: MaskHold };
  readonly firstKeySeq: number;
  /** DTLS-SRTP is wanted: what we are known by to the checks of either peer. */
  readonly ice?: Readonly<Record<BridgeSide, IceCredentials>> | undefined;
}

/** What a bridge needs of its worker. */
export interface BridgeSurroundings {
  readonly host: string;
  readonly advertisedHost: string;
  readonly ports: Pick<PortPairs, 'reserve'>;
  readonly lookbackMs: number;
  readonly rtcpIntervalMs: number;
  readonly createStripper: CreateStripper;
  readonly opus: OpusLibrary;
  readonly clock: Clock;
  readonly emit: (event: WorkerEvent) => void;
  /** `dueMs` has become earlier than it was after the last tick. */
  readonly wake: (dueMs: number) => void;
  readonly random: () => number;
  readonly prompts: Prompts;
}

/** How often a side looks at what takes seconds: stalls, reports, samples. */
const SIDES_MS = 100;
/** What is due so soon stays due when a packet comes: a wish of the worker, or frames that leave by the clock. */
const SOON_MS = 3;

/** One call's media. `assemble` is the map of it. */
export class Bridge implements Ticking, PacketReceiver {
  readonly #request: BridgeRequest;
  readonly #surroundings: BridgeSurroundings;
  readonly #sealer: KeySealer;
  readonly #pairing = new KeyPairing();
  readonly #gate: Leg7Gate;
  readonly #customer: MediaSide;
  readonly #clean: MediaSide;
  readonly #players: Readonly<Record<BridgeSide, Player>>;
  readonly #toClean: CustomerToClean;
  readonly #toCustomer: CleanToCustomer;
  readonly customerPorts: BridgePorts;
  readonly cleanPorts: BridgePorts;
  #dueMs = Number.POSITIVE_INFINITY;
  #sidesDueMs = 0;
  /** When there is something to do but for the customer's audio. */
  #othersDueMs = Number.POSITIVE_INFINITY;
  #lastKeyAtMs: number | null = null;
  #tickFaults = 0;
  #closing: Promise<BridgeFigures> | undefined;

  /** Undefined: not two port pairs were free. Rejects when `sealTo` is not an X25519 key; nothing stays bound then. */
  static async open(request: BridgeRequest, around: BridgeSurroundings): Promise<Bridge | undefined> {
    const { bridge } = request;
    const sealer = await KeySealer.create({
      session: request.session,
      publicKey: request.sealTo,
      firstSeq: request.firstKeySeq,
      sealed: (key) => around.emit({ type: 'key_sealed', bridge, key }),
      failed: (seq, error) =>
        around.emit({ type: 'trouble', bridge, message: `key ${seq} could not be sealed: ${nameOf(error)}` }),
    });
    const customer = await around.ports.reserve();
    const clean = customer === undefined ? undefined : await around.ports.reserve();
    if (customer === undefined || clean === undefined) {
      await customer?.close();
      return undefined;
    }
    return new Bridge(request, around, sealer, customer, clean);
  }

  private constructor(
    request: BridgeRequest,
    around: BridgeSurroundings,
    sealer: KeySealer,
    customerPair: PortPair,
    cleanPair: PortPair,
  ) {
    this.#request = request;
    this.#surroundings = around;
    this.#sealer = sealer;
    this.customerPorts = portsOf(customerPair, around.advertisedHost);
    this.cleanPorts = portsOf(cleanPair, around.advertisedHost);

    // leg 6 in  -> gate -> header -> SSRC -> stripper -> leg 7 gate -> leg 7 out   (customer's side in, clean side out)
    // leg 7 in  -> gate -> header -> SSRC -> re-stamp -> leg 6 out                 (clean side in, customer's side out)
    const cname = randomCname();
    const leg6 = new RtpWriter();
    const leg7 = new RtpWriter();
    const side = (name: BridgeSide, ports: PortPair, local: BridgePorts, writer: RtpWriter): MediaSide =>
      new MediaSide({
        side: name,
        ports,
        local,
        writer,
        cname,
        rtcpIntervalMs: around.rtcpIntervalMs,
        clock: around.clock,
        random: around.random,
        news: (news, silentMs) => this.#report(name, news, silentMs),
        quality: (sample) =>
          around.emit({ type: 'media_quality', bridge: request.bridge, side: name, sample }),
        oneWay: (oneWay) => around.emit({ type: 'one_way', bridge: request.bridge, side: name, oneWay }),
        dtls: request.ice && {
          ice: request.ice[name],
          handshake: (datagram) =>
            around.emit({ type: 'dtls_arrived', bridge: request.bridge, side: name, datagram }),
        },
      });
    this.#customer = side('customer', customerPair, this.customerPorts, leg6);
    this.#clean = side('clean', cleanPair, this.cleanPorts, leg7);
    const player = (side: BridgeSide): Player =>
      new Player(around.prompts, around.opus, (prompt, outcome) =>
        around.emit({ type: 'play_ended', bridge: request.bridge, side, prompt, outcome }),
      );
    this.#players = { customer: player('customer'), clean: player('clean') };
    this.#gate = new Leg7Gate({
      decoderOf: (codec) => createDecoder(codec, SAMPLE_RATE_HZ, around.opus),
      suspected: (sign) => around.emit({ type: 'leak_suspected', bridge: request.bridge, sign }),
    });
    this.#toClean = new CustomerToClean({
      clean: this.#clean,
      gate: this.#gate,
      writer: leg7,
      player: this.#players.clean,
      createStripper: around.createStripper,
      opus: around.opus,
      lookbackMs: around.lookbackMs,
      mask: request.mask,
      clock: around.clock,
      key: (eventCode, transport, onsetMs) => this.#keyHeard(eventCode, transport, onsetMs),
      transportUnexpected: (transport) =>
        around.emit({ type: 'transport_unexpected', bridge: request.bridge, transport }),
      shortKey: () => around.emit({ type: 'short_key', bridge: request.bridge }),
      audioFlowing: () =>
        around.emit({ type: 'clean_audio_flowing', bridge: request.bridge, atMs: around.clock.wallMs() }),
    });
    this.#toCustomer = new CleanToCustomer(this.#customer, leg6, this.#players.customer, around.opus);
    this.#customer.onPacket(this);
    this.#clean.onPacket(this.#toCustomer);
  }

  /** One of the customer's. */
  packet(packet: ReceivedPacket, arrivedMs: number): void {
    this.#toClean.packet(packet, arrivedMs);
    const dueMs = Math.min(this.#othersDueMs, this.#toClean.dueMs(arrivedMs));
    // Later than before is usual: the audio that was waited for has come.
    if (dueMs > this.#dueMs) {
      if (this.#dueMs > arrivedMs + SOON_MS) this.#dueMs = dueMs;
    } else if (dueMs < this.#dueMs) {
      this.#dueMs = dueMs;
      this.#surroundings.wake(dueMs);
    }
  }

  /** A refusal says why; the side keeps its old peer. */
  setPeer(side: BridgeSide, description: MediaDescription): string | undefined {
    const peer = readPeer(description, this.#surroundings.host);
    if (!peer.ok) return peer.problem;
    if (description.dtls !== undefined && this.#request.ice === undefined)
      return 'the peer wants DTLS-SRTP and the bridge was opened without';
    if (this.#side(side).isEncrypted && description.srtp === undefined && description.dtls === undefined)
      return 'the side has SRTP keys and the new description has none: an encrypted leg never goes on in the clear';
    // The paths first: the side hands out early media as soon as it knows whose it is.
    if (side === 'customer') {
      this.#toClean.customerPeer(description);
      this.#toCustomer.customerPeer(description);
      this.#customer.setPeer(peer.value);
    } else {
      this.#toClean.cleanPeer(description);
      this.#toCustomer.cleanPeer(description);
      this.#clean.setPeer(peer.value);
    }
    return undefined;
  }

  setKeys(side: BridgeSide, keys: SrtpPair): void {
    this.#side(side).setKeys(keys);
  }

  sendHandshake(side: BridgeSide, datagram: Uint8Array): void {
    this.#side(side).sendHandshake(datagram);
  }

  setCollecting(collecting: boolean): void {
    this.#gate.setCollecting(collecting);
    this.#toClean.setCollecting(collecting);
  }

  /** False: no such prompt. */
  play(side: BridgeSide, prompt: string): boolean {
    const started = this.#players[side].start(prompt);
    if (started && side === 'customer') this.#toCustomer.played(this.#surroundings.clock.monotonicMs());
    return started;
  }

  stopPlaying(side: BridgeSide): void {
    this.#players[side].stop();
  }

  maskOff(): void {
    this.#toClean.maskOff();
  }

  sealInfoKey(plaintext: ArrayBuffer, atMs: number): void {
    const bytes = new Uint8Array(plaintext);
    if (!this.#pairing.take(bytes[0] ?? 0, 'info', atMs)) {
      bytes.fill(0);
      return;
    }
    this.#lastKeyAtMs = Math.max(this.#lastKeyAtMs ?? 0, atMs);
    this.#sealer.sealBuffer(plaintext, 'info', atMs);
  }

  get dueMs(): number {
    return this.#dueMs;
  }

  /** Something has changed that may be due at once: the next tick is. */
  wake(): number {
    this.#dueMs = this.#surroundings.clock.monotonicMs();
    return this.#dueMs;
  }

  /** A tick that throws is counted; the other bridges of the worker get theirs. */
  tick(nowMs: number): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
    if (this.#closing !== undefined) return;
    const hasPeer = this.#customer.peer !== undefined || this.#clean.peer !== undefined;
    // Whatever happens below, there is a next time.
    if (hasPeer) this.#dueMs = nowMs + SIDES_MS;
    this.#othersDueMs = this.#dueMs;
    try {
      this.#toClean.tick(nowMs);
      this.#toCustomer.tick(nowMs);
      if (nowMs >= this.#sidesDueMs) {
        this.#sidesDueMs = nowMs + SIDES_MS;
        this.#customer.tick(nowMs);
        this.#clean.tick(nowMs);
      }
      this.#othersDueMs = Math.min(
        hasPeer ? this.#sidesDueMs : Number.POSITIVE_INFINITY,
        this.#toCustomer.dueMs,
      );
      this.#dueMs = Math.min(this.#othersDueMs, this.#toClean.dueMs(nowMs));
    } catch {
      this.#tickFaults += 1;
    }
  }

  figures(): BridgeFigures {
    const stripper = this.#toClean.figures();
    return {
      customer: this.#customer.figures(),
      clean: this.#clean.figures(),
      keysSealed: this.#sealer.count,
      lastKeyAtMs: this.#lastKeyAtMs,
      maskedMs: stripper?.maskedMs ?? 0,
      eventPacketsRemoved: stripper?.eventPacketsRemoved ?? 0,
      lookbackMs: this.#lookbackMs,
      attestation: this.#gate.attestation(this.#sealer.count, this.#lookbackMs),
    };
  }

  /** Packets of Opus that are passed as they came wait for what they reach into. */
  get #lookbackMs(): number {
    const isOpus = [this.#customer, this.#clean].every(({ peer }) => peer?.description.codec === 'opus');
    return this.#surroundings.lookbackMs + (isOpus ? OPUS_REACH_MS : 0);
  }

  troubles(): Troubles {
    const [one, other] = [this.#customer.troubles(), this.#clean.troubles()];
    return {
      malformed: one.malformed + other.malformed,
      foreign: one.foreign + other.foreign,
      suspectStreamPackets: one.suspectStreamPackets + other.suspectStreamPackets,
      streamRestarts: one.streamRestarts + other.streamRestarts,
      srtpUnauthentic: one.srtpUnauthentic + other.srtpUnauthentic,
      srtpReplayed: one.srtpReplayed + other.srtpReplayed,
      faults: one.faults + other.faults + this.#tickFaults + this.#toClean.misshapen,
      droppedTowardsCustomer: this.#toCustomer.dropped,
      leaksSuspected: this.#gate.leaksSuspected,
    };
  }

  /** Sockets first, so that no packet comes between; then the delay line; then the keys on their way out. */
  close(): Promise<BridgeFigures> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<BridgeFigures> {
    await Promise.all([this.#customer.close(), this.#clean.close()]);
    const figures = this.figures();
    for (const player of Object.values(this.#players)) player.stop();
    this.#toClean.wipe();
    this.#gate.wipe();
    this.#toCustomer.wipe();
    this.#pairing.wipe();
    await this.#sealer.drained();
    return figures;
  }

  #side(side: BridgeSide): MediaSide {
    return side === 'customer' ? this.#customer : this.#clean;
  }

  #keyHeard(eventCode: number, transport: KeyTransport, onsetMs: number): void {
    const { clock } = this.#surroundings;
    this.#gate.key(onsetMs);
    const atMs = Math.round(clock.wallMs() - (clock.monotonicMs() - onsetMs));
    this.#lastKeyAtMs = Math.max(this.#lastKeyAtMs ?? 0, atMs);
    if (this.#pairing.take(eventCode, 'media', atMs)) this.#sealer.seal(eventCode, transport, atMs);
  }

  #report(side: BridgeSide, news: MediaNews, silentMs: number): void {
    const { emit, clock } = this.#surroundings;
    const { bridge } = this.#request;
    const atMs = clock.wallMs();
    if (news === 'stalled') emit({ type: 'media_stalled', bridge, side, silentMs });
    if (news === 'started' || news === 'restarted') emit({ type: 'media_started', bridge, side, atMs });
    if (news === 'resumed' || news === 'restarted') emit({ type: 'media_resumed', bridge, side, atMs });
  }
}

function portsOf(pair: PortPair, host: string): BridgePorts {
  return { rtp: { host, port: pair.rtpPort }, rtcp: { host, port: pair.rtcpPort } };
}

/** The class of an error and no more: a message might quote what it choked on. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown error';
}
