import type { IceCredentials, PeerDtls } from '@sordino/interception';
import { textOf } from '../../handshakes/fingerprint.ts';
import { isSame, type PeerAddress } from '../peer-gate.ts';
import { DATAGRAM_BYTES_MAX } from '../rtp-header.ts';
import { kindOf } from './demux.ts';
import { IceLite } from './ice-lite.ts';

/**
 * DTLS datagrams of one association that go on to the handshake thread. A handshake has about a dozen, ten times as many
 * with small pieces and every one repeated.
 */
const HANDSHAKE_DATAGRAMS_MAX = 200;

export interface DtlsPortParts {
  readonly ice: IceCredentials;
  readonly reply: (datagram: Uint8Array, to: PeerAddress) => void;
  /** A DTLS datagram of the peer. A copy. */
  readonly handshake: (datagram: Uint8Array) => void;
  /** The peer's media goes to another address from now on. */
  readonly moved: (address: PeerAddress) => void;
}

/**
 * What beside media comes to the port of a leg with DTLS-SRTP: checks are answered here, handshakes are handed on if they are
 * the peer's. Where the peer uses ICE, a check says where it is; else its SDP does.
 */
export class DtlsPort {
  readonly #parts: DtlsPortParts;
  readonly #ice: IceLite;
  #peer: PeerDtls | undefined;
  #address: PeerAddress | undefined;
  #handedOn = 0;
  #refused = 0;
  #hasConsent = false;

  constructor(parts: DtlsPortParts) {
    this.#parts = parts;
    this.#ice = new IceLite(parts.ice);
  }

  /** Where the peer is; undefined: not known yet. */
  get address(): PeerAddress | undefined {
    return this.#address;
  }

  /** Datagrams that were neither media nor of the peer. */
  get refused(): number {
    return this.#refused + this.#ice.refused;
  }

  /** The peer may be sent media. Without ICE its signalling is all the consent there is, as on any leg. */
  get maySend(): boolean {
    return this.#peer?.iceUfrag === undefined || this.#hasConsent;
  }

  /** `signalled`: the address in its SDP. True: another association than before (RFC 8842 §3.1), whose keys are not here yet. */
  setPeer(peer: PeerDtls, signalled: PeerAddress | undefined): boolean {
    const isNew = this.#peer === undefined || textOf(this.#peer.fingerprints) !== textOf(peer.fingerprints);
    this.#peer = peer;
    if (isNew) this.#handedOn = 0;
    if (peer.iceUfrag === undefined) this.#address = signalled;
    else {
      this.#ice.setRemoteUfrag(peer.iceUfrag);
      this.#address = this.#ice.selected;
    }
    return isNew;
  }

  /** False: it looks like media, which is not for us. Never throws. */
  takes(datagram: Uint8Array, from: PeerAddress, nowMs: number): boolean {
    switch (kindOf(datagram)) {
      case 'media':
        return false;
      case 'stun':
        this.#checked(datagram, from, nowMs);
        return true;
      case 'dtls':
        this.#handshake(datagram, from);
        return true;
      case 'unknown':
        this.#refused += 1;
        return true;
    }
  }

  /** Of the handshake thread, to the peer. */
  send(datagram: Uint8Array): void {
    if (this.#address !== undefined) this.#parts.reply(datagram, this.#address);
  }

  tick(nowMs: number): void {
    this.#hasConsent = this.#ice.hasConsent(nowMs);
  }

  #checked(datagram: Uint8Array, from: PeerAddress, nowMs: number): void {
    const { reply, selected } = this.#ice.check(datagram, from, nowMs);
    if (reply === undefined) return;
    this.#hasConsent = this.#ice.hasConsent(nowMs);
    this.#parts.reply(reply, from);
    if (selected === undefined || this.#peer?.iceUfrag === undefined) return;
    this.#address = selected;
    this.#parts.moved(selected);
  }

  #handshake(datagram: Uint8Array, from: PeerAddress): void {
    const isOfPeer = this.#peer !== undefined && this.#address !== undefined && isSame(this.#address, from);
    if (!isOfPeer || datagram.length > DATAGRAM_BYTES_MAX || this.#handedOn >= HANDSHAKE_DATAGRAMS_MAX) {
      this.#refused += 1;
      return;
    }
    this.#handedOn += 1;
    this.#parts.handshake(Uint8Array.from(datagram));
  }
}
