import type { RemoteInfo, Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { SealedKey, SessionId } from '@sordino/core';
import type {
  HostPort,
  MediaBridge,
  MediaBridgeHandlers,
  MediaDescription,
  MediaRelay,
} from '@sordino/interception';
import type { Spandsp } from '@sordino/testkit';
import type { CallPlan, PlannedChange, PlannedPacket } from '../plan/call-plan.ts';
import { AUDIO_PAYLOAD_TYPE, type LegCodec } from '../plan/line-codec.ts';
import { Ear } from './ear.ts';
import type { CallOutcome } from './outcome.ts';
import { PhoneSrtp } from './phone-srtp.ts';
import { Vault } from './vault.ts';

const HEADER_BYTES = 12;
/** A stall of the machine shall not lose what is already on its way. */
const RECEIVE_BUFFER_BYTES = 1 << 20;
const SSRC_OF_PHONE = [0x1001, 0x2002] as const;

/** One call through the relay: the customer's two phones, the agent's, and the one that hears the customer without a mask. */
export class BenchCall {
  readonly #plan: CallPlan;
  readonly #bridge: MediaBridge;
  readonly #vault: Vault;
  readonly #sealed: SealedKey[];
  readonly #phones: readonly [Socket, Socket];
  readonly #agent: Socket;
  readonly #control: Socket;
  readonly #masked = new Ear();
  readonly #unmasked: Ear;
  /** Of each side, since it was signalled last. */
  readonly #srtp: { customer?: PhoneSrtp; clean?: PhoneSrtp } = {};
  #startMs = Number.POSITIVE_INFINITY;
  #nextPacket = 0;
  #nextChange = 0;

  private constructor(
    plan: CallPlan,
    bridge: MediaBridge,
    vault: Vault,
    sealed: SealedKey[],
    sockets: readonly Socket[],
  ) {
    const [one, other, agent, control] = sockets;
    if (one === undefined || other === undefined || agent === undefined || control === undefined)
      throw new Error('a call takes four sockets');
    this.#plan = plan;
    this.#bridge = bridge;
    this.#vault = vault;
    this.#sealed = sealed;
    this.#phones = [one, other];
    this.#agent = agent;
    this.#control = control;
    this.#unmasked = new Ear(plan.line.length);
    agent.on('message', (datagram: Buffer, from: RemoteInfo) => {
      if (from.port !== bridge.clean.rtp.port) return;
      const packet = plan.srtp.clean === undefined ? datagram : this.#srtp.clean?.open(datagram);
      if (packet !== undefined) this.#masked.hear(packet);
    });
    control.on('message', (datagram: Buffer) => this.#unmasked.hear(datagram));
  }

  static async open(relay: MediaRelay, plan: CallPlan, index: number): Promise<BenchCall> {
    const session = `ses_leak${String(index).padStart(22, '0')}` as SessionId;
    const vault = await Vault.make(session);
    const sealed: SealedKey[] = [];
    const opened = await relay.open(
      { session, sealTo: vault.publicKey, mask: plan.mask, firstKeySeq: 0 },
      handlers((key) => sealed.push(key)),
    );
    if (!opened.ok) throw new Error(`the relay refused call ${index}: ${opened.problem}`);
    const sockets = await Promise.all([udp(), udp(), udp(), udp()]);
    const call = new BenchCall(plan, opened.value, vault, sealed, sockets);
    call.#signal({ atMs: 0, side: 'customer', codec: plan.customerCodec, phone: 0 });
    call.#signal({ atMs: 0, side: 'clean', codec: plan.cleanCodec, phone: 0 });
    opened.value.setCollecting(true);
    // Requests are answered in order: when the figures are here, the peers are known.
    await opened.value.figures();
    return call;
  }

  startAt(ms: number): void {
    this.#startMs = ms;
  }

  /** Does all that is due, and says when to come again. */
  play(nowMs: number): number {
    const { changes, packets } = this.#plan;
    for (;;) {
      const [change, packet] = [changes[this.#nextChange], packets[this.#nextPacket]];
      const changeMs = this.#startMs + (change?.atMs ?? Number.POSITIVE_INFINITY);
      const packetMs = this.#startMs + (packet?.atMs ?? Number.POSITIVE_INFINITY);
      if (Math.min(changeMs, packetMs) > nowMs) return Math.min(changeMs, packetMs);
      if (change !== undefined && changeMs <= packetMs) {
        this.#signal(change);
        this.#nextChange += 1;
      } else if (packet !== undefined) {
        this.#send(packet);
        this.#nextPacket += 1;
      }
    }
  }

  async outcome(spandsp: Spandsp): Promise<CallOutcome> {
    const { lookbackMs } = await this.#bridge.close();
    const startUnixMs = performance.timeOrigin + this.#startMs;
    const keys = await Promise.all(this.#sealed.map((key) => this.#vault.open(key)));
    return {
      plan: this.#plan,
      masked: await this.#masked.heard(spandsp),
      unmasked: await this.#unmasked.heard(spandsp),
      captured: keys.map((key, index) => ({ key, atMs: (this.#sealed[index]?.at_ms ?? 0) - startUnixMs })),
      lookbackMs,
    };
  }

  async close(): Promise<void> {
    for (const socket of [...this.#phones, this.#agent, this.#control]) {
      socket.close();
      await once(socket, 'close');
    }
  }

  #signal({ side, codec, phone }: PlannedChange): void {
    const socket = side === 'clean' ? this.#agent : this.#phones[phone];
    const events = side === 'customer' ? this.#plan.eventPayloadType : undefined;
    const suite = this.#plan.srtp[side];
    const srtp = suite === undefined ? undefined : new PhoneSrtp(suite);
    if (srtp !== undefined) this.#srtp[side] = srtp;
    this.#bridge.setPeer(side, { ...describe(socket, codec, events), srtp: srtp?.keys });
  }

  #send(packet: PlannedPacket): void {
    const datagram = Buffer.alloc(HEADER_BYTES + packet.payload.length);
    datagram[0] = 0x80;
    datagram[1] = packet.payloadType | (packet.marker ? 0x80 : 0);
    datagram.writeUInt16BE(packet.sequence, 2);
    datagram.writeUInt32BE(packet.timestamp, 4);
    datagram.writeUInt32BE(SSRC_OF_PHONE[packet.phone], 8);
    datagram.set(packet.payload, HEADER_BYTES);
    const from = this.#phones[packet.phone];
    const [relay, control] = [this.#bridge.customer.rtp, addressOf(this.#control)];
    from.send(this.#srtp.customer?.seal(datagram) ?? datagram, relay.port, relay.host);
    from.send(datagram, control.port, control.host);
  }
}

async function udp(): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
  const listening = once(socket, 'listening');
  socket.bind(0, '127.0.0.1');
  await listening;
  return socket;
}

function addressOf(socket: Socket): HostPort {
  const { address, port } = socket.address();
  return { host: address, port };
}

function describe(socket: Socket, codec: LegCodec, eventPayloadType: number | undefined): MediaDescription {
  const rtp = addressOf(socket);
  return {
    rtp,
    // Nobody listens to RTCP here.
    rtcp: { host: rtp.host, port: 0 },
    codec,
    audioPayloadType: AUDIO_PAYLOAD_TYPE[codec],
    eventPayloadType,
    packetTimeMs: 20,
    direction: 'sendrecv',
  };
}

const handlers = (keySealed: (key: SealedKey) => void): MediaBridgeHandlers => ({
  keySealed,
  mediaStarted: () => {},
  cleanAudioFlowing: () => {},
  mediaStalled: () => {},
  mediaResumed: () => {},
  mediaQuality: () => {},
  oneWay: () => {},
  playEnded: () => {},
  transportUnexpected: () => {},
  shortKey: () => {},
  handshakeRefused: () => {},
  // The judges hear what got out before; leg 7 is muted then, which is part of what is measured.
  leakSuspected: () => {},
  workerLost: () => {
    throw new Error('a worker of the relay was lost');
  },
});
