import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { makeId } from '@sordino/core';
import { stringify } from 'yaml';
import { READY_MESSAGE } from '../start/ready-message.ts';
import { randomBytes } from '../system.ts';

export interface SordinoProcessOptions {
  readonly returnUri: string;
  readonly gatewayUrl: string;
  readonly commit: 'after_leg7' | 'at_once';
  readonly leg5Media: 'customer' | 'customer_after_reinvite';
  /** Of the rendezvous, and so of leg 5. */
  readonly transport: 'udp' | 'tcp';
}

export interface SordinoProcess {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly pid: number;
  /** Every line it has written so far. */
  readonly output: readonly string[];
  /** Where its journal is; gone after `stop`. */
  readonly directory: string;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<number | null>;
}

/** Longer than a cold start on a busy machine; only so that a broken start ends. */
const START_TIMEOUT_MS = 30_000;

/** Runs `sordino start --config FILE` as a process of its own and waits until it is ready. */
export async function startSordino(options: SordinoProcessOptions): Promise<SordinoProcess> {
  const directory = await mkdtemp(join(tmpdir(), 'sordino-demo-'));
  const apiKey = makeId<string>('sk_test', randomBytes);
  const configFile = join(directory, 'config.yaml');
  await writeFile(configFile, stringify(configOf(options, directory, apiKey)), { mode: 0o600 });

  const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
  const child = spawn(process.execPath, [main, 'start', '--config', configFile], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  const ready = readyLine(child, output);
  const stop = async (): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await exited;
    }
    await rm(directory, { recursive: true, force: true });
    return child.exitCode;
  };
  try {
    const { api } = await ready;
    return { apiUrl: api, apiKey, pid: child.pid ?? 0, output, directory, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function configOf(options: SordinoProcessOptions, directory: string, apiKey: string): object {
  const host = '127.0.0.1';
  const other = options.transport === 'udp' ? 'tcp' : 'udp';
  return {
    sip: { listen: [options.transport, other].map((protocol) => ({ protocol, host, port: 0 })) },
    media: { host, port_min: 0, port_max: 0 },
    api: {
      host,
      port: 0,
      keys: [{ sha256: createHash('sha256').update(apiKey).digest('hex'), tenant: 'demo' }],
    },
    store: { kind: 'journal', directory: join(directory, 'store') },
    platforms: [
      {
        id: 'plt_main',
        return_uri: options.returnUri,
        commit: options.commit,
        leg5_media: options.leg5Media,
        correlation_headers: ['X-Sim-Call'],
      },
    ],
    connectors: [{ id: 'con_sandbox', type: 'sandbox', url: options.gatewayUrl }],
  };
}

function readyLine(child: ChildProcess, output: string[]): Promise<{ readonly api: string }> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void =>
      reject(new Error(`sordino start ${why}:\n${output.slice(-20).join('\n')}`));
    const timer = setTimeout(() => fail(`was not ready after ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
    const read = (line: string): void => {
      output.push(line);
      if (!line.includes(READY_MESSAGE)) return;
      clearTimeout(timer);
      resolve(JSON.parse(line));
    };
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', read);
    if (child.stderr !== null)
      createInterface({ input: child.stderr }).on('line', (line) => output.push(line));
    child.once('exit', (code) => fail(`ended with status ${code}`));
  });
}
