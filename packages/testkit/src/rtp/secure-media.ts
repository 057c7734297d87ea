import type { Socket } from 'node:dgram';

/** How the simulated world encrypts: keys in the SDP (RFC 4568), or by a handshake in the media path (RFC 5764). */
export type Security = 'sdes' | 'dtls';

export type DtlsSetup = 'actpass' | 'active' | 'passive';

/** What an `a=crypto` says of the one who wrote it. */
export interface SdpCrypto {
  readonly kind: 'sdes';
  readonly tag: number;
  /** Key and salt, base64. */
  readonly key: string;
}

/** What `a=fingerprint` and `a=setup` say. */
export interface SdpDtls {
  readonly kind: 'dtls';
  /** SHA-256, as in the SDP. */
  readonly fingerprint: string;
  readonly setup: DtlsSetup;
}

export type SdpSecurity = SdpCrypto | SdpDtls;

/** SRTP of one port pair. Its owner sends and hears plain packets. */
export interface SecureMedia {
  /** What our SDP says of it. */
  describe(): SdpSecurity;
  /** What the peer's SDP said, and where its media is. */
  agree(peer: SdpSecurity, rtp: { readonly host: string; readonly port: number }): void;
  close(): void;
}

export interface SocketPair {
  readonly rtp: Socket;
  readonly rtcp: Socket;
}

/** A socket as it was before somebody came between it and its owner. */
export interface RawSocket {
  send(packet: Uint8Array, ...rest: readonly unknown[]): void;
  /** As if it had come in. */
  hand(packet: Uint8Array, ...rest: readonly unknown[]): boolean;
}

/**
 * Everything that the socket sends and hands out goes through here, so that its owner need not know. Undefined: nothing goes. `heard`
 * has the sender and what else came along with a datagram.
 */
export function intercept(
  socket: Socket,
  through: {
    sent(packet: Buffer): Buffer | undefined;
    heard(packet: Buffer, rest: readonly unknown[]): Buffer | undefined;
  },
): RawSocket {
  const send = socket.send.bind(socket) as RawSocket['send'];
  const emit = socket.emit.bind(socket) as (name: string, ...values: readonly unknown[]) => boolean;
  Object.assign(socket, {
    send: (packet: Uint8Array, ...rest: readonly unknown[]) => {
      const sealed = through.sent(Buffer.from(packet));
      if (sealed !== undefined) send(sealed, ...rest);
    },
    emit: (name: string, ...values: readonly unknown[]): boolean => {
      if (name !== 'message') return emit(name, ...values);
      const [packet, ...rest] = values;
      const plain = through.heard(packet as Buffer, rest);
      return plain !== undefined && emit(name, plain, ...rest);
    },
  });
  return { send, hand: (packet, ...rest) => emit('message', packet, ...rest) };
}

/** Under a key that is not the peer's: as on any network, such a packet is nothing. */
export function orUndefined(open: () => Buffer | undefined): Buffer | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}
