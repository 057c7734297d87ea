import { spawn } from 'node:child_process';
import type { ServiceHandlers, ServiceProcess } from './guardian.ts';
import type { ToGuardian } from './protocol.ts';

/**
 * MB of V8's young generation, each half. A call's objects live for the call, which is longer than the default of 16 MB lasts at some hundred
 * calls a second: they would be copied twice and then collected where that is dear.
 */
const SEMI_SPACE_MB = 64;

/** How Node runs the service; `npm run bench:sip` measures with the same. */
export const SERVICE_NODE_ARGS: readonly string[] = [
  `--max-semi-space-size=${SEMI_SPACE_MB}`,
  // After a quiet minute the first calls would find the code thrown out that serves them, and cost three times as much.
  '--no-flush-bytecode',
];

/** Runs `main serve …` as a child of ours. */
export function spawnService(args: readonly string[], handlers: ServiceHandlers): ServiceProcess {
  const [, main = ''] = process.argv;
  const child = spawn(process.execPath, [...SERVICE_NODE_ARGS, ...process.execArgv, main, 'serve', ...args], {
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
