import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { PeerAddress } from '../peer-gate.ts';
import { Coalescing } from './coalescing.ts';
import { type DatagramReceiver, NO_RECEIVER, type PacketIo, type PacketSocket } from './packet-io.ts';

/** Turns of the event loop that a closing socket gives what the system would not take at once. */
const DRAIN_TURNS_MAX = 50;

/** Sockets of `node:dgram`: works everywhere. Each datagram costs a wake-up unless enough of them come to wait for. */
export class DgramIo implements PacketIo {
  readonly name = 'dgram';
  readonly #coalescing = new Coalescing();
  #batchEnd: () => void = () => {};
  #isBatchEndDue = false;

  open(host: string, port: number): Promise<PacketSocket | undefined> {
    return DgramSocket.bind(host, port, () => this.#arrived());
  }

  onBatchEnd(handler: () => void): void {
    this.#batchEnd = handler;
  }

  flush(): void {
    // Sends have left already.
  }

  stop(): void {
    this.#coalescing.stop();
  }

  /** All that the system has ready is handled in one phase of the event loop; the immediate comes after it. */
  #arrived(): void {
    this.#coalescing.count();
    if (this.#isBatchEndDue) return;
    this.#isBatchEndDue = true;
    setImmediate(() => {
      this.#isBatchEndDue = false;
      this.#batchEnd();
    });
  }
}

class DgramSocket implements PacketSocket {
  readonly port: number;
  readonly #socket: Socket;
  #source: PeerAddress = Object.freeze({ host: '', port: 0 });
  #receiver = NO_RECEIVER;
  #refusedSends = 0;
  #closing: Promise<void> | undefined;

  private constructor(socket: Socket, arrived: () => void) {
    this.#socket = socket;
    this.port = socket.address().port;
    socket.on('message', (datagram, from) => {
      arrived();
      this.#receiver.datagram(datagram, this.#sourceOf(from));
      datagram.fill(0);
    });
    socket.on('error', () => {
      this.#refusedSends += 1;
    });
  }

  /**
   * Not connected, although a connected socket sends 1-2 us faster: the kernel would drop strangers unseen (we count them),
   * and early media could not be taken before the peer is known. The lookup answers at once: peers are checked literals,
   * so no name is ever resolved per packet.
   */
  static bind(host: string, port: number, arrived: () => void): Promise<DgramSocket | undefined> {
    const ipv6 = isIPv6(host);
    const socket = createSocket({
      type: ipv6 ? 'udp6' : 'udp4',
      lookup: (name, _options, found) => found(null, name, ipv6 ? 6 : 4),
    });
    return new Promise((resolve) => {
      const failed = (): void => {
        socket.close();
        resolve(undefined);
      };
      socket.once('error', failed);
      socket.bind({ port, address: host, exclusive: true }, () => {
        socket.off('error', failed);
        resolve(new DgramSocket(socket, arrived));
      });
    });
  }

  get refusedSends(): number {
    return this.#refusedSends;
  }

  receive(receiver: DatagramReceiver): void {
    this.#receiver = receiver;
  }

  send(packet: Uint8Array, to: PeerAddress): void {
    if (this.#closing !== undefined) return;
    // A buffer of its own: what the system does not take at once is sent later.
    this.#socket.send(Buffer.from(packet), 0, packet.length, to.port, to.host);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (let turn = 0; turn < DRAIN_TURNS_MAX && this.#socket.getSendQueueCount() > 0; turn += 1)
      await new Promise((resolve) => setImmediate(resolve));
    this.#receiver = NO_RECEIVER;
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  #sourceOf({ address, port }: RemoteInfo): PeerAddress {
    if (port !== this.#source.port || address !== this.#source.host)
      this.#source = Object.freeze({ host: address, port });
    return this.#source;
  }
}
