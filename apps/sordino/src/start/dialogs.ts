import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '@sordino/core';
import { openDialogFile } from '@sordino/sip/farewell';
import { sayFarewellTo } from '../guardian/say-farewell.ts';
import { systemScheduler } from '../system.ts';
import type { OpenDialogs } from './compose.ts';

/** Beside the journal, so that one lock keeps both from a second process. */
export const DIALOGS_FILE = 'dialogs.jsonl';

/**
 * Takes the dialogs of `directory` over: what a process that died with its guardian has left behind is ended first, for its peers
 * have nobody else.
 */
export async function openDialogs(
  directory: string,
  log: Log,
): Promise<OpenDialogs & { readonly file: string }> {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, DIALOGS_FILE);
  const handedBack = await sayFarewellTo(file, systemScheduler, log);
  return { ...openDialogFile(file, log), file, handedBack: new Set(handedBack) };
}
