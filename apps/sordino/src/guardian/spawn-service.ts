import { spawn } from 'node:child_process';
import type { ServiceHandlers, ServiceProcess } from './guardian.ts';
import type { ToGuardian } from './protocol.ts';

/** Runs `main serve …` as a child of ours. */
export function spawnService(args: readonly string[], handlers: ServiceHandlers): ServiceProcess {
  const [, main = ''] = process.argv;
  const child = spawn(process.execPath, [...process.execArgv, main, 'serve', ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // A group of its own: Ctrl-C in a terminal is for the guardian, which says it to the service once.
    detached: true,
  });
  child.on('message', (message) => handlers.said(message as ToGuardian));
  const ended = { told: false };
  const tellEnd = (status: number | null, signal: NodeJS.Signals | null): void => {
    if (ended.told) return;
    ended.told = true;
    handlers.ended({ status, signal });
  };
  child.on('exit', tellEnd);
  // It could not be started, or a message could not be sent; the former has no `exit`.
  child.on('error', () => {
    if (child.pid === undefined) tellEnd(null, null);
  });
  return {
    pid: child.pid,
    // A service that is gone hears nothing: its end is told by `exit`.
    tell: (message) => void (child.connected && child.send(message, () => {})),
    kill: (signal) => void child.kill(signal),
  };
}
