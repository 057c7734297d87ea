import type { PeerAddress } from '../peer-gate.ts';
import type { NativeAddon, NativeSlabs } from './native-addon.ts';
import { type DatagramReceiver, NO_RECEIVER, type PacketIo, type PacketSocket } from './packet-io.ts';
import { PauseRule } from './pause-rule.ts';

/** How long the addon may wait for more datagrams before it takes a batch, counted from the last batch. */
const PAUSE_US = 1_000;
/** Fields of a received datagram (socket, length, same source as before) and of one to send (socket, length). */
const RX_FIELDS = 3;
const TX_FIELDS = 2;

const NOWHERE: PeerAddress = Object.freeze({ host: '', port: 0 });

/**
 * Sockets of the addon (native/packet-io.cc): one wake-up and one call for all datagrams that are there, and no object made
 * for any of them. Views of the slab are kept for as long as lengths stay as they are, which for RTP is always.
 */
export class NativeIo implements PacketIo {
  readonly name = 'native';
  readonly #addon: NativeAddon;
  readonly #slabs: NativeSlabs;
  readonly #dscp: number;
  readonly #views: (Uint8Array | undefined)[] = [];
  readonly #sockets: (NativeSocket | undefined)[] = [];
  readonly #rule = new PauseRule();
  #batchEnd: () => void = () => {};
  #queued = 0;
  #isFlushDue = false;
  #isInBatch = false;

  /** `addon` is loaded anew for each instance. Throws when the system refuses what it needs. */
  constructor(addon: NativeAddon, dscp = 0) {
    const slabs = addon.start((count) => this.#batch(count));
    if (slabs === undefined) throw new Error('the packet addon could not start');
    this.#addon = addon;
    this.#slabs = slabs;
    this.#dscp = dscp;
  }

  async open(host: string, port: number): Promise<PacketSocket | undefined> {
    const number = this.#addon.open(host, port, this.#dscp);
    if (number < 0) return undefined;
    const socket = new NativeSocket(this, this.#addon, number);
    this.#sockets[number] = socket;
    return socket;
  }

  onBatchEnd(handler: () => void): void {
    this.#batchEnd = handler;
  }

  flush(): void {
    if (this.#queued === 0) return;
    const queued = this.#queued;
    this.#queued = 0;
    this.#addon.flush(queued);
  }

  stop(): void {
    this.flush();
    this.#addon.stop();
  }

  /** For its sockets: a slot of the send slab. */
  queue(socket: number, packet: Uint8Array): void {
    const { tx, txMeta, slots, slotBytes } = this.#slabs;
    if (packet.length > slotBytes) return;
    if (this.#queued === slots) this.flush();
    const slot = this.#queued;
    tx.set(packet, slot * slotBytes);
    txMeta[slot * TX_FIELDS] = socket;
    txMeta[slot * TX_FIELDS + 1] = packet.length;
    this.#queued = slot + 1;
    if (!this.#isInBatch && !this.#isFlushDue) this.#flushSoon();
  }

  /** For its sockets: datagrams of this number have nobody any more. What was queued leaves first. */
  forget(socket: number): void {
    this.flush();
    this.#sockets[socket] = undefined;
  }

  /** Whoever sends outside a batch may forget to flush. */
  #flushSoon(): void {
    this.#isFlushDue = true;
    setImmediate(() => {
      this.#isFlushDue = false;
      this.flush();
    });
  }

  #batch(count: number): void {
    const { rxMeta, control } = this.#slabs;
    this.#isInBatch = true;
    try {
      for (let slot = 0; slot < count; slot += 1) {
        const at = slot * RX_FIELDS;
        const socket = this.#sockets[rxMeta[at] ?? -1];
        if (socket === undefined) continue;
        if (rxMeta[at + 2] === 0) socket.source = this.#sourceOf(slot);
        socket.receiver.datagram(this.#view(slot, rxMeta[at + 1] ?? 0), socket.source);
      }
      this.#batchEnd();
    } finally {
      this.#isInBatch = false;
      this.flush();
    }
    control[0] = this.#rule.batch(count) ? PAUSE_US : 0;
  }

  #view(slot: number, length: number): Uint8Array {
    const kept = this.#views[slot];
    if (kept !== undefined && kept.length === length) return kept;
    const { rx, slotBytes } = this.#slabs;
    const view = rx.subarray(slot * slotBytes, slot * slotBytes + length);
    this.#views[slot] = view;
    return view;
  }

  #sourceOf(slot: number): PeerAddress {
    const pair = this.#addon.source(slot);
    return pair === undefined ? NOWHERE : Object.freeze({ host: pair[0], port: pair[1] });
  }
}

class NativeSocket implements PacketSocket {
  readonly port: number;
  /** For `NativeIo`. */
  receiver = NO_RECEIVER;
  source = NOWHERE;
  readonly #io: NativeIo;
  readonly #addon: NativeAddon;
  readonly #number: number;
  #target = NOWHERE;
  #refusedSends = 0;
  #isClosed = false;

  constructor(io: NativeIo, addon: NativeAddon, number: number) {
    this.#io = io;
    this.#addon = addon;
    this.#number = number;
    this.port = addon.port(number);
  }

  get refusedSends(): number {
    return this.#isClosed ? this.#refusedSends : this.#addon.refused(this.#number);
  }

  receive(receiver: DatagramReceiver): void {
    this.receiver = receiver;
  }

  send(packet: Uint8Array, to: PeerAddress): void {
    if (this.#isClosed) return;
    if (to !== this.#target) {
      // What is queued was meant for the target before.
      this.#io.flush();
      this.#target = to;
      this.#addon.target(this.#number, to.host, to.port);
    }
    this.#io.queue(this.#number, packet);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#io.forget(this.#number);
    this.#refusedSends = this.refusedSends;
    this.#isClosed = true;
    this.receiver = NO_RECEIVER;
    this.#addon.close(this.#number);
  }
}
