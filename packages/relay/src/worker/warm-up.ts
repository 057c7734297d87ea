import type { SessionId } from '@sordino/core';
import type { MediaDescription } from '@sordino/interception';
import {
  type CreateStripper,
  createDecoder,
  createEncoder,
  type OpusLibrary,
  SRTP_SUITES,
  type SrtpKeys,
} from '@sordino/media';
import { Bridge, type BridgeSurroundings } from './bridge.ts';
import { type DatagramReceiver, NO_RECEIVER, type PacketSocket } from './io/packet-io.ts';
import type { PeerAddress } from './peer-gate.ts';
import type { PortPair } from './port-pair.ts';
import { SideCrypto } from './side-crypto.ts';

/**
 * V8 fixes the layout of a class at its seventh instance, by those that are alive then: a class of more than a dozen fields whose first seven
 * lived one after another, as calls do, keeps its fields in hash tables for as long as the thread lives, at six times the cost.
 */
const ALIVE_AT_ONCE = 8;
/** Four seconds of audio: every loop of the path has run often enough for the compiler, in about 40 ms of start-up. */
const WARM_UP_PACKETS = 200;
const PACKET_MS = 20;
const PACKET_SAMPLES = 160;
const HOST = '127.0.0.1';

/** What `warmUp` needs of its worker. */
export interface WarmUpParts {
  readonly createStripper: CreateStripper;
  readonly opus: OpusLibrary;
}

/**
 * Runs both ways of a call on invented audio before the first one, so that the first call does not pay for the compiler with late packets, and
 * has the classes of a call laid out well. No socket is opened, and what comes out goes nowhere.
 */
export async function warmUp(parts: WarmUpParts): Promise<void> {
  const codecs = Array.from({ length: ALIVE_AT_ONCE }, () => [
    createEncoder('G722', 16_000, parts.opus),
    createDecoder('G722', 16_000, parts.opus),
  ]);
  const calls: InventedCall[] = [];
  for (let number = 0; number < ALIVE_AT_ONCE; number += 1)
    calls.push(await InventedCall.open(number, parts));
  for (const call of calls) call.packet(0);
  for (let sequence = 1; sequence < WARM_UP_PACKETS; sequence += 1) calls[0]?.packet(sequence);
  await Promise.all(calls.map((call) => call.close()));
  for (const codec of codecs.flat()) codec.reset();
}

/** A bridge whose sockets are none. */
class InventedCall {
  readonly #customer: SilentPair;
  readonly #clean: SilentPair;
  readonly #clock: { nowMs: number };
  #bridge: Bridge | undefined;

  private constructor(number: number, clock: { nowMs: number }) {
    this.#customer = new SilentPair(4 * number + 2);
    this.#clean = new SilentPair(4 * number + 4);
    this.#clock = clock;
  }

  static async open(number: number, { createStripper, opus }: WarmUpParts): Promise<InventedCall> {
    const clock = { nowMs: 0 };
    const call = new InventedCall(number, clock);
    const pairs = [call.#customer, call.#clean];
    const around: BridgeSurroundings = {
      host: HOST,
      advertisedHost: HOST,
      ports: { reserve: async () => pairs.shift() },
      lookbackMs: 30,
      rtcpIntervalMs: 5_000,
      createStripper,
      opus,
      clock: { monotonicMs: () => clock.nowMs, wallMs: () => clock.nowMs },
      emit: () => {},
      wake: () => {},
      random: Math.random,
      prompts: new Map(),
    };
    // Nobody has the key to this one, and nothing is sealed to it.
    const sealTo = new Uint8Array(32).fill(9);
    const request = { bridge: number, session: 'ses_warm_up' as SessionId, sealTo, firstKeySeq: 0 };
    call.#bridge = await Bridge.open({ ...request, mask: { style: 'silence', hold: 'per_key' } }, around);
    call.#bridge?.setPeer('clean', peerAt(call.#clean.rtpPort));
    call.#bridge?.setPeer('customer', peerAt(call.#customer.rtpPort));
    return call;
  }

  /** 20 ms of both people: another sound each time, loud enough that no stage may skip it. */
  packet(sequence: number): void {
    this.#clock.nowMs = sequence * PACKET_MS;
    const packet = new Uint8Array(12 + PACKET_SAMPLES);
    for (const { rtp } of [this.#customer, this.#clean]) {
      packet[0] = 0x80;
      packet[3] = sequence & 0xff;
      const timestamp = sequence * PACKET_SAMPLES;
      packet[6] = timestamp >> 8;
      packet[7] = timestamp;
      for (let sample = 0; sample < PACKET_SAMPLES; sample += 1)
        packet[12 + sample] = (sequence * 31 + sample * 7) & 0xff;
      rtp.hear(packet);
    }
    this.#bridge?.tick(this.#clock.nowMs + PACKET_MS / 2);
  }

  async close(): Promise<void> {
    await this.#bridge?.close();
  }
}

const peerAt = (port: number): MediaDescription => ({
  rtp: { host: HOST, port },
  rtcp: { host: HOST, port: port + 1 },
  codec: 'PCMU',
  audioPayloadType: 0,
  eventPayloadType: 101,
  packetTimeMs: PACKET_MS,
  direction: 'sendrecv',
});

class SilentSocket implements PacketSocket {
  readonly port: number;
  readonly refusedSends = 0;
  readonly #address: PeerAddress;
  #receiver = NO_RECEIVER;

  constructor(port: number) {
    this.port = port;
    this.#address = Object.freeze({ host: HOST, port });
  }

  /** As if it came from the peer, which has the same port. */
  hear(datagram: Uint8Array): void {
    this.#receiver.datagram(datagram, this.#address);
  }

  receive(receiver: DatagramReceiver): void {
    this.#receiver = receiver;
  }

  send(): void {}

  async close(): Promise<void> {}
}

class SilentPair implements PortPair {
  readonly rtp: SilentSocket;
  readonly rtcp: SilentSocket;
  readonly rtpPort: number;
  readonly rtcpPort: number;

  constructor(port: number) {
    this.rtpPort = port;
    this.rtcpPort = port + 1;
    this.rtp = new SilentSocket(this.rtpPort);
    this.rtcp = new SilentSocket(this.rtcpPort);
  }

  async close(): Promise<void> {}
}

/** 60 ms: what V8 has to compile of it is small, and the library itself is compiled as it is loaded. */
const WARM_UP_OPUS_PACKETS = 3;
const OPUS_RATE_HZ = 16_000;
const OPUS_PACKET_BYTES_MAX = 400;

/** Half a second of audio for each suite: the ciphers of the platform are loaded and the loops around them compiled. */
const WARM_UP_SRTP_PACKETS = 25;

/** The same for SRTP: the first key of a cold thread would hold its bridge, and every other one, for some packets. */
export function warmUpSrtp(): void {
  for (const { name, keyBytes, saltBytes } of SRTP_SUITES) {
    const keys = (): SrtpKeys => ({
      suite: name,
      masterKey: new Uint8Array(keyBytes),
      masterSalt: new Uint8Array(saltBytes),
    });
    const side = new SideCrypto();
    side.setKeys({ local: keys(), remote: keys() }, false);
    const packet = new Uint8Array(12 + PACKET_SAMPLES);
    packet[0] = 0x80;
    for (let sequence = 0; sequence < WARM_UP_SRTP_PACKETS; sequence += 1) {
      packet[3] = sequence;
      const sent = side.protectRtp(packet);
      if (sent !== undefined) side.unprotectRtp(sent);
      const report = side.protectRtcp(packet);
      if (report !== undefined) side.unprotectRtcp(report);
    }
    side.wipe();
  }
}

/** The library is loaded and compiled (50 ms, 6 MB): the first call in Opus would hold every other one of its worker for so long. */
export function warmUpOpus(opus: OpusLibrary): void {
  const [encoder, decoder] = [opus.encoder(OPUS_RATE_HZ), opus.decoder(OPUS_RATE_HZ)];
  const pcm = new Int16Array((PACKET_MS * OPUS_RATE_HZ) / 1_000);
  const packet = new Uint8Array(OPUS_PACKET_BYTES_MAX);
  for (let frame = 0; frame < WARM_UP_OPUS_PACKETS; frame += 1) {
    const octets = encoder.encode(pcm, pcm.length, packet);
    decoder.decode(packet, octets, pcm);
  }
  encoder.reset();
  decoder.reset();
}
