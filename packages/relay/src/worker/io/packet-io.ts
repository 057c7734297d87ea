import type { PeerAddress } from '../peer-gate.ts';

/** Who gets the datagrams of a socket. An object and not a function: a closure and its context are two more lines of cache to miss for each of them. */
export interface DatagramReceiver {
  /**
   * A datagram that came. `datagram` is valid during the call only, may be written to, and is zeroed after it (it may have held a key,
   * rule 6). `from` is one frozen object for as long as the source does not change: to keep it is safe, to compare it by identity is
   * a fast path and never more. What throws would take every call of the worker with it.
   */
  datagram(datagram: Uint8Array, from: PeerAddress): void;
}

/** Nobody. */
export const NO_RECEIVER: DatagramReceiver = { datagram() {} };

/** One bound UDP socket. */
export interface PacketSocket {
  readonly port: number;
  /** Sends that the system refused (no route, no buffers): the packets are lost, as on any network. */
  readonly refusedSends: number;
  /** They are dropped until then. */
  receive(receiver: DatagramReceiver): void;
  /** Copies: the packet's buffer may be used again at once. It leaves with the batch, at the latest with `PacketIo.flush`. */
  send(packet: Uint8Array, to: PeerAddress): void;
  /** What was sent has left before the port is free. Repeats are harmless. */
  close(): Promise<void>;
}

/** The datagram sockets of one worker. Every implementation passes `packet-io.test.ts`. */
export interface PacketIo {
  readonly name: 'dgram' | 'native';
  /** Undefined: the port is taken. Port 0: any free one. */
  open(host: string, port: number): Promise<PacketSocket | undefined>;
  /** After each batch of datagrams; `flush` follows by itself. */
  onBatchEnd(handler: () => void): void;
  /** What was queued by `send` outside a batch leaves now. */
  flush(): void;
  /** Ends the waiting for datagrams. Sockets are closed by their owners. */
  stop(): void;
}
