import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { entryPath } from './fork-party.ts';

const START_TIMEOUT_MS = 20_000;

export interface ForkedGateway {
  readonly url: string;
  readonly pid: number | undefined;
  /** It is gone, because of `close` or without it. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** Starts the card gateway in a process of its own: it prints its address on its first line. */
export async function forkGateway(host: string, port = 0): Promise<ForkedGateway> {
  const path = entryPath('gateway').replace(/world([\\/])gateway\.js$/, 'gateway$1main.js');
  const child = fork(path, ['--host', host, '--port', String(port)], {
    execArgv: [],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  try {
    const url = await firstUrl(child.stdout, exited);
    return {
      url,
      pid: child.pid,
      ended: exited.then(() => undefined),
      close: async () => {
        if (child.exitCode === null && child.signalCode === null) {
          // It serves as long as we are there.
          if (child.connected) child.disconnect();
          await exited;
        }
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

async function firstUrl(stdout: NodeJS.ReadableStream | null, exited: Promise<unknown>): Promise<string> {
  if (!stdout) throw new Error('the gateway has no standard output');
  const lines = createInterface({ input: stdout });
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  const ended = exited.then(() => {
    throw new Error('the gateway ended before it told its address');
  });
  ended.catch(() => undefined);
  const [line] = await Promise.race([once(lines, 'line', { signal }), ended]);
  const { url } = JSON.parse(String(line)) as { url?: unknown };
  if (typeof url !== 'string') throw new Error(`the gateway's first line has no url: ${line}`);
  return url;
}
