import type { X509Certificate } from 'node:crypto';
import type { Fingerprint, HandshakeRefusal, SrtpPair } from '@sordino/interception';
import {
  DtlsServer,
  HashAlgorithm,
  ProtectionProfileAeadAes128Gcm,
  ProtectionProfileAes128CmHmacSha1_80,
  SignatureAlgorithm,
} from 'werift';
import { type ClientHello, withoutCookie } from './client-hello.ts';
import { isContributory, isFinished, provesPossession, readCertificate } from './client-proof.ts';
import { isOneOf } from './fingerprint.ts';
import { type HandshakeEvent, type HandshakeState, nextHandshake, plainEventOf } from './handshake-state.ts';
import type { DtlsIdentity } from './identity.ts';
import { Reassembly } from './reassembly.ts';
import {
  DTLS_CONTENT,
  type DtlsRecord,
  type HandshakeMessage,
  readFragments,
  readRecords,
  writeHandshakeRecord,
  writeMessage,
} from './records.ts';

export interface HandshakeParts {
  readonly identity: DtlsIdentity;
  readonly fingerprints: readonly Fingerprint[];
  readonly send: (datagram: Buffer) => void;
  /** RFC 5764 §4.2. */
  readonly connected: (keys: SrtpPair) => void;
  readonly refused: (reason: HandshakeRefusal) => void;
}

/** RFC 5764 §4.1.2, RFC 7714 §14.2: best first. werift has these two. */
const PROFILES = [ProtectionProfileAeadAes128Gcm, ProtectionProfileAes128CmHmacSha1_80];
const KEY_BYTES = 16;
const SUITES = {
  [ProtectionProfileAeadAes128Gcm]: { suite: 'AEAD_AES_128_GCM', saltBytes: 12 },
  [ProtectionProfileAes128CmHmacSha1_80]: { suite: 'AES_CM_128_HMAC_SHA1_80', saltBytes: 14 },
} as const;

const FINISHED = 20;
const HELLO_VERIFY_REQUEST = 3;
/** RFC 6347 §4.2.4: the second hello is message 1 and the client's next message is 2, after our flight of five. */
const FIRST_AFTER_HELLO = 2;
const SERVER_FLIGHT_MESSAGES = 5;
/** werift repeats its flight until its number is this one. */
const LAST_FLIGHT = 6;

/** RFC 6347 §4.2.4: our last flight is sent again when the client repeats its own, but not for ever. */
const REPEATS_MAX = 16;

/**
 * One handshake as the server, from a hello with our cookie to keys. The messages and the secrets are werift's; who may go on
 * is decided here, in front of it. werift sees each message whole, once, in its place, and only after it was found good; no
 * alert, no application data, no second hello ever reaches it. What werift does not check, `client-proof.ts` does.
 */
export class ServerHandshake {
  readonly #parts: HandshakeParts;
  readonly #werift: DtlsServer;
  /** How werift takes a datagram in; it hangs itself in here. */
  readonly #transport = {
    type: 'udp',
    address: { address: '', family: '', port: 0 },
    closed: false,
    onData: (_datagram: Buffer, _from: readonly [string, number]): void => {},
    send: (datagram: Buffer): Promise<void> => {
      this.#sending(datagram);
      return Promise.resolve();
    },
    close: (): Promise<void> => Promise.resolve(),
  };
  #isPassing = false;
  readonly #reassembly = new Reassembly(FIRST_AFTER_HELLO);
  /** All messages that count in the hashes, as they were on the wire (RFC 6347 §4.2.6). */
  readonly #transcript: Buffer[] = [];
  #serverMessages = 0;
  #state: HandshakeState = 'hello';
  #certificate: X509Certificate | undefined;
  #lastFlight: Buffer[] = [];
  #repeats = 0;
  #isWiped = false;

  constructor(parts: HandshakeParts) {
    this.#parts = parts;
    this.#werift = new DtlsServer({
      transport: this.#transport,
      cert: parts.identity.certificatePem,
      key: parts.identity.keyPem,
      signatureHash: { hash: HashAlgorithm.sha256_4, signature: SignatureAlgorithm.ecdsa_3 },
      srtpProfiles: [...PROFILES],
      certificateRequest: true,
      extendedMasterSecret: true,
    });
    const proceed = this.#werift.onHandleHandshakes;
    this.#werift.onHandleHandshakes = (messages) => {
      const [only, ...more] = messages;
      // In the clear only `#pass` gives it messages. What else comes out of werift's record layer was encrypted.
      if (this.#isPassing) return proceed(messages);
      if (only === undefined || more.length > 0 || only.msg_type !== FINISHED) return Promise.resolve();
      return this.#finished(only.fragment, () => proceed(messages));
    };
    this.#werift.onError.subscribe(() => this.#refuse('message'));
  }

  get state(): HandshakeState {
    return this.#state;
  }

  /** The hello that brought our cookie, in the record with this number. */
  start(hello: ClientHello, recordSequence: number): void {
    this.#advance('client_hello');
    this.#werift.dtls.cookie = Buffer.from(hello.cookie);
    // werift chooses by the first hello and answers it; ours was answered without it, from nothing but the hello itself.
    this.#pass(withoutCookie(hello));
    const { cipher, srtp, dtls } = this.#werift;
    // RFC 7627 §4: without the extended master secret another handshake can be made to have the same keys.
    if (
      cipher.cipherSuite === undefined ||
      srtp.srtpProfile === undefined ||
      !dtls.remoteExtendedMasterSecret
    ) {
      this.#refuse('hello');
      return;
    }
    // RFC 6347 §4.2.1: beyond every number that our answers to the first hello had, or the client takes these for repeats.
    dtls.recordSequenceNumber = recordSequence;
    this.#transcript.push(writeMessage(hello.message));
    this.#pass(hello.message);
    if (this.#serverMessages !== SERVER_FLIGHT_MESSAGES) this.#refuse('hello');
  }

  /** A datagram from the peer's address. Never throws. */
  receive(datagram: Buffer): void {
    for (const record of readRecords(datagram)) {
      if (record.contentType !== DTLS_CONTENT.handshake) continue;
      if (this.#state === 'refused') return;
      if (this.#state === 'connected') this.#repeat(record);
      else if (record.epoch === 0) this.#plain(record);
      else if (record.epoch === 1 && this.#state === 'finished')
        this.#transport.onData(Buffer.from(record.bytes), ['', 0]);
    }
  }

  /** Nothing is sent or told any more. */
  wipe(): void {
    this.#isWiped = true;
    // Its timer would go on repeating our flight.
    this.#werift.dtls.flight = LAST_FLIGHT;
    this.#lastFlight = [];
    this.#werift.cipher.masterSecret?.fill(0);
  }

  #plain(record: DtlsRecord): void {
    for (const fragment of readFragments(record.fragment)) {
      // A Finished in the clear is forged, and must not take the place of the real one.
      if (plainEventOf(fragment.type) === undefined) continue;
      for (const message of this.#reassembly.add(fragment)) {
        if (this.#state === 'refused') return;
        this.#message(message);
      }
    }
  }

  #message(message: HandshakeMessage): void {
    const event = plainEventOf(message.type);
    if (event === undefined || nextHandshake(this.#state, event) === undefined) {
      this.#refuse('message');
      return;
    }
    const reason = this.#fault(event, message.body);
    if (reason !== undefined) {
      this.#refuse(reason);
      return;
    }
    this.#advance(event);
    this.#transcript.push(writeMessage(message));
    this.#pass(message);
  }

  /** What is wrong with a message that has come in its place. */
  #fault(event: HandshakeEvent, body: Buffer): HandshakeRefusal | undefined {
    if (event === 'certificate') {
      this.#certificate = readCertificate(body);
      if (this.#certificate === undefined) return 'no_certificate';
      // RFC 5763 §5: what the peer signalled is all that we know of it.
      return isOneOf(this.#certificate.raw, this.#parts.fingerprints) ? undefined : 'fingerprint';
    }
    if (event === 'client_key_exchange') return isContributory(body) ? undefined : 'weak_key_exchange';
    const certificate = this.#certificate;
    if (event !== 'certificate_verify' || certificate === undefined) return 'message';
    return provesPossession(certificate, body, Buffer.concat(this.#transcript))
      ? undefined
      : 'certificate_verify';
  }

  async #finished(verifyData: Buffer, proceed: () => Promise<void>): Promise<void> {
    if (this.#state !== 'finished') return;
    const transcript = Buffer.concat(this.#transcript);
    if (!isFinished(verifyData, this.#werift.cipher.masterSecret, transcript)) {
      this.#refuse('finished');
      return;
    }
    this.#advance('finished');
    await proceed();
    if (this.#isWiped) return;
    const profile = this.#werift.srtp.srtpProfile ?? ProtectionProfileAes128CmHmacSha1_80;
    const { suite, saltBytes } = SUITES[profile];
    const keys: Record<'localKey' | 'localSalt' | 'remoteKey' | 'remoteSalt', Buffer> =
      this.#werift.extractSessionKeys(KEY_BYTES, saltBytes);
    this.#parts.connected({
      local: { suite, masterKey: own(keys.localKey), masterSalt: own(keys.localSalt) },
      remote: { suite, masterKey: own(keys.remoteKey), masterSalt: own(keys.remoteSalt) },
    });
    for (const secret of [...Object.values(keys), this.#werift.cipher.masterSecret]) secret.fill(0);
  }

  /** To werift, as a record of its own with one whole message. */
  #pass(message: HandshakeMessage): void {
    this.#isPassing = true;
    try {
      this.#transport.onData(writeHandshakeRecord(message, 0), ['', 0]);
    } finally {
      this.#isPassing = false;
    }
  }

  /** What werift sends: its five messages count in the hashes once, its last flight is kept. */
  #sending(datagram: Buffer): void {
    if (this.#isWiped || this.#state === 'refused') return;
    for (const record of readRecords(datagram)) {
      if (record.contentType !== DTLS_CONTENT.handshake || record.epoch !== 0) continue;
      for (const { type, messageSeq, body } of readFragments(record.fragment)) {
        if (type === HELLO_VERIFY_REQUEST) return;
        // The server's messages are 1 to 5, 0 was the HelloVerifyRequest.
        if (messageSeq !== this.#serverMessages + 1) continue;
        this.#serverMessages += 1;
        this.#transcript.push(writeMessage({ type, messageSeq, body }));
      }
    }
    if (this.#state === 'connected') this.#lastFlight.push(datagram);
    this.#parts.send(datagram);
  }

  /** The client repeats its last flight when it did not get ours. Nothing else is heard once we are connected. */
  #repeat(record: DtlsRecord): void {
    if (record.epoch !== 1 || this.#repeats >= REPEATS_MAX) return;
    this.#repeats += 1;
    for (const datagram of this.#lastFlight) this.#parts.send(datagram);
  }

  #advance(event: HandshakeEvent): void {
    this.#state = nextHandshake(this.#state, event) ?? 'refused';
  }

  #refuse(reason: HandshakeRefusal): void {
    if (this.#isWiped || nextHandshake(this.#state, 'failed') === undefined) return;
    this.#advance('failed');
    this.wipe();
    this.#parts.refused(reason);
  }
}

/** In memory of its own: a Buffer may share its memory with others, and takes it along to another thread. */
const own = (secret: Buffer): Uint8Array => Uint8Array.from(secret);
