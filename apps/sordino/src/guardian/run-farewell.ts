import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLog } from '@sordino/observability';
import { lockDirectory } from '@sordino/store';
import { readConfigOrExplain } from '../config/read-or-explain.ts';
import { DIALOGS_FILE } from '../start/dialogs.ts';
import { wakefulScheduler } from '../system.ts';
import { sayFarewellTo } from './say-farewell.ts';

/**
 * `sordino farewell`: for whoever finds guardian and service dead (systemd's `ExecStopPost`). After an ordered end there is nothing
 * left to say.
 */
export async function runFarewell(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { config: { type: 'string' } } });
  const config = readConfigOrExplain(values.config);
  if (config === undefined) return 2;
  const { kind, directory } = config.store;
  if (kind === 'memory' || !existsSync(join(directory, DIALOGS_FILE))) return 0;
  const log = createLog({ level: config.log.level, bindings: { part: 'farewell' } });
  // Whoever types this beside a service that lives is told so, and no call ends.
  const unlock = await lockDirectory(directory, log);
  await sayFarewellTo(join(directory, DIALOGS_FILE), wakefulScheduler, log);
  await unlock();
  return 0;
}
