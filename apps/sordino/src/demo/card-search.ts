import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findCardNumbers } from '@sordino/observability';
import type { PaymentRecord } from './payment.ts';
import type { SordinoProcess } from './sordino-process.ts';

/** Searches all that Sordino wrote and answered for a card number. Returns where one was found; the numbers stay unsaid. */
export async function searchForCards(
  sordino: SordinoProcess,
  payments: readonly PaymentRecord[],
): Promise<string[]> {
  const store = join(sordino.directory, 'store');
  const files = await readdir(store);
  const sinks: [string, string | Uint8Array][] = [
    ['log', sordino.output.join('\n')],
    ['events', JSON.stringify(payments.map(({ events }) => events))],
    ['answers', JSON.stringify(payments.map(({ session, legs }) => [session, legs]))],
    ...(await Promise.all(
      files.map(async (file): Promise<[string, Uint8Array]> => [file, await readFile(join(store, file))]),
    )),
  ];
  return sinks
    .map(([where, content]) => ({ where, count: findCardNumbers(content).length }))
    .filter(({ count }) => count > 0)
    .map(({ where, count }) => `${count} in ${where}`);
}
