import type { Fingerprint } from '@sordino/interception';
import { type DtlsClient, DtlsServer, HashAlgorithm, SignatureAlgorithm } from 'werift';
import { fingerprintOf } from '../fingerprint.ts';
import type { DtlsIdentity } from '../identity.ts';
import { dtlsClient, silence, transportTo } from './dtls-client.ts';

/** RFC 5764 §4.1.2, RFC 7714 §14.2: octets of salt by the number of the SRTP profile. */
const SALT_BYTES: Readonly<Record<number, number>> = { 1: 14, 7: 12 };
const KEY_BYTES = 16;

/** What an association came to, in the words of werift's SRTP. */
export interface DtlsOutcome {
  readonly profile: 1 | 7;
  readonly keys: {
    readonly localMasterKey: Buffer;
    readonly localMasterSalt: Buffer;
    readonly remoteMasterKey: Buffer;
    readonly remoteMasterSalt: Buffer;
  };
  /** Of the certificate that the peer showed. Whether it is the right one is the caller's to say: werift does not look. */
  readonly peer: Fingerprint | undefined;
}

export interface DtlsEndParts {
  readonly role: 'client' | 'server';
  readonly identity: DtlsIdentity;
  /** The key that it signs with. Default: its certificate's, for it is honest. */
  readonly signsWith?: DtlsIdentity | undefined;
  send(datagram: Buffer): void;
  connected(outcome: DtlsOutcome): void;
}

/** One end of one association of the world around us, by werift alone: either role, and nothing of ours in front of it. */
export class DtlsEnd {
  readonly #socket: DtlsClient | DtlsServer;
  readonly #transport;

  constructor({ role, identity, signsWith = identity, send, connected }: DtlsEndParts) {
    this.#transport = transportTo(() => (datagram) => send(datagram));
    const client = role === 'client' && dtlsClient(this.#transport, { certificate: identity, signsWith });
    this.#socket =
      client ||
      new DtlsServer({
        transport: this.#transport,
        cert: identity.certificatePem,
        key: signsWith.keyPem,
        signatureHash: { hash: HashAlgorithm.sha256_4, signature: SignatureAlgorithm.ecdsa_3 },
        srtpProfiles: [7, 1],
        certificateRequest: true,
        extendedMasterSecret: true,
      });
    this.#socket.onError.subscribe(() => {});
    this.#socket.onConnect.once(() => connected(this.#outcome()));
    if (client) void client.connect().catch(() => {});
  }

  receive(datagram: Buffer): void {
    this.#transport.onData(datagram, ['', 0]);
  }

  /** It is nobody's any more: nothing is repeated. */
  [Symbol.dispose](): void {
    silence(this.#socket);
  }

  #outcome(): DtlsOutcome {
    const profile = this.#socket.srtp.srtpProfile === 7 ? 7 : 1;
    const keys: Record<'localKey' | 'localSalt' | 'remoteKey' | 'remoteSalt', Buffer> =
      this.#socket.extractSessionKeys(KEY_BYTES, SALT_BYTES[profile] ?? 0);
    const { remoteCertificate } = this.#socket;
    return {
      profile,
      keys: {
        localMasterKey: keys.localKey,
        localMasterSalt: keys.localSalt,
        remoteMasterKey: keys.remoteKey,
        remoteMasterSalt: keys.remoteSalt,
      },
      peer: remoteCertificate && fingerprintOf(remoteCertificate),
    };
  }
}
