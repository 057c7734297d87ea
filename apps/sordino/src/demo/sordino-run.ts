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
  /** Of the service: `SordinoRun.pid` is that of its guardian. */
  readonly pid: number;
}

/** The command `sordino` as a process of its own. */
export interface SordinoRun {
  readonly pid: number;
  /** Every line it has written so far, standard output and standard error. */
  readonly output: readonly string[];
  readonly ended: Promise<RunEnd>;
  /** The first (second, …) line that holds `text`, past or to come; rejects when the process ends without it. */
  untilLine(text: string, nth?: number): Promise<string>;
  /** `nth`: start of the service, by its guardian. */
  untilReady(nth?: number): Promise<ReadyAddresses>;
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

  const untilLine = (text: string, nth = 1): Promise<string> =>
    new Promise((resolve, reject) => {
      const before = output.filter((line) => line.includes(text));
      const found = before[nth - 1];
      if (found !== undefined) return resolve(found);
      let missing = nth - before.length;
      const fail = (why: string): void => {
        settle();
        const shown = output.slice(-LINES_SHOWN).join('\n');
        reject(new Error(`sordino ${args[0] ?? ''} ${why} without saying "${text}":\n${shown}`));
      };
      const listener = (line: string): void => {
        if (!line.includes(text)) return;
        missing -= 1;
        if (missing > 0) return;
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
    untilReady: async (nth) => JSON.parse(await untilLine(READY_MESSAGE, nth)) as ReadyAddresses,
    kill: (signal) => void child.kill(signal),
  };
}
