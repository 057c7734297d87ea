import type { HostPort, LocalDtls, MediaDescription, SrtpPair } from '@sordino/interception';
import type { DtlsClient } from 'werift';
import {
  type ClientOptions,
  dtlsClient,
  silence,
  transportTo,
} from '../handshakes/test-support/dtls-client.ts';
import { isRtcp, kindOf } from '../worker/dtls/demux.ts';
import { check } from '../worker/dtls/test-support/checks.ts';
import type { TestPhone } from './phone.ts';
import { weriftSrtp } from './phone-srtp.ts';

/** How this phone calls itself in its checks (`checks.ts`). */
const UFRAG = 'peer';

export interface DtlsPhoneOptions extends ClientOptions {
  readonly withIce?: boolean;
}

/** Makes a phone one with DTLS-SRTP: the client of the handshake is werift's, and so is its SRTP. */
export class DtlsPhone implements Disposable {
  readonly #phone: TestPhone;
  readonly #options: DtlsPhoneOptions;
  readonly #transport;
  readonly #client: DtlsClient;
  /** Success responses to our checks. */
  answers = 0;

  constructor(phone: TestPhone, to: HostPort, options: DtlsPhoneOptions) {
    this.#phone = phone;
    this.#options = options;
    this.#transport = transportTo(() => (datagram) => phone.sendRaw(to, datagram));
    this.#client = dtlsClient(this.#transport, options);
    phone.takes = (raw) => this.#takes(raw);
  }

  /** As SDP would have said it. */
  describe(changes: Partial<MediaDescription> = {}): MediaDescription {
    const iceUfrag = this.#options.withIce === false ? undefined : UFRAG;
    const unknown = { host: '0.0.0.0', port: 9 };
    return this.#phone.describe({
      rtcp: this.#phone.rtp,
      ...(iceUfrag === undefined ? {} : { rtp: unknown, rtcp: unknown }),
      dtls: { fingerprints: [this.#options.certificate.fingerprint], iceUfrag },
      ...changes,
    });
  }

  check(to: HostPort, { ice }: LocalDtls): void {
    this.#phone.sendRaw(to, check(ice, { nominates: true }));
  }

  /** Resolves when the phone has its keys. */
  async shakeHands(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#client.onConnect.once(() => resolve());
      this.beginHandshake();
    });
    const keys: Record<'localKey' | 'localSalt' | 'remoteKey' | 'remoteSalt', Buffer> =
      this.#client.extractSessionKeys(16, 12);
    const suite = 'AEAD_AES_128_GCM';
    // `weriftSrtp` takes the pair as the relay has it.
    const pair: SrtpPair = {
      local: { suite, masterKey: keys.remoteKey, masterSalt: keys.remoteSalt },
      remote: { suite, masterKey: keys.localKey, masterSalt: keys.localSalt },
    };
    this.#phone.srtp = weriftSrtp(pair);
  }

  beginHandshake(): void {
    void this.#client.connect().catch(() => {});
  }

  [Symbol.dispose](): void {
    silence(this.#client);
  }

  #takes(raw: Buffer): boolean {
    const kind = kindOf(raw);
    if (kind === 'dtls') this.#transport.onData(raw, ['', 0]);
    if (kind === 'stun' && raw.readUInt16BE(0) === 0x0101) this.answers += 1;
    return kind !== 'media' || isRtcp(raw);
  }
}
