import type { SrtpPair } from '@sordino/interception';
import {
  createSrtpReceiver,
  createSrtpSender,
  DROPPED,
  SRTP_TRAILER_BYTES_MAX,
  type SrtpDrops,
  type SrtpKeys,
  type SrtpReceiver,
  type SrtpSender,
} from '@sordino/media';
import { createAes } from './aes.ts';
import { DATAGRAM_BYTES_MAX } from './rtp-header.ts';

const NO_DROPS: SrtpDrops = { malformed: 0, unauthentic: 0, replayed: 0 };

/**
 * SRTP of one side: in the clear until it has keys, and never again after that (rule 1). Each side has its own keys and suite,
 * so a bridge may join an encrypted leg with a plain one or with one of another suite.
 */
export class SideCrypto {
  #sender: SrtpSender | undefined;
  #receiver: SrtpReceiver | undefined;
  #local: SrtpKeys | undefined;
  #remote: SrtpKeys | undefined;
  /** What is sent is protected here: the packet given is the caller's, and has no room for a tag. */
  #out = new Uint8Array(0);
  #isDemanded = false;

  /** Nothing in the clear is sent or taken. */
  get isOn(): boolean {
    return this.#isDemanded || this.#sender !== undefined;
  }

  /** Packets can be sent: there are keys, or none are needed. */
  get isReady(): boolean {
    return !this.#isDemanded || this.#sender !== undefined;
  }

  /** A DTLS association begins: until its keys are here everything is dropped. Those of the one before are zeroed. */
  demand(): void {
    this.wipe();
    this.#isDemanded = true;
    this.#sender = undefined;
    this.#receiver = undefined;
    this.#local = undefined;
    this.#remote = undefined;
  }

  get drops(): SrtpDrops {
    return this.#receiver?.drops ?? NO_DROPS;
  }

  /**
   * The keys as now agreed; those that stay go on with all that is known of their streams. A peer that moved may be another
   * machine, which knows no rollover counters (RFC 4568 §7.1.4): with a new key ours begin again. The keys are kept as given,
   * and zeroed when others take their place.
   */
  setKeys({ local, remote }: SrtpPair, peerMoved: boolean): void {
    if (this.#out.length === 0) this.#out = new Uint8Array(DATAGRAM_BYTES_MAX + SRTP_TRAILER_BYTES_MAX);
    if (this.#receiver === undefined) this.#receiver = createSrtpReceiver(remote, createAes);
    else if (!isSameKey(this.#remote, remote)) this.#receiver.rekey(remote);
    if (!isSameKey(this.#local, local)) {
      if (this.#sender !== undefined && !peerMoved) this.#sender.rekey(local);
      else {
        this.#sender?.wipe();
        this.#sender = createSrtpSender(local, createAes);
      }
    }
    wipeUnlessSame(this.#local, local);
    wipeUnlessSame(this.#remote, remote);
    this.#local = local;
    this.#remote = remote;
  }

  /** What goes on the wire, valid until the next call; undefined: not to be sent. */
  protectRtp(packet: Uint8Array): Uint8Array | undefined {
    const sender = this.#sender;
    if (sender === undefined) return this.#isDemanded ? undefined : packet;
    return this.#copyOut(packet) ? this.#sent(sender.protectRtp(this.#out, packet.length)) : undefined;
  }

  protectRtcp(packet: Uint8Array): Uint8Array | undefined {
    const sender = this.#sender;
    if (sender === undefined) return this.#isDemanded ? undefined : packet;
    return this.#copyOut(packet) ? this.#sent(sender.protectRtcp(this.#out, packet.length)) : undefined;
  }

  /** The plain packet, in the bytes of the datagram; undefined: it is not the peer's, and was counted. */
  unprotectRtp(datagram: Uint8Array): Uint8Array | undefined {
    const receiver = this.#receiver;
    if (receiver === undefined) return this.#isDemanded ? undefined : datagram;
    return plain(datagram, receiver.unprotectRtp(datagram, datagram.length));
  }

  unprotectRtcp(datagram: Uint8Array): Uint8Array | undefined {
    const receiver = this.#receiver;
    if (receiver === undefined) return this.#isDemanded ? undefined : datagram;
    return plain(datagram, receiver.unprotectRtcp(datagram, datagram.length));
  }

  /** Zeroes every key. What is asked for afterwards is dropped, not sent in the clear. */
  wipe(): void {
    this.#sender?.wipe();
    this.#receiver?.wipe();
    wipeUnlessSame(this.#local, undefined);
    wipeUnlessSame(this.#remote, undefined);
    this.#out.fill(0);
  }

  #copyOut(packet: Uint8Array): boolean {
    if (packet.length > DATAGRAM_BYTES_MAX) return false;
    this.#out.set(packet);
    return true;
  }

  #sent(length: number): Uint8Array | undefined {
    return length === DROPPED ? undefined : this.#out.subarray(0, length);
  }
}

const plain = (datagram: Uint8Array, length: number): Uint8Array | undefined =>
  length === DROPPED ? undefined : datagram.subarray(0, length);

function wipeUnlessSame(before: SrtpKeys | undefined, next: SrtpKeys | undefined): void {
  if (before === undefined || before.masterKey === next?.masterKey) return;
  before.masterKey.fill(0);
  before.masterSalt.fill(0);
}

function isSameKey(one: SrtpKeys | undefined, other: SrtpKeys): boolean {
  return (
    one?.suite === other.suite &&
    isSameBytes(one.masterKey, other.masterKey) &&
    isSameBytes(one.masterSalt, other.masterSalt)
  );
}

const isSameBytes = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, at) => byte === other[at]);
