import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLog } from '@sordino/core';
import { addonFor } from '../../native-build.ts';
import { EXPEDITED_FORWARDING, openPacketIo } from './open-packet-io.ts';

const source = fileURLToPath(new URL('../../test-support/tos-listener.c', import.meta.url));

describe('media by the addon', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sordino-tos-'));
    await promisify(execFile)('g++', ['-x', 'c', source, '-o', join(folder, 'listener')]);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    ['127.0.0.1', '4'],
    ['::1', '6'],
  ])('is marked as expedited forwarding on the wire (%s)', async (host, family) => {
    const listener = spawn(join(folder, 'listener'), [family], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface(listener.stdout)[Symbol.asyncIterator]();
    const port = Number((await lines.next()).value);
    const io = openPacketIo(await addonFor('native', silentLog));
    expect(io.name).toBe('native');
    const socket = await io.open(host, 0);
    socket?.send(Uint8Array.of(1), { host, port });
    io.flush();
    expect(Number((await lines.next()).value) >> 2).toBe(EXPEDITED_FORWARDING);
    await socket?.close();
    io.stop();
    if (listener.exitCode === null) await once(listener, 'exit');
  });
});
