import type { Fingerprint, HandshakeRefusal, SrtpPair } from '@sordino/interception';
import { DtlsClient, HashAlgorithm, SignatureAlgorithm, type SrtpProfile } from 'werift';
import { DtlsPeer } from '../dtls-peer.ts';
import { createIdentity, type DtlsIdentity } from '../identity.ts';

/** What becomes of a datagram on its way: none, one or several others. */
export type Network = (datagram: Buffer, toServer: boolean) => readonly Buffer[];

export interface MeetingOptions extends Partial<ClientOptions> {
  /** What its SDP said. */
  readonly signalled?: readonly Fingerprint[];
  readonly network?: Network;
}

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

export interface ClientOptions {
  readonly certificate: DtlsIdentity;
  /** The key that it signs with. Default: its certificate's, for it is honest. */
  readonly signsWith?: DtlsIdentity;
  readonly profiles?: readonly SrtpProfile[];
  readonly extendedMasterSecret?: boolean;
}

/** werift's client; what goes wrong with it shows on our side. */
export function dtlsClient(transport: WeriftTransport, options: ClientOptions): DtlsClient {
  const { certificate, signsWith = certificate, profiles = [7, 1], extendedMasterSecret = true } = options;
  const client = new DtlsClient({
    transport,
    cert: certificate.certificatePem,
    key: signsWith.keyPem,
    signatureHash: { hash: HashAlgorithm.sha256_4, signature: SignatureAlgorithm.ecdsa_3 },
    srtpProfiles: [...profiles],
    extendedMasterSecret,
  });
  client.onError.subscribe(() => {});
  return client;
}

/** Its timers repeat the last flight until the number of the current one is higher. */
export function silence(client: Pick<DtlsClient, 'dtls'>): void {
  client.dtls.flight = FLIGHTS_OVER;
}

/** werift's own client and our server, joined by a network of function calls. */
export class Meeting implements Disposable {
  client: DtlsClient;
  readonly server: DtlsPeer;
  readonly keys: SrtpPair[] = [];
  readonly refusals: HandshakeRefusal[] = [];
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
    silence(this.client);
    this.client = this.#clientOf(identity, identity, {});
  }

  #clientOf(certificate: DtlsIdentity, signsWith: DtlsIdentity, options: MeetingOptions): DtlsClient {
    this.#transport = transportTo(() => (datagram) => this.toServer(datagram));
    return dtlsClient(this.#transport, { ...options, certificate, signsWith });
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
  async shakeHands(): Promise<'connected' | HandshakeRefusal> {
    void this.client.connect().catch(() => {});
    await this.until(() => this.keys.length + this.refusals.length > 0);
    return this.refusals.at(-1) ?? 'connected';
  }

  [Symbol.dispose](): void {
    this.server.wipe();
    silence(this.client);
  }

  #changed(): void {
    for (const watch of this.#watchers) watch();
  }
}
