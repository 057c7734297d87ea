import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ApiKeyObject } from '@sordino/core';
import { FakeScheduler } from '@sordino/core/testing';
import { API_KEYS_PER_TENANT_MAX } from '../../limits.ts';
import { ApiKeys } from './api-keys.ts';
import { openFileKeyShelf } from './file-key-shelf.ts';
import type { ApiKeyRecord } from './key-record.ts';
import { memoryKeyShelf } from './key-shelf.ts';
import { hashCredential, isApiKey, makeApiKey } from './key-text.ts';

const DAY_MS = 86_400_000;
const random = (count: number) => crypto.getRandomValues(new Uint8Array(count));
const TENANT = { tenant: 'tnt_a', livemode: false };
const aRecord = (key: string, livemode: boolean, id = 'key_1'): ApiKeyRecord => ({
  id,
  sha256: hashCredential(key),
  tenant: 'tnt_a',
  livemode,
});

let clock: FakeScheduler;
let directory = '';
beforeEach(() => {
  clock = new FakeScheduler();
  directory = mkdtempSync(join(tmpdir(), 'sordino-keys-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const keysOf = (...records: ApiKeyRecord[]) => new ApiKeys(records, memoryKeyShelf(), clock, random);
const onDisk = (...records: ApiKeyRecord[]) =>
  new ApiKeys(records, openFileKeyShelf(directory), clock, random);

function made(outcome: ApiKeyObject | string): ApiKeyObject & { readonly key: string } {
  if (typeof outcome === 'string' || outcome.key === undefined) throw new Error(`no key: ${String(outcome)}`);
  return { ...outcome, key: outcome.key };
}
const aNewKey = (keys: ApiKeys) => made(keys.create(TENANT, { scopes: ['sessions:read'], expires: null }));

describe('an API key', () => {
  it('says its mode, is different each time and is found by its hash', () => {
    const texts = [makeApiKey(false, random), makeApiKey(true, random), makeApiKey(true, random)];
    expect(texts.map((key) => key.slice(0, 8))).toEqual(['sk_test_', 'sk_live_', 'sk_live_']);
    expect(new Set(texts).size).toBe(3);
    const known = keysOf(...texts.map((key, n) => aRecord(key, n > 0, `key_${n}`)));
    expect(texts.map((key) => known.find(key)?.id)).toEqual(['key_0', 'key_1', 'key_2']);
  });

  it('is told from a mistyped one by its checksum: each letter counts, and no two may change places', () => {
    const key = makeApiKey(false, random);
    expect(isApiKey(key)).toBe(true);
    const known = keysOf(aRecord(key, false));
    for (let place = 0; place < key.length; place += 1) {
      const other = key[place] === 'a' ? 'b' : 'a';
      const wrong = key.slice(0, place) + other + key.slice(place + 1);
      expect([wrong, isApiKey(wrong), known.find(wrong)]).toEqual([wrong, false, undefined]);
    }
    for (const wrong of [`${key}x`, key.slice(0, -1), key.toUpperCase(), '', hashCredential(key), ` ${key}`])
      expect([isApiKey(wrong), known.find(wrong)]).toEqual([false, undefined]);
  });

  it('never acts in a mode that its prefix does not say', () => {
    const key = makeApiKey(false, random);
    expect(keysOf(aRecord(key, true)).find(key)).toBeUndefined();
  });

  it.each(['', 'sk_test_x', 'AB'.repeat(32), 'ab'.repeat(31)])(
    'is refused in the configuration as %j instead of a hash',
    (sha256) => {
      const record = { id: 'key_1', sha256, tenant: 'tnt_a', livemode: false };
      expect(() => keysOf(record)).toThrow(/API key key_1: sha256 must be 64/);
    },
  );

  it('ends when the configuration says so', () => {
    const key = makeApiKey(false, random);
    const known = keysOf({ ...aRecord(key, false), expires: clock.wallMs() + 1_000 });
    expect(known.find(key)?.id).toBe('key_1');
    clock.advance(1_000);
    expect(known.find(key)).toBeUndefined();
  });
});

describe('a key that was made here', () => {
  it('works at once, is shown once, and only its hash is on disk', () => {
    const keys = onDisk();
    const { key, ...shown } = aNewKey(keys);
    expect(keys.find(key)?.id).toBe(shown.id);
    expect(shown).toMatchObject({
      status: 'active',
      source: 'api',
      ends_with: key.slice(-4),
      expires_at: null,
    });
    expect(keys.list(TENANT)).toEqual([{ ...shown, last_used: Math.floor(clock.wallMs() / 1_000) }]);
    keys.close();
    for (const name of readdirSync(directory)) {
      const text = readFileSync(join(directory, name), 'utf8');
      expect(text).not.toContain(key);
      expect(text).not.toContain(key.slice(8, 40));
      expect(statSync(join(directory, name)).mode & 0o077).toBe(0);
    }
  });

  it('survives a restart, with when it was last used', () => {
    const before = onDisk();
    const { key, id } = aNewKey(before);
    before.find(key);
    before.close();
    clock.advance(DAY_MS);
    const after = onDisk();
    expect(after.read(TENANT, id)?.last_used).toBe(Math.floor((clock.wallMs() - DAY_MS) / 1_000));
    expect(after.find(key)?.id).toBe(id);
  });

  it('is known to another process within a second, and so is its end', () => {
    const [service, command] = [onDisk(), onDisk()];
    const { key, id } = aNewKey(command);
    clock.advance(1_000);
    expect(service.find(key)?.id).toBe(id);
    command.revoke(TENANT, id);
    clock.advance(1_000);
    expect(service.find(key)).toBeUndefined();
    expect(service.read(TENANT, id)?.status).toBe('revoked');
  });

  it('gives way to a new one with the same rights: for a day both act, and never three', () => {
    const keys = onDisk();
    const old = made(keys.create(TENANT, { name: 'desk', scopes: ['sessions:read'], expires: null }));
    const fresh = made(keys.roll(TENANT, old.id));
    expect(fresh).toMatchObject({
      name: 'desk',
      scopes: ['sessions:read'],
      replaces: old.id,
      expires_at: null,
    });
    expect([keys.find(old.key)?.id, keys.find(fresh.key)?.id]).toEqual([old.id, fresh.id]);
    expect([keys.roll(TENANT, old.id), keys.roll(TENANT, fresh.id)]).toEqual([
      'api_key_in_rotation',
      'api_key_in_rotation',
    ]);
    clock.advance(DAY_MS);
    expect([keys.find(old.key), keys.find(fresh.key)?.id]).toEqual([undefined, fresh.id]);
    expect(made(keys.roll(TENANT, fresh.id, 0)).replaces).toBe(fresh.id);
    expect(keys.find(fresh.key)).toBeUndefined();
  });

  it('keeps its lifetime when it is rolled, and rolling never lengthens the old one', () => {
    const keys = onDisk();
    const expires = clock.wallMs() + 10 * 60_000;
    const old = made(keys.create(TENANT, { scopes: ['sessions:read'], expires }));
    clock.advance(60_000);
    const fresh = made(keys.roll(TENANT, old.id));
    expect(fresh.expires_at).toBe((old.expires_at ?? 0) + 60);
    expect(keys.read(TENANT, old.id)?.expires_at).toBe(old.expires_at);
  });

  it('cannot be changed once it has ended, nor by another tenant, nor in the other mode', () => {
    const configured = makeApiKey(false, random);
    const keys = onDisk(aRecord(configured, false, 'key_conf'));
    const { id } = aNewKey(keys);
    for (const caller of [
      { ...TENANT, tenant: 'tnt_b' },
      { ...TENANT, livemode: true },
    ])
      expect([keys.roll(caller, id), keys.revoke(caller, id), keys.read(caller, id)]).toEqual([
        'no_such_api_key',
        'no_such_api_key',
        undefined,
      ]);
    keys.revoke(TENANT, id);
    expect([keys.roll(TENANT, id), keys.revoke(TENANT, id)]).toEqual([
      'api_key_not_active',
      'api_key_not_active',
    ]);
    expect(keys.revoke(TENANT, 'key_conf')).toBe('api_key_is_configured');
  });

  it('can be one of so many, and those that ended long ago make room', () => {
    const keys = onDisk();
    for (let n = 0; n < API_KEYS_PER_TENANT_MAX; n += 1) aNewKey(keys);
    const refused = keys.create(TENANT, { scopes: ['sessions:read'], expires: null });
    expect(refused).toBe('too_many_api_keys');
    const [newest] = keys.list(TENANT);
    keys.revoke(TENANT, newest?.id ?? '');
    clock.advance(91 * DAY_MS);
    aNewKey(keys);
    expect(keys.read(TENANT, newest?.id ?? '')).toBeUndefined();
    expect(keys.list({ tenant: 'tnt_b', livemode: false })).toEqual([]);
  });

  it('does not let the process start beside a file that is none', () => {
    const { id } = aNewKey(onDisk());
    writeFileSync(join(directory, `${id}.json`), '{"id":"key_x"}');
    expect(() => onDisk()).toThrow(/holds no API key: restore it/);
  });

  it('does not depend on when it was last used being known', () => {
    const { key } = aNewKey(onDisk());
    writeFileSync(join(directory, 'last-used.json'), '{"key_x":');
    expect(onDisk().find(key)).toBeDefined();
  });
});
