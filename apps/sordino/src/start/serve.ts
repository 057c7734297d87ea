import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Log } from '@sordino/core';
import { createLog } from '@sordino/observability';
import { readConfigOrExplain } from '../config/read-or-explain.ts';
import type { Config } from '../config/schema.ts';
import type { Bound } from '../guardian/protocol.ts';
import { reasonOf } from '../reason-of.ts';
import { loopbackOnly } from './admission.ts';
import { processKeys } from './api-keys.ts';
import { composeSordino, type Sordino } from './compose.ts';
import { hasStoredKeys } from './credentials.ts';
import { openDialogs } from './dialogs.ts';
import { type GuardianLink, joinGuardian } from './guardian-link.ts';
import { READY_MESSAGE } from './ready-message.ts';

/** What the guardian runs: everything, until it is told to stop. Returns the exit status; wrong configuration is told line by line. */
export async function runServe(args: readonly string[]): Promise<number> {
  const guardian = await joinGuardian();
  try {
    return await serve(args, guardian);
  } finally {
    if (guardian !== undefined && !process.connected)
      rmSync(guardian.carried.scratch, { recursive: true, force: true });
    guardian?.close();
  }
}

async function serve(args: readonly string[], guardian: GuardianLink | undefined): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { config: { type: 'string' } } });
  const read = readConfigOrExplain(values.config);
  if (read === undefined) return 2;
  const config = where(read, guardian?.carried.bound);
  const log = createLog({ level: config.log.level });
  const keys = processKeys(config.api.keys, hasStoredKeys(config.store), guardian?.carried.apiKey);

  // A bug in one call must not end the others: say it and go on; every leg has timers that end it.
  process.on('uncaughtException', (error) => log.error('uncaught', { reason: error.stack ?? error.message }));
  process.on('unhandledRejection', (reason) => log.error('unhandled rejection', { reason: String(reason) }));

  const orders = stopOrders(guardian);
  let sordino: Sordino;
  try {
    sordino = await composeSordino(config, keys.records, log, {
      ...(guardian === undefined
        ? {}
        : {
            openDialogs: () => openedDialogs(guardian, config, log),
            killProcess: () => process.kill(process.pid, 'SIGKILL'),
          }),
    });
  } catch (error) {
    log.error('sordino could not start', { reason: reasonOf(error) });
    return 1;
  }
  if (keys.shownOnce !== undefined && guardian?.carried.apiKey === undefined) {
    process.stderr.write(
      `sordino: no api.keys are configured; the test key of this run is ${keys.shownOnce}\n`,
    );
  }
  const local = loopbackOnly(config.platforms);
  if (local.length > 0) {
    const platforms = local.join(' ');
    log.warn('SIP of these platforms is taken from this machine only: set platforms[].allow', { platforms });
  }
  // The usual word for "look at your files again"; without it certificates are looked at once a minute.
  process.on('SIGHUP', () => sordino.parts.sip.reloadCertificates());
  guardian?.ready(boundOf(sordino), keys.shownOnce);
  log.info(READY_MESSAGE, { api: sordino.api, sip: sordino.sip.join(' '), pid: process.pid });
  return await runUntilStopped(sordino, orders, config.stop.payments_ms, log);
}

async function runUntilStopped(
  sordino: Sordino,
  orders: ReturnType<typeof stopOrders>,
  paymentsMs: number,
  log: Log,
): Promise<number> {
  const first = await orders.first;
  if (first === 'gone') log.error('the guardian is gone: handing every call back', {});
  else log.info('stopping', { payments_ms: first === 'stop' ? paymentsMs : 0 });
  if (first === 'stop') {
    const limit = new Promise<void>((resolve) => void setTimeout(resolve, paymentsMs).unref());
    await sordino.finishPayments(Promise.race([orders.hurry, limit]));
  }
  log.info('stopping: handing every call back', {});
  await sordino.close();
  log.info('stopped', {});
  return first === 'gone' ? 1 : 0;
}

/** `hurry`: another order than the first one that allows no more waiting. */
function stopOrders(guardian: GuardianLink | undefined) {
  let stop: (order: 'stop' | 'stop-at-once' | 'gone') => void = () => {};
  let hurryUp: () => void = () => {};
  const first = new Promise<'stop' | 'stop-at-once' | 'gone'>((resolve) => {
    stop = resolve;
  });
  const hurry = new Promise<void>((resolve) => {
    hurryUp = resolve;
  });
  guardian?.onStop((order) => {
    stop(order);
    if (order !== 'stop') hurryUp();
  });
  // systemd says it to every process of the group, and the guardian says it as well: only the guardian says it twice.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop('stop'));
  return { first, hurry };
}

async function openedDialogs({ carried, dialogs }: GuardianLink, config: Config, log: Log) {
  const directory = config.store.kind === 'memory' ? carried.scratch : config.store.directory;
  const opened = await openDialogs(directory, log);
  dialogs(opened.file);
  return opened;
}

/** Where the configuration leaves a port open, that of the process before us. */
function where(config: Config, bound: Bound | undefined): Config {
  if (bound === undefined) return config;
  const listen = config.sip.listen.map((point, place) => ({
    ...point,
    port: point.port === 0 ? (bound.sip[place] ?? 0) : point.port,
  }));
  const port = config.api.port === 0 ? bound.api : config.api.port;
  return { ...config, sip: { ...config.sip, listen }, api: { ...config.api, port } };
}

const boundOf = ({ api, parts }: Sordino): Bound => ({
  api: Number(new URL(api).port),
  sip: parts.sip.listening().map(({ local }) => local.port),
});
