import type { Fingerprint, SrtpPair } from '@sordino/interception';
import { DtlsClient, HashAlgorithm, SignatureAlgorithm, type SrtpProfile } from 'werift';
import { DtlsPeer } from '../dtls-peer.ts';
import { createIdentity, type DtlsIdentity } from '../identity.ts';
import type { RefusalReason } from '../server-handshake.ts';

/** What becomes of a datagram on its way: none, one or several others. */
export type Network = (datagram: Buffer, toServer: boolean) => readonly Buffer[];

export interface MeetingOptions {
  /** The certificate that the client presents. */
  readonly certificate?: DtlsIdentity;
  /** The key that it signs with: its certificate's, if it is honest. */
  readonly signsWith?: DtlsIdentity;
  /** What its SDP said. */
  readonly signalled?: readonly Fingerprint[];
  readonly profiles?: readonly SrtpProfile[];
  readonly extendedMasterSecret?: boolean;
  readonly network?: Network;
}

/** werift repeats a flight until the number of the current one is higher. */
const FLIGHTS_OVER = 99;

/** A transport as werift wants it; what it sends arrives in another turn, as from a socket. */
export interface WeriftTransport {
  readonly type: string;
  readonly address: { address: string; family: string; port: number };
  closed: boolean;
  onData(datagram: Buffer, from: readonly [string, number]): void;
  send(datagram: Buffer): Promise<void>;
  close(): Promise<void>;
}

export function transportTo(receiver: () => WeriftTransport['onData']): WeriftTransport {
  return {
    type: 'udp',
    address: { address: '', family: '', port: 0 },
    closed: false,
    onData: (_datagram: Buffer, _from: readonly [string, number]): void => {},
    send: (datagram: Buffer): Promise<void> => {
      setImmediate(() => receiver()(Buffer.from(datagram), ['', 0]));
      return Promise.resolve();
    },
    close: (): Promise<void> => Promise.resolve(),
  };
}

/** werift's own client and our server, joined by a network of function calls. */
export class Meeting implements Disposable {
  client: DtlsClient;
  readonly server: DtlsPeer;
  readonly keys: SrtpPair[] = [];
  readonly refusals: RefusalReason[] = [];
  /** All datagrams, in their order. */
  readonly sentToServer: Buffer[] = [];
  readonly sentToClient: Buffer[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #network: Network;
  #transport = transportTo(() => () => {});

  static async of(options: MeetingOptions = {}): Promise<Meeting> {
    const certificate = options.certificate ?? (await createIdentity());
    return new Meeting(await createIdentity(), certificate, options);
  }

  private constructor(server: DtlsIdentity, certificate: DtlsIdentity, options: MeetingOptions) {
    this.#network = options.network ?? ((datagram) => [datagram]);
    this.server = new DtlsPeer({
      identity: server,
      fingerprints: options.signalled ?? [certificate.fingerprint],
      send: (datagram) => {
        this.sentToClient.push(datagram);
        this.#changed();
        for (const one of this.#network(datagram, false))
          setImmediate(() => this.#transport.onData(Buffer.from(one), ['', 0]));
      },
      connected: (keys) => {
        this.keys.push(keys);
        this.#changed();
      },
      refused: (reason) => {
        this.refusals.push(reason);
        this.#changed();
      },
    });
    this.client = this.#clientOf(certificate, options.signsWith ?? certificate, options);
  }

  /** Another client at the same address as the one before. */
  anotherClient(identity: DtlsIdentity): void {
    this.client.dtls.flight = FLIGHTS_OVER;
    this.client = this.#clientOf(identity, identity, {});
  }

  #clientOf(certificate: DtlsIdentity, signsWith: DtlsIdentity, options: MeetingOptions): DtlsClient {
    this.#transport = transportTo(() => (datagram) => this.toServer(datagram));
    const client = new DtlsClient({
      transport: this.#transport,
      cert: certificate.certificatePem,
      key: signsWith.keyPem,
      signatureHash: { hash: HashAlgorithm.sha256_4, signature: SignatureAlgorithm.ecdsa_3 },
      srtpProfiles: [...(options.profiles ?? [7, 1])],
      extendedMasterSecret: options.extendedMasterSecret ?? true,
    });
    client.onError.subscribe(() => {});
    return client;
  }

  toServer(datagram: Buffer): void {
    this.sentToServer.push(datagram);
    for (const one of this.#network(datagram, true))
      setImmediate(() => this.server.receive(Buffer.from(one)));
  }

  async until(holds: () => boolean): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve) => {
      const watch = (): void => {
        if (!holds()) return;
        this.#watchers.delete(watch);
        resolve();
      };
      this.#watchers.add(watch);
    });
  }

  /** The handshake until one of the two ends that it can have. */
  async shakeHands(): Promise<'connected' | RefusalReason> {
    void this.client.connect().catch(() => {});
    await this.until(() => this.keys.length + this.refusals.length > 0);
    return this.refusals.at(-1) ?? 'connected';
  }

  [Symbol.dispose](): void {
    this.server.wipe();
    // Its timers would go on repeating its flights.
    this.client.dtls.flight = FLIGHTS_OVER;
  }

  #changed(): void {
    for (const watch of this.#watchers) watch();
  }
}
