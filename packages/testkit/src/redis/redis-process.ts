import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const READY = /Ready to accept connections|\+monitor master|Sentinel ID is/;

export interface RedisProcessOptions {
  /** More arguments of redis-server, such as `--replicaof`. */
  readonly args?: readonly string[];
  /** Lines of a configuration file, which Sentinel and Cluster write to. */
  readonly config?: readonly string[];
  readonly port?: number;
}

/** A real redis-server on 127.0.0.1, in a directory of its own, without any persistence unless the arguments say so. */
export class RedisProcess {
  readonly port: number;
  readonly #directory: string;
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;

  private constructor(port: number, directory: string, args: readonly string[]) {
    this.port = port;
    this.#directory = directory;
    this.#args = args;
  }

  static async start({ args = [], config, port }: RedisProcessOptions = {}): Promise<RedisProcess> {
    const directory = await mkdtemp(join(tmpdir(), 'sordino-redis-'));
    const file = join(directory, 'redis.conf');
    if (config !== undefined) await writeFile(file, config.join('\n'));
    const redis = new RedisProcess(port ?? (await freePort()), directory, [
      ...(config === undefined ? [] : [file]),
      ...args,
    ]);
    await redis.run();
    return redis;
  }

  /** Starts it, again after a `kill`: with what it has on disk. Resolves when it takes commands, or has said something else. */
  async run(said: RegExp = READY): Promise<void> {
    const isSentinel = this.#args.includes('--sentinel');
    const [first, ...rest] = this.#args;
    const child = spawn(
      'redis-server',
      [
        // A configuration file comes first.
        ...(first?.endsWith('.conf') ? [first, ...rest] : []),
        ...['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#directory],
        ...(isSentinel ? [] : ['--save', '']),
        ...(first === undefined || first.endsWith('.conf') ? [] : this.#args),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    this.#child = child;
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (said.test(line)) {
        child.stdout.resume();
        return;
      }
    }
    throw new Error(`redis-server did not start: ${lines.join('\n')}`);
  }

  /** `SIGSTOP`: it takes connections and commands, and says nothing. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async cli(...args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)('redis-cli', ['-p', String(this.port), ...args]);
    return stdout.trimEnd();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
