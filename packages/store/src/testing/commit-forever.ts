import { writeSync } from 'node:fs';
import { silentLog } from '@sordino/core';
import { openJournalStore } from '../journal/journal-store.ts';
import { anAttempt, anEvent, aSession } from './builders.ts';

/**
 * A process to be killed: commits without end, eight at a time, and says on stdout which are acknowledged
 * (`session seq`), each line written at once. Arguments: the directory.
 */
const STREAMS = 8;
const wall = { wallMs: () => Date.now(), monotonicMs: () => performance.now() };
const store = await openJournalStore({ directory: process.argv[2] as string, clock: wall, log: silentLog });

async function run(name: string): Promise<void> {
  for (let seq = 1; ; seq++) {
    await store.commit({
      session: aSession(name, { version: seq, lastEventSeq: seq }),
      events: [anEvent(name, seq)],
      attempt: anAttempt(name, { key: `${name}-${seq}` }),
    });
    writeSync(1, `${name} ${seq}\n`);
  }
}

// Ends only by a signal, or by a disk that refuses: then it says so and stays, holding the lock, until it is killed.
await Promise.all(
  Array.from({ length: STREAMS }, (_, n) =>
    run(`s${n}`).catch((error) => writeSync(1, `refused ${error.code}\n`)),
  ),
);
await store.close();
