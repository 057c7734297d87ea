import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { findCardNumbers } from '@sordino/observability';
import { CARD_NUMBER, type PaymentRecord } from './payment.ts';
import type { SordinoProcess } from './sordino-process.ts';

/** Searches all that Sordino wrote and answered for the card that was keyed, in every encoding. Returns where it was found. */
export async function searchForCards(
  sordino: SordinoProcess,
  payments: readonly PaymentRecord[],
): Promise<string[]> {
  const store = join(sordino.directory, 'store');
  const entries = await readdir(store, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const sinks: [string, string | Uint8Array][] = [
    ['log', sordino.output.join('\n')],
    ['events', JSON.stringify(payments.map(({ events }) => events))],
    ['answers', JSON.stringify(payments.map(({ session, legs }) => [session, legs]))],
    ...(await Promise.all(
      files.map(async (file): Promise<[string, Uint8Array]> => [relative(store, file), await readFile(file)]),
    )),
  ];
  return sinks
    .map(([where, content]) => ({
      where,
      count: findCardNumbers(content, Object.values(CARD_NUMBER)).length,
    }))
    .filter(({ count }) => count > 0)
    .map(({ where, count }) => `${count} in ${where}`);
}
