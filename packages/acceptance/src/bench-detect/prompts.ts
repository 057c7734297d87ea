import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { concatSamples, decodeWav, silence } from '@sordino/testkit';

/** Debian's announcements for Asterisk: five studio voices, two hours and more. */
const LANGUAGES = ['en', 'es', 'fr', 'it', 'ru'] as const;
/** Between two announcements, so that the end of one and the beginning of the next make no tone together. */
const PAUSE_MS = 200;
/** They are 20 MB each. */
const DOWNLOAD_MAX_MS = 180_000;

export interface Voice {
  readonly language: string;
  readonly samples: Int16Array;
}

/** Outside of the repository: nothing of it is ours to keep. */
export const promptCache = (): string =>
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sordino', 'prompts');

/** All announcements of each voice, one after the other; fetched from Debian the first time. Rejects where apt is missing. */
export async function prompts(cache: string): Promise<Voice[]> {
  const voices: Voice[] = [];
  for (const language of LANGUAGES) {
    const folder = join(cache, language);
    if (!existsSync(folder)) await fetchPackage(`asterisk-core-sounds-${language}-wav`, folder);
    voices.push({ language, samples: await readWaves(folder) });
  }
  return voices;
}

/** Beside its place and then moved there: what was broken off is not taken for whole. */
async function fetchPackage(name: string, folder: string): Promise<void> {
  const run = promisify(execFile);
  await mkdir(join(folder, '..'), { recursive: true });
  const scratch = await mkdtemp(join(folder, '..', 'fetch-'));
  try {
    await run('apt-get', ['-qq', 'download', name], { cwd: scratch, timeout: DOWNLOAD_MAX_MS });
    const [archive] = (await readdir(scratch)).filter((file) => file.endsWith('.deb'));
    if (archive === undefined) throw new Error('apt-get download brought nothing');
    await run('dpkg-deb', ['-x', archive, 'x'], { cwd: scratch });
    await rename(join(scratch, 'x'), folder);
  } catch (cause) {
    throw new Error(`${name} could not be fetched: Debian's apt-get, dpkg-deb and its mirror are needed`, {
      cause,
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function readWaves(folder: string): Promise<Int16Array> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.wav')).sort();
  const pause = silence(PAUSE_MS);
  const parts: Int16Array[] = [];
  for (const file of files) parts.push(decodeWav(await readFile(join(folder, file))), pause);
  return concatSamples(...parts);
}

/** The same voice higher and faster, or lower and slower: straight lines between the samples. */
export function pitched(samples: Int16Array, factor: number): Int16Array {
  return Int16Array.from({ length: Math.floor((samples.length - 1) / factor) }, (_, n) => {
    const place = n * factor;
    const before = Math.floor(place);
    const left = samples[before] ?? 0;
    return Math.round(left + (place - before) * ((samples[before + 1] ?? 0) - left));
  });
}
