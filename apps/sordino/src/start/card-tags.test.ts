import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { configSchema } from '../config/schema.ts';
import { cardTagger } from './card-tags.ts';

const NUMBER = new TextEncoder().encode('4242424242424242');
const noSecrets = async (): Promise<Uint8Array> => {
  throw new Error('nothing is to be read');
};

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sordino-tags-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const store = (more: object = {}) =>
  configSchema.parse({ store: { kind: 'journal', directory, ...more } }).store;
const file = () => join(directory, 'card-tag.key');

it('is made by a key for this user only, which the next process finds again', async () => {
  const first = (await cardTagger(store(), noSecrets))('test acme', NUMBER);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(readFileSync(file())).toHaveLength(32);
  const next = await cardTagger(store(), noSecrets);
  expect(next('test acme', NUMBER)).toEqual(first);
  expect(next('test other', NUMBER)).not.toEqual(first);
  expect(next('live acme', NUMBER)).not.toEqual(first);
});

it('is another one with another key: who has no key cannot try numbers', async () => {
  const first = (await cardTagger(store(), noSecrets))('test acme', NUMBER);
  rmSync(file());
  expect((await cardTagger(store(), noSecrets))('test acme', NUMBER)).not.toEqual(first);
});

it('may have its key elsewhere, where several processes share a store', async () => {
  const key = new Uint8Array(32).fill(7);
  const configured = store({ card_tag_key: 'env:TAG_KEY' });
  const [one, two] = [
    await cardTagger(configured, async () => key),
    await cardTagger(configured, async () => key),
  ];
  expect(one('test acme', NUMBER)).toEqual(two('test acme', NUMBER));
  expect(() => statSync(file())).toThrow('ENOENT');
});

it.each([
  ['a file that was cut', async () => writeFileSync(file(), 'short'), {}],
  ['a secret that is too short', async () => {}, { card_tag_key: 'env:TAG_KEY' }],
])('refuses %s', async (_what, prepare, more) => {
  await prepare();
  await expect(cardTagger(store(more), async () => new Uint8Array(31))).rejects.toThrow('32 random bytes');
});
