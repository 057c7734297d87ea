import { writeSync } from 'node:fs';
import { silentLog } from '@sordino/core';
import { openRedisStore } from '../redis/redis-store.ts';
import { anAttempt, anEvent, aSession } from './builders.ts';

/**
 * A process to be stopped and killed: commits to one session without end and says on stdout what is acknowledged, `NAME SEQ`. Ends
 * once it is refused, with `refused CODE`. Arguments: the directory, the port of Redis, the name, the lease in ms.
 */
const [directory = '', port, name = '', leaseMs] = process.argv.slice(2);
const clock = { wallMs: () => Date.now(), monotonicMs: () => performance.now() };
const access = { target: { node: { host: '127.0.0.1', port: Number(port) } } };
const store = await openRedisStore({ directory, access, clock, log: silentLog, leaseMs: Number(leaseMs) });

try {
  for (let seq = 1; ; seq++) {
    await store.commit({
      session: aSession(name, { version: seq, lastEventSeq: seq, status: 'processing' }),
      events: [anEvent(name, seq)],
      attempt: anAttempt(name),
    });
    writeSync(1, `${name} ${seq}\n`);
  }
} catch (error) {
  writeSync(1, `refused ${String(error instanceof Object && 'code' in error ? error.code : error)}\n`);
}
await store.close();
