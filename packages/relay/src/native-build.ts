import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Log } from '@sordino/core';
import type { PacketIoChoice } from './options.ts';
import { loadAddon } from './worker/io/native-addon.ts';

const SOURCES = fileURLToPath(new URL('../native/', import.meta.url));
const SOURCE = join(SOURCES, 'packet-io.cc');
const COMPILERS = ['c++', 'g++', 'clang++'];
const FLAGS = ['-std=c++17', '-O2', '-fPIC', '-shared', '-Wall', '-Wextra', '-Werror'];
/** It takes a second; a machine that needs longer than this has other troubles. */
const COMPILE_WITHIN_MS = 60_000;
/** Bits of a mode that let others write. */
const WRITABLE_BY_OTHERS = 0o022;

/**
 * The file of the packet addon, or null: use `node:dgram`. Compiled where a compiler and Node's headers are found, into a folder
 * that only this user can write, once for each version of source and Node. Rejects only when it was asked for by name.
 */
export async function addonFor(choice: PacketIoChoice, log: Log): Promise<string | null> {
  if (choice === 'dgram') return null;
  try {
    const file = await builtAddon();
    // Here and not in a worker: a file that cannot be loaded is found out before calls depend on it.
    loadAddon(file);
    return file;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : 'unknown';
    if (choice === 'native')
      throw new Error(
        `the packet addon cannot be used: ${reason}; set packetIo to auto or dgram to do without`,
        {
          cause: error,
        },
      );
    log.info('datagrams are handled by node:dgram: the packet addon cannot be used', { reason });
    return null;
  }
}

async function builtAddon(): Promise<string> {
  if (process.platform !== 'linux') throw new Error(`it is for Linux, this is ${process.platform}`);
  const version = createHash('sha256').update([process.version, process.arch, ...FLAGS].join());
  for (const name of readdirSync(SOURCES).sort()) version.update(readFileSync(join(SOURCES, name)));
  const folder = privateFolder();
  const file = join(folder, `packet-io-${version.digest('hex').slice(0, 16)}.node`);
  if (existsSync(file)) return file;
  const made = `${file}.${process.pid}`;
  try {
    await compile(headers(), made);
    // In one step: another process may be doing the same.
    renameSync(made, file);
  } finally {
    rmSync(made, { force: true });
  }
  return file;
}

/** Code is loaded from it, so that nobody else may have written there. */
function privateFolder(): string {
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sordino');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(folder);
  if (uid !== process.getuid?.() || (mode & WRITABLE_BY_OTHERS) !== 0)
    throw new Error(`${folder} can be written by others`);
  return folder;
}

/** Where Node's own installation, or a distribution's package beside it, keeps them. */
function headers(): string {
  const prefix = dirname(dirname(process.execPath));
  const places = [join(prefix, 'include', 'node'), join(prefix, 'include', 'nodejs', 'src')];
  const found = places.find((place) => ['node_api.h', 'uv.h'].every((name) => existsSync(join(place, name))));
  if (found === undefined) throw new Error(`Node's headers are not in ${places.join(' or ')}`);
  return found;
}

async function compile(include: string, into: string): Promise<void> {
  for (const compiler of COMPILERS) {
    try {
      await promisify(execFile)(compiler, [...FLAGS, `-I${include}`, SOURCE, '-o', into], {
        timeout: COMPILE_WITHIN_MS,
        env: { ...process.env },
      });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error(`no C++ compiler is installed (${COMPILERS.join(', ')})`);
}
