import { parseArgs } from 'node:util';
import { createLog } from '@sordino/observability';
import { readConfigOrExplain } from '../config/read-or-explain.ts';
import { reasonOf } from '../reason-of.ts';
import { loopbackOnly } from './admission.ts';
import { processKeys } from './api-keys.ts';
import { composeSordino } from './compose.ts';
import { READY_MESSAGE } from './ready-message.ts';

/** Runs until a signal ends it. Returns the exit status; problems of the configuration are printed one per line. */
export async function runStart(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { config: { type: 'string' } } });
  const config = readConfigOrExplain(values.config);
  if (config === undefined) return 2;
  const log = createLog({ level: config.log.level });
  const keys = processKeys(config.api.keys);

  // A bug in one call must not end the others: say it and go on; every leg has timers that end it.
  process.on('uncaughtException', (error) => log.error('uncaught', { reason: error.stack ?? error.message }));
  process.on('unhandledRejection', (reason) => log.error('unhandled rejection', { reason: String(reason) }));

  const interrupted = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
  let sordino: Awaited<ReturnType<typeof composeSordino>>;
  try {
    sordino = await composeSordino(config, keys.records, log);
  } catch (error) {
    log.error('sordino could not start', { reason: reasonOf(error) });
    return 1;
  }
  if (keys.shownOnce !== undefined) {
    process.stderr.write(
      `sordino: no api.keys are configured; the test key of this run is ${keys.shownOnce}\n`,
    );
  }
  for (const platform of loopbackOnly(config.platforms)) {
    log.warn('SIP of this platform is taken from this machine only: set platforms[].allow', { platform });
  }
  log.info(READY_MESSAGE, { api: sordino.api, sip: sordino.sip.join(' ') });
  // The usual word for "look at your files again"; without it certificates are looked at once a minute.
  process.on('SIGHUP', () => sordino.parts.sip.reloadCertificates());
  const signal = await interrupted;
  log.info('stopping: handing every call back', { signal });
  await sordino.close();
  log.info('stopped', {});
  return 0;
}
