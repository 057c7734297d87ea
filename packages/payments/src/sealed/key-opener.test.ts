import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { SealedKey, SessionId } from '@sordino/core';
import { sealBytes, sealKey } from '../test-support/key-sealer.ts';
import { makeSessionKey } from '../test-support/session-key.ts';
import { KeyOpener } from './key-opener.ts';

const SESSION = 'ses_a' as SessionId;
const OTHER = 'ses_b' as SessionId;

async function aSession() {
  const key = await makeSessionKey();
  return { opener: new KeyOpener(SESSION, key), publicKey: key.publicKey };
}

const changed = (envelope: SealedKey, patch: Partial<SealedKey>): SealedKey => ({ ...envelope, ...patch });

function flip(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[3] = (copy[3] ?? 0) ^ 1;
  return copy;
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('opening sealed keys', () => {
  it('gives the keys in the order they were pressed', async () => {
    const { opener, publicKey } = await aSession();
    const keys: number[] = [];
    for (let seq = 0; seq < 16; seq += 1) {
      const opened = await opener.open(await sealKey(publicKey, SESSION, seq, seq));
      if (opened.ok) keys.push(opened.key);
    }
    expect(keys).toEqual(Array.from({ length: 16 }, (_, at) => at));
  });

  it('has a public key of 32 bytes that is never used twice', async () => {
    const [one, two] = [await makeSessionKey(), await makeSessionKey()];
    expect(one.publicKey.length).toBe(32);
    expect(one.publicKey).not.toEqual(two.publicKey);
  });

  it('refuses a replay and counts it', async () => {
    const { opener, publicKey } = await aSession();
    const first = await sealKey(publicKey, SESSION, 0, 4);
    await opener.open(first);
    expect(await opener.open(first)).toEqual({ ok: false, why: 'replayed' });
    expect(opener.refused).toEqual({ foreign: 0, replayed: 1, unreadable: 0 });
  });

  it('refuses a key that arrives after a later one, and reports the gap', async () => {
    const { opener, publicKey } = await aSession();
    const [first, second] = [
      await sealKey(publicKey, SESSION, 0, 4),
      await sealKey(publicKey, SESSION, 1, 2),
    ];
    expect(await opener.open(second)).toEqual({ ok: true, key: 2, lost: 1 });
    expect(await opener.open(first)).toEqual({ ok: false, why: 'replayed' });
  });

  it('refuses an envelope of another session, relabelled or not', async () => {
    const { opener, publicKey } = await aSession();
    const foreign = await sealKey(publicKey, OTHER, 0, 4);
    expect(await opener.open(foreign)).toEqual({ ok: false, why: 'foreign' });
    expect(await opener.open(changed(foreign, { session: SESSION }))).toEqual({
      ok: false,
      why: 'unreadable',
    });
  });

  it('refuses an envelope moved to another place: the place is sealed with it', async () => {
    const { opener, publicKey } = await aSession();
    const first = await sealKey(publicKey, SESSION, 0, 4);
    expect(await opener.open(changed(first, { seq: 1 }))).toEqual({ ok: false, why: 'unreadable' });
    expect(await opener.open(first)).toEqual({ ok: true, key: 4, lost: 0 });
  });

  it.each<[string, (envelope: SealedKey) => SealedKey]>([
    ['a changed ciphertext', (e) => changed(e, { ciphertext: flip(e.ciphertext) })],
    ['a changed encapsulation', (e) => changed(e, { encapsulated: flip(e.encapsulated) })],
    ['no ciphertext', (e) => changed(e, { ciphertext: new Uint8Array(0) })],
    ['no encapsulation', (e) => changed(e, { encapsulated: new Uint8Array(0) })],
    ['an all-zero encapsulation', (e) => changed(e, { encapsulated: new Uint8Array(32) })],
    ['a cut ciphertext', (e) => changed(e, { ciphertext: e.ciphertext.slice(0, 100) })],
  ])('refuses %s without losing its place', async (_, spoil) => {
    const { opener, publicKey } = await aSession();
    const envelope = await sealKey(publicKey, SESSION, 0, 7);
    expect(await opener.open(spoil(envelope))).toEqual({ ok: false, why: 'unreadable' });
    expect(await opener.open(envelope)).toEqual({ ok: true, key: 7, lost: 0 });
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses the sequence number %s', async (seq) => {
    const { opener, publicKey } = await aSession();
    const envelope = await sealKey(publicKey, SESSION, 0, 7);
    expect((await opener.open(changed(envelope, { seq }))).ok).toBe(false);
  });

  it.each([
    ['a short plaintext', new Uint8Array([4])],
    ['a key that does not exist', new Uint8Array(256).fill(16, 0, 1)],
  ])('refuses %s', async (_, plaintext) => {
    const { opener, publicKey } = await aSession();
    expect(await opener.open(await sealBytes(publicKey, SESSION, 0, plaintext))).toEqual({
      ok: false,
      why: 'unreadable',
    });
  });

  it('zeroes the plaintext after reading the key', async () => {
    const { opener, publicKey } = await aSession();
    const envelope = await sealKey(publicKey, SESSION, 0, 9);
    const decrypt = jest.spyOn(crypto.subtle, 'decrypt');
    await opener.open(envelope);
    const plaintexts = await Promise.all(decrypt.mock.results.map(({ value }) => value));
    expect(plaintexts).toHaveLength(1);
    for (const plaintext of plaintexts)
      expect([...new Uint8Array(plaintext as ArrayBuffer)]).toEqual(Array(256).fill(0));
  });

  it('opens nothing after it is destroyed', async () => {
    const { opener, publicKey } = await aSession();
    opener.destroy();
    expect(await opener.open(await sealKey(publicKey, SESSION, 0, 1))).toEqual({
      ok: false,
      why: 'unreadable',
    });
  });
});
