import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readWav } from './read-wav.ts';

/** Linear samples at 8 kHz, by name. */
export type Prompts = ReadonlyMap<string, Int16Array>;

/** What `play` calls the built-in tone; no file can have this name. */
export const FLAT_TONE = 'flat_tone';

/** All of them are in memory: 256 of half a minute are 120 MB. */
const PROMPTS_MAX = 256;
/** As the API takes them: no name has room for a card number. */
const FILE_NAME = /^([a-z][a-z_-]*[0-9]{0,4})\.wav$/;
const NAME_CHARACTERS_MAX = 64;

/** Reads every `NAME.wav` of a folder. Rejects, naming the file, when one is wrong: a prompt that is missing later is missed by a caller. */
export async function loadPrompts(folder: string): Promise<Prompts> {
  const prompts = new Map<string, Int16Array>();
  for (const file of (await readdir(folder)).filter((name) => name.toLowerCase().endsWith('.wav')).sort()) {
    const path = join(folder, file);
    const name = FILE_NAME.exec(file)?.[1];
    if (name === undefined || name.length > NAME_CHARACTERS_MAX || name === FLAT_TONE)
      throw new Error(
        `prompt ${path}: a name is a-z, _ and -, then at most four digits, 64 characters in all, then .wav, and not ${FLAT_TONE}`,
      );
    if (prompts.size === PROMPTS_MAX) throw new Error(`${folder} holds more than ${PROMPTS_MAX} prompts`);
    const read = readWav(await readFile(path));
    if (!read.ok) throw new Error(`prompt ${path} ${read.problem}`);
    prompts.set(name, read.value);
  }
  return prompts;
}
