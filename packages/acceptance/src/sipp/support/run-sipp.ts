import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '@sordino/testkit';

export const HOST = '127.0.0.1';
/** SIPp fails by itself then; nothing here takes a third of it. */
const TIMEOUT_S = 40;

export type Transport = 'udp' | 'tcp' | 'tls';

export interface SippOptions {
  /** Name of a file in `scenarios/`. */
  readonly scenario: string;
  /** `tls`: SIPp itself speaks TCP, into a tunnel. */
  readonly transport: Transport;
  readonly port: number;
  /** Port in its Contact; default: its own. */
  readonly contactPort?: number;
  /** Of Sordino, where the scenario begins the call. */
  readonly remotePort?: number;
  /** User part of the Request-URI. */
  readonly service?: string;
  /** `[name]` in the scenario. */
  readonly keys?: Readonly<Record<string, number>>;
  readonly directory: string;
}

/** One SIPp that plays one scenario once. */
export interface Sipp {
  /** Resolves with 0, or with what went wrong, in SIPp's words. */
  readonly verdict: Promise<0 | string>;
  /** What it has sent and received so far. */
  messages(): Promise<string>;
}

export async function runSipp(options: SippOptions): Promise<Sipp> {
  const { scenario, transport, port, remotePort, service, directory } = options;
  const contact = { contact_port: options.contactPort ?? port, contact_transport: transport };
  const keys = { ...contact, ...options.keys };
  const file = fileURLToPath(new URL(`../../../src/sipp/scenarios/${scenario}.xml`, import.meta.url));
  const name = `${scenario}-${port}`;
  const messageFile = join(directory, `${name}.messages`);
  const errorFile = join(directory, `${name}.errors`);
  const child = spawn(
    'sipp',
    [
      ...(remotePort === undefined ? [] : [`${HOST}:${remotePort}`]),
      ...['-sf', file, '-t', transport === 'udp' ? 'u1' : 't1', '-i', HOST, '-p', String(port)],
      ...['-m', '1', '-l', '1', '-timeout', `${TIMEOUT_S}s`, '-timeout_error', '-nostdin'],
      ...['-trace_msg', '-message_file', messageFile, '-trace_err', '-error_file', errorFile],
      ...(service === undefined ? [] : ['-s', service]),
      ...Object.entries(keys).flatMap(([key, value]) => ['-key', key, String(value)]),
    ],
    { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TERM: 'dumb' } },
  );
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (octets) => said.push(String(octets)));
  const ended = new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (status, signal) => resolve(status ?? signal ?? 'ended'));
  });
  const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
  let over = false;
  const verdict = ended.then(async (status): Promise<0 | string> => {
    over = true;
    if (status === 0) return 0;
    const errors = await read(errorFile);
    const messages = (await read(messageFile)).slice(-4_000);
    return `sipp ${scenario} ended with ${status}\n${errors}\n${said.join('').slice(-1_500)}\n${messages}`;
  });
  if (remotePort === undefined)
    await until(`${scenario} listens`, async () => over || (await isTaken(port, transport)));
  return { verdict, messages: () => read(messageFile) };
}

/** A port that nobody has at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port to be had');
  return address.port;
}

async function isTaken(port: number, transport: Transport): Promise<boolean> {
  const opened = transport === 'udp' ? createSocket('udp4') : createServer();
  const listening = once(opened, 'listening').then(
    () => false,
    () => true,
  );
  if ('bind' in opened) opened.bind(port, HOST);
  else opened.listen(port, HOST);
  const taken = await listening;
  if (!taken) await new Promise<void>((resolve) => opened.close(() => resolve()));
  return taken;
}
