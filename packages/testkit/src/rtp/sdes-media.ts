import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { RtpPacket, SrtcpSession, SrtpSession } from 'werift-rtp';

/** The one suite that the simulated world speaks; everybody has it. */
export const SDES_SUITE = 'AES_CM_128_HMAC_SHA1_80';
/** RFC 5764 §4.1.2: werift's number for it. */
const PROFILE = 0x0001;
const KEY_BYTES = 16;
const MASTER_BYTES = 30;

/** What an `a=crypto` says of the one who wrote it. */
export interface SdpCrypto {
  readonly tag: number;
  /** Key and salt, base64. */
  readonly key: string;
}

/**
 * SRTP of one port pair of the outside world, by werift: a second opinion on the product's own. We keep our key for good, so that
 * whoever is told of it later can listen; the peer's follows its SDP.
 */
export class SdesMedia {
  readonly #key = randomBytes(MASTER_BYTES);
  readonly #sender = sessionsWith(this.#key, this.#key);
  #receiver: ReturnType<typeof sessionsWith> | undefined;
  /** Under the key before: the old path trickles on until the new one is up. */
  #before: ReturnType<typeof sessionsWith> | undefined;
  #peerKey: string | undefined;
  #tag = 1;

  constructor({ rtp, rtcp }: { readonly rtp: Socket; readonly rtcp: Socket }) {
    protect(
      rtp,
      (packet) => {
        const { header, payload } = RtpPacket.deSerialize(packet);
        return this.#sender.rtp.encrypt(payload, header);
      },
      (packet) => this.#open('rtp', packet),
    );
    protect(
      rtcp,
      (packet) => this.#sender.rtcp.encrypt(packet),
      (packet) => this.#open('rtcp', packet),
    );
  }

  /** RFC 4568 §5.1.2: an answer has the tag of the line it takes. */
  describe(): SdpCrypto {
    return { tag: this.#tag, key: this.#key.toString('base64') };
  }

  /** What comes in now is the peer's. A peer that says the same again goes on. */
  agree({ tag, key }: SdpCrypto): void {
    this.#tag = tag;
    if (key === this.#peerKey) return;
    this.#peerKey = key;
    this.#before = this.#receiver;
    this.#receiver = sessionsWith(this.#key, Buffer.from(key, 'base64'));
  }

  #open(kind: 'rtp' | 'rtcp', packet: Buffer): Buffer | undefined {
    const [now, before] = [this.#receiver, this.#before];
    return (
      orUndefined(() => now?.[kind].decrypt(packet)) ?? orUndefined(() => before?.[kind].decrypt(packet))
    );
  }
}

function sessionsWith(local: Buffer, remote: Buffer): { rtp: SrtpSession; rtcp: SrtcpSession } {
  const keys = {
    localMasterKey: local.subarray(0, KEY_BYTES),
    localMasterSalt: local.subarray(KEY_BYTES),
    remoteMasterKey: remote.subarray(0, KEY_BYTES),
    remoteMasterSalt: remote.subarray(KEY_BYTES),
  };
  return {
    rtp: new SrtpSession({ profile: PROFILE, keys }),
    rtcp: new SrtcpSession({ profile: PROFILE, keys }),
  };
}

/** Everything that the socket sends and hands out goes through here, so that its owner need not know. */
function protect(
  socket: Socket,
  seal: (packet: Buffer) => Buffer,
  open: (packet: Buffer) => Buffer | undefined,
): void {
  const send = socket.send.bind(socket) as (packet: Uint8Array, ...rest: unknown[]) => void;
  const emit = socket.emit.bind(socket) as (name: string, ...values: unknown[]) => boolean;
  Object.assign(socket, {
    send: (packet: Uint8Array, ...rest: unknown[]) => send(seal(Buffer.from(packet)), ...rest),
    emit: (name: string, ...values: unknown[]): boolean => {
      if (name !== 'message') return emit(name, ...values);
      const plain = open(values[0] as Buffer);
      return plain !== undefined && emit(name, plain, ...values.slice(1));
    },
  });
}

/** Under a key that is not the peer's: as on any network, such a packet is nothing. */
function orUndefined(open: () => Buffer | undefined): Buffer | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}
