import { describe, expect, it } from '@jest/globals';
import { SEALED_PLAINTEXT_BYTES, type SealedKey } from '@sordino/core';
import { makeVault, testSession } from '../test-support/scene.ts';
import { KeySealer } from './key-sealer.ts';

async function sealer(firstSeq = 0) {
  const [vault, sealed, failed] = [await makeVault(), [] as SealedKey[], [] as number[]];
  const made = await KeySealer.create({
    session: testSession,
    publicKey: vault.publicKey,
    firstSeq,
    sealed: (key) => sealed.push(key),
    failed: (seq) => failed.push(seq),
  });
  return { sealer: made, vault, sealed, failed };
}

describe('sealing key presses', () => {
  it('gives every press its place and opens in the vault of the session only', async () => {
    const { sealer: keys, vault, sealed } = await sealer(7);
    const codes = Array.from({ length: 16 }, (_, code) => code);
    for (const code of codes) keys.seal(code, 'rfc4733', 1_000 + code);
    await keys.drained();
    expect(sealed.map(({ seq }) => seq)).toEqual(codes.map((code) => code + 7));
    expect(await Promise.all(sealed.map((key) => vault.open(key)))).toEqual(codes);
    expect(sealed[3]).toMatchObject({ session: testSession, transport: 'rfc4733', at_ms: 1_003 });
    expect(keys.count).toBe(16);
    const [first] = sealed;
    if (first === undefined) throw new Error('nothing was sealed');
    await expect((await makeVault()).open(first)).rejects.toThrow();
  });

  it('makes envelopes that fit one place of one session', async () => {
    const { sealer: keys, vault, sealed } = await sealer();
    keys.seal(4, 'inband', 0);
    await keys.drained();
    const [key] = sealed;
    if (key === undefined) throw new Error('nothing was sealed');
    await expect(vault.open({ ...key, seq: 1 })).rejects.toThrow();
  });

  it('never makes the same envelope twice, and all of one size', async () => {
    const { sealer: keys, sealed } = await sealer();
    for (let press = 0; press < 5; press += 1) keys.seal(press === 4 ? 9 : 4, 'inband', 0);
    await keys.drained();
    expect(new Set(sealed.map(({ ciphertext }) => Buffer.from(ciphertext).toString('hex'))).size).toBe(5);
    expect(new Set(sealed.map(({ ciphertext }) => ciphertext.length))).toEqual(
      new Set([SEALED_PLAINTEXT_BYTES + 16]),
    );
  });

  it('zeroes the plaintext when the envelope exists', async () => {
    const { sealer: keys } = await sealer();
    const plaintext = new ArrayBuffer(SEALED_PLAINTEXT_BYTES);
    new Uint8Array(plaintext)[0] = 5;
    keys.sealBuffer(plaintext, 'info', 0);
    await keys.drained();
    expect(new Uint8Array(plaintext).every((byte) => byte === 0)).toBe(true);
  });

  it('zeroes the plaintext and goes on when a press cannot be sealed', async () => {
    const failed: number[] = [];
    // RFC 7748 §6.1: an all-zero public key gives an all-zero secret, which HPKE refuses.
    const keys = await KeySealer.create({
      session: testSession,
      publicKey: new Uint8Array(32),
      firstSeq: 0,
      sealed: () => {},
      failed: (seq) => failed.push(seq),
    });
    const plaintext = new ArrayBuffer(SEALED_PLAINTEXT_BYTES);
    new Uint8Array(plaintext)[0] = 5;
    keys.sealBuffer(plaintext, 'info', 0);
    keys.seal(1, 'inband', 0);
    await keys.drained();
    expect(failed).toEqual([0, 1]);
    expect(new Uint8Array(plaintext).every((byte) => byte === 0)).toBe(true);
  });

  it.each([0, 31, 33])('refuses a public key of %d bytes', async (length) => {
    const making = KeySealer.create({
      session: testSession,
      publicKey: new Uint8Array(length),
      firstSeq: 0,
      sealed: () => {},
      failed: () => {},
    });
    await expect(making).rejects.toThrow();
  });
});
