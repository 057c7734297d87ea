import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import {
  type LeakSign,
  type LegQuality,
  type LogFields,
  type OneWay,
  SEALED_KEY_INFO,
  type SealedKey,
  type SessionId,
  sealedKeyAad,
  silentLog,
} from '@sordino/core';
import type {
  BridgeSide,
  HandshakeRefusal,
  MediaBridge,
  MediaBridgeHandlers,
  OpenBridge,
  PlayOutcome,
} from '@sordino/interception';
import { openMediaRelay, type ThreadedMediaRelay } from '../media-relay.ts';
import type { MediaRelayOptions } from '../options.ts';

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

/** What the handlers of one bridge were told, and the waiting for it. */
export class Ear implements MediaBridgeHandlers {
  readonly told: string[] = [];
  readonly keys: SealedKey[] = [];
  readonly stalls: { side: BridgeSide; silentMs: number }[] = [];
  readonly samples: { side: BridgeSide; sample: LegQuality }[] = [];
  readonly #watchers = new Set<() => void>();

  mediaStarted(side: BridgeSide): void {
    this.#tell(`started ${side}`);
  }
  cleanAudioFlowing(): void {
    this.#tell('clean audio flowing');
  }
  mediaStalled(side: BridgeSide, silentMs: number): void {
    this.stalls.push({ side, silentMs });
    this.#tell(`stalled ${side}`);
  }
  mediaResumed(side: BridgeSide): void {
    this.#tell(`resumed ${side}`);
  }
  mediaQuality(side: BridgeSide, sample: LegQuality): void {
    this.samples.push({ side, sample });
    this.#tell(`quality ${side}`);
  }
  playEnded(side: BridgeSide, prompt: string, outcome: PlayOutcome): void {
    this.#tell(`${outcome} ${prompt} to ${side}`);
  }
  oneWay(side: BridgeSide, oneWay: OneWay | null): void {
    this.#tell(`one way ${side}: ${oneWay ?? 'over'}`);
  }
  keySealed(key: SealedKey): void {
    this.keys.push(key);
    this.#tell('key sealed');
  }
  transportUnexpected(transport: 'rfc4733' | 'inband'): void {
    this.#tell(`unexpected ${transport}`);
  }
  shortKey(): void {
    this.#tell('short key');
  }
  leakSuspected(sign: LeakSign): void {
    this.#tell(`leak suspected ${sign}`);
  }
  handshakeRefused(side: BridgeSide, reason: HandshakeRefusal): void {
    this.#tell(`handshake refused ${side}: ${reason}`);
  }
  workerLost(): void {
    this.#tell('worker lost');
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

  heard(what: string): Promise<void> {
    return this.until(() => this.told.includes(what));
  }

  #tell(what: string): void {
    this.told.push(what);
    for (const watch of this.#watchers) watch();
  }
}

/** A session's key pair: the payments process of the scene. */
export interface Vault {
  readonly publicKey: Uint8Array;
  /** The RFC 4733 event code that an envelope holds. Rejects when it was not sealed for this place. */
  open(key: SealedKey): Promise<number>;
}

export async function makeVault(): Promise<Vault> {
  const pair = await suite.kem.generateKeyPair();
  const publicKey = new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey));
  const exact = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;
  return {
    publicKey,
    open: async (key) => {
      const opened = await suite.open(
        {
          recipientKey: pair.privateKey,
          enc: exact(key.encapsulated),
          info: exact(new TextEncoder().encode(SEALED_KEY_INFO)),
        },
        exact(key.ciphertext),
        exact(sealedKeyAad(key.session, key.seq)),
      );
      const bytes = new Uint8Array(opened);
      if (bytes.length !== 256 || bytes.subarray(1).some((byte) => byte !== 0))
        throw new Error(`the plaintext has ${bytes.length} bytes or is not padded with zeros`);
      return bytes[0] ?? -1;
    },
  };
}

export const testSession = 'ses_0000000000000000000000test' as SessionId;

export function bridgeRequest(vault: Vault, changes: Partial<OpenBridge> = {}): OpenBridge {
  return {
    session: testSession,
    sealTo: vault.publicKey,
    mask: { style: 'silence', hold: 'per_key' },
    firstKeySeq: 0,
    ...changes,
  };
}

/** A relay of one worker on loopback. */
export function testRelay(changes: Partial<MediaRelayOptions> = {}): Promise<ThreadedMediaRelay> {
  return openMediaRelay({
    workers: 1,
    host: '127.0.0.1',
    ports: { min: 0, max: 0 },
    log: silentLog,
    ...changes,
  });
}

export interface OpenedScene {
  readonly bridge: MediaBridge;
  readonly ear: Ear;
  readonly vault: Vault;
}

export async function openBridgeIn(
  relay: ThreadedMediaRelay,
  changes: Partial<OpenBridge> = {},
): Promise<OpenedScene> {
  const [vault, ear] = [await makeVault(), new Ear()];
  const opened = await relay.open(bridgeRequest(vault, changes), ear);
  if (!opened.ok) throw new Error(`the bridge was refused: ${opened.problem}`);
  return { bridge: opened.value, ear, vault };
}

/** Keeps what was logged, as text. */
export function recordingLog(lines: string[]): MediaRelayOptions['log'] {
  const write =
    (level: string) =>
    (message: string, fields?: LogFields): void => {
      lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
