import { describe, expect, it } from '@jest/globals';
import { ApiKeys, hashCredential, makeApiKey } from './api-keys.ts';

const random = (count: number) => crypto.getRandomValues(new Uint8Array(count));
const aRecord = (key: string, livemode: boolean, id = 'key_1') => ({
  id,
  sha256: hashCredential(key),
  tenant: 'tnt_a',
  livemode,
});

describe('an API key', () => {
  it('says its mode, is different each time and is found by its hash', () => {
    const keys = [makeApiKey(false, random), makeApiKey(true, random), makeApiKey(true, random)];
    expect(keys.map((key) => key.slice(0, 8))).toEqual(['sk_test_', 'sk_live_', 'sk_live_']);
    expect(new Set(keys).size).toBe(3);
    const known = new ApiKeys(keys.map((key, n) => aRecord(key, n > 0, `key_${n}`)));
    expect(keys.map((key) => known.find(key)?.id)).toEqual(['key_0', 'key_1', 'key_2']);
  });

  it('is not found when it is wrong by a letter, cut, longer or empty', () => {
    const key = makeApiKey(false, random);
    const known = new ApiKeys([aRecord(key, false)]);
    for (const wrong of [`${key}x`, key.slice(0, -1), key.toUpperCase(), '', hashCredential(key)])
      expect(known.find(wrong)).toBeUndefined();
  });

  it('never acts in a mode that its prefix does not say', () => {
    const key = makeApiKey(false, random);
    expect(new ApiKeys([aRecord(key, true)]).find(key)).toBeUndefined();
  });

  it.each(['', 'sk_test_x', 'AB'.repeat(32), 'ab'.repeat(31)])(
    'is refused in the configuration as %j instead of a hash',
    (sha256) => {
      const record = { id: 'key_1', sha256, tenant: 'tnt_a', livemode: false };
      expect(() => new ApiKeys([record])).toThrow(/API key key_1: sha256 must be 64/);
    },
  );
});
