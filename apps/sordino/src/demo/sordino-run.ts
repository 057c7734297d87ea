import { spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { READY_MESSAGE } from '../start/ready-message.ts';

/** Longer than a cold start on a busy machine; only so that a broken start ends. */
const START_TIMEOUT_MS = 30_000;
const LINES_SHOWN = 20;

export interface SordinoRunOptions {
  /** Over our own environment; `undefined` takes a variable away. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

export interface RunEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface ReadyAddresses {
  readonly api: string;
  /** `udp:127.0.0.1:5060 tcp:127.0.0.1:5060` */
  readonly sip: string;
}

/** The command `sordino` as a process of its own. */
export interface SordinoRun {
  readonly pid: number;
  /** Every line it has written so far, standard output and standard error. */
  readonly output: readonly string[];
  readonly ended: Promise<RunEnd>;
  /** The first line that holds `text`, past or to come; rejects when the process ends without it. */
  untilLine(text: string): Promise<string>;
  untilReady(): Promise<ReadyAddresses>;
  kill(signal: NodeJS.Signals): void;
}

export function runSordino(args: readonly string[], options: SordinoRunOptions = {}): SordinoRun {
  const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const output: string[] = [];
  const listeners = new Set<(line: string) => void>();
  const read = (lines: Interface): void => {
    lines.on('line', (line) => {
      output.push(line);
      for (const listener of listeners) listener(line);
    });
  };
  for (const stream of [child.stdout, child.stderr]) read(createInterface({ input: stream }));
  // `close`, not `exit`: by then the last line has been read too.
  const ended = new Promise<RunEnd>((resolve) => {
    child.once('close', (status, signal) => resolve({ status, signal }));
  });

  const untilLine = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const before = output.find((line) => line.includes(text));
      if (before !== undefined) return resolve(before);
      const fail = (why: string): void => {
        settle();
        const shown = output.slice(-LINES_SHOWN).join('\n');
        reject(new Error(`sordino ${args[0] ?? ''} ${why} without saying "${text}":\n${shown}`));
      };
      const listener = (line: string): void => {
        if (!line.includes(text)) return;
        settle();
        resolve(line);
      };
      const timer = setTimeout(() => fail(`ran for ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
      const settle = (): void => {
        clearTimeout(timer);
        listeners.delete(listener);
      };
      listeners.add(listener);
      void ended.then(({ status, signal }) => fail(`ended with ${signal ?? `status ${status}`}`));
    });
  return {
    pid: child.pid ?? 0,
    output,
    ended,
    untilLine,
    untilReady: async () => JSON.parse(await untilLine(READY_MESSAGE)) as ReadyAddresses,
    kill: (signal) => void child.kill(signal),
  };
}
