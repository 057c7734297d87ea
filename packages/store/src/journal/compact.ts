import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { COMPACTED_EVENTS_PER_LINE, JOURNAL_BATCH_BYTES_MAX } from '../limits.ts';
import type { Tables } from '../memory/tables.ts';
import { openForAppend, syncDirectory } from './file.ts';
import { encodeLine, HEADER } from './line.ts';

/**
 * Writes the whole state to a new file and puts it in the place of the old one: write, fsync, rename, fsync the
 * directory. A crash at any point leaves either the old journal or the new one. Returns the new number of lines.
 */
export async function compact(path: string, tables: Tables): Promise<{ lines: number; bytes: number }> {
  const fresh = `${path}.new`;
  await rm(fresh, { force: true });
  const file = await openForAppend(fresh);
  let lines = 0;
  let bytes = 0;
  try {
    let text = `${HEADER}\n`;
    const flush = async () => {
      const data = Buffer.from(text);
      await file.append(data);
      bytes += data.length;
      text = '';
    };
    for (const change of tables.snapshot(COMPACTED_EVENTS_PER_LINE)) {
      // Nothing is in use before the rename, so every line but the last counts as synced: all damage is refused.
      text += encodeLine(lines + 1, lines, JSON.stringify(change));
      lines++;
      if (text.length > JOURNAL_BATCH_BYTES_MAX) await flush();
    }
    await flush();
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(fresh, { force: true });
    throw error;
  }
  await file.close();
  await rename(fresh, path);
  await syncDirectory(dirname(path));
  return { lines, bytes };
}
