import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '@sordino/observability';
import { wakefulScheduler } from '../system.ts';
import { Guardian } from './guardian.ts';
import { sayFarewellTo } from './say-farewell.ts';
import { spawnService } from './spawn-service.ts';

/** `sordino start`: the service as a child, and somebody who hands its calls back should it die. Returns the exit status. */
export async function runGuardian(args: readonly string[]): Promise<number> {
  const log = createLog({ level: 'info', bindings: { part: 'guardian' } });
  const scratch = await mkdtemp(join(tmpdir(), 'sordino-'));
  const guardian = new Guardian({
    scheduler: wakefulScheduler,
    log,
    scratch,
    spawn: (handlers) => spawnService(args, handlers),
    sayFarewell: (file) => sayFarewellTo(file, wakefulScheduler, log),
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => guardian.stop());
  process.on('SIGHUP', () => guardian.signal('SIGHUP'));
  try {
    return await guardian.run();
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
