import { describe, expect, it } from '@jest/globals';
import { silentLog } from '@sordino/core';
import { addonFor } from '../../native-build.ts';
import { loadAddon, type NativeAddon } from './native-addon.ts';

const file = (await addonFor('native', silentLog)) ?? '';

type Wild = Record<keyof NativeAddon, (...given: readonly unknown[]) => unknown>;

const NONSENSE: readonly unknown[] = [
  undefined,
  null,
  -1,
  0,
  1,
  511,
  512,
  2 ** 31,
  2 ** 32,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '',
  '127.0.0.1',
  'x'.repeat(100),
  '::1%lo',
  {},
  [],
  () => {},
  Symbol('s'),
  10n,
];

/** The same nonsense each time. */
function randomiser(): (below: number) => number {
  let seed = 7;
  return (below) => {
    seed = (seed * 48_271) % 0x7fffffff;
    return seed % below;
  };
}

describe('the packet addon', () => {
  it('does nothing before it is started', () => {
    const addon = loadAddon(file);
    expect(addon.open('127.0.0.1', 0, 0)).toBeLessThan(0);
    expect(addon.port(0)).toBe(0);
    addon.flush(512);
    addon.close(0);
    addon.stop();
  });

  it('starts once, with something to call', () => {
    const addon = loadAddon(file);
    expect((addon as unknown as Wild).start('nothing')).toBeUndefined();
    expect(addon.start(() => {})).toBeDefined();
    expect(addon.start(() => {})).toBeUndefined();
    addon.stop();
    expect(addon.open('127.0.0.1', 0, 0)).toBeLessThan(0);
  });

  it('marks packets with a DSCP, and refuses one that is none', () => {
    const addon = loadAddon(file);
    addon.start(() => {});
    const socket = addon.open('127.0.0.1', 0, 46);
    expect(addon.port(socket)).toBeGreaterThan(0);
    expect(addon.open('127.0.0.1', 0, 64)).toBeLessThan(0);
    addon.close(socket);
    addon.stop();
  });

  it('survives any arguments and any contents of the shared memory', () => {
    const addon = loadAddon(file);
    const slabs = addon.start(() => {});
    if (slabs === undefined) throw new Error('the addon did not start');
    const wild = addon as unknown as Wild;
    const random = randomiser();
    const names = ['open', 'port', 'target', 'source', 'flush', 'refused', 'close'] as const;
    for (let n = 0; n < 20_000; n += 1) {
      for (const memory of [slabs.txMeta, slabs.rxMeta])
        memory[random(memory.length)] = random(2 ** 31) - 2 ** 30;
      const given = Array.from({ length: random(5) }, () => NONSENSE[random(NONSENSE.length)]);
      const name = names[random(names.length)] ?? 'flush';
      try {
        wild[name](...given);
      } catch {
        // An exception is an answer; the end of the process is not.
      }
    }
    const socket = addon.open('127.0.0.1', 0, 0);
    expect(addon.port(socket)).toBeGreaterThan(0);
    addon.close(socket);
    addon.stop();
  });
});
