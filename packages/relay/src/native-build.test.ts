import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLog } from '@sordino/core';
import { addonFor } from './native-build.ts';
import { recordingLog } from './test-support/scene.ts';

describe('the packet addon', () => {
  const before = { path: process.env.PATH, cache: process.env.XDG_CACHE_HOME };
  let cache = '';
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'sordino-addon-'));
    process.env.XDG_CACHE_HOME = cache;
  });
  afterEach(() => {
    rmSync(cache, { recursive: true });
    process.env.PATH = before.path;
    if (before.cache === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before.cache;
  });

  it('is not built when nobody wants it', async () => {
    expect(await addonFor('dgram', silentLog)).toBeNull();
  });

  it('is built once, and found again', async () => {
    const file = await addonFor('native', silentLog);
    expect(file).toMatch(/packet-io-[0-9a-f]{16}\.node$/);
    process.env.PATH = '/nowhere';
    expect(await addonFor('native', silentLog)).toBe(file);
  });

  it('is done without, in one line of the log, where there is no compiler', async () => {
    process.env.PATH = '/nowhere';
    const lines: string[] = [];
    expect(await addonFor('auto', recordingLog(lines))).toBeNull();
    expect(lines).toEqual([
      expect.stringMatching(/^info datagrams are handled by node:dgram: .*no C\+\+ compiler is installed/),
    ]);
    await expect(addonFor('native', silentLog)).rejects.toThrow(
      /the packet addon cannot be used: no C\+\+ compiler is installed \(c\+\+, g\+\+, clang\+\+\); set packetIo to/,
    );
  });

  it('is not loaded from a folder that others can write', async () => {
    await addonFor('native', silentLog);
    chmodSync(join(cache, 'sordino'), 0o777);
    await expect(addonFor('native', silentLog)).rejects.toThrow(/can be written by others/);
  });
});
