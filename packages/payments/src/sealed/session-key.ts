import { hpke } from './suite.ts';

/** A session's key pair: made at create, used for nothing else, and gone with the session. The private half never leaves memory. */
export interface SessionKey {
  /** 32 bytes, raw X25519. */
  readonly publicKey: Uint8Array;
  readonly privateKey: PrivateKey;
}

type PrivateKey = Awaited<ReturnType<typeof hpke.kem.generateKeyPair>>['privateKey'];

export async function makeSessionKey(): Promise<SessionKey> {
  const pair = await hpke.kem.generateKeyPair();
  return {
    publicKey: new Uint8Array(await hpke.kem.serializePublicKey(pair.publicKey)),
    privateKey: pair.privateKey,
  };
}
