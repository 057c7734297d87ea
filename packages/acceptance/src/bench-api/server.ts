import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onCore } from '../bench-relay/on-core.ts';
import { processCpuMs } from '../bench-relay/process-cpu.ts';
import { sealKeys } from '../security/memory/seal-key.ts';
import type { FromServer, ServerSetup, ToServer } from './protocol.ts';

/** The load, the gateway and Redis have the other one. */
const CORE = 0;

/** The API under test, as its load sees it. */
export class Server implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #sealTo = new Map<string, Uint8Array>();

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
    child.on('message', (message: FromServer) => {
      if (message.type === 'expect') this.#sealTo.set(message.session, message.sealTo);
    });
  }

  static async start(setup: ServerSetup): Promise<Server> {
    const file = fileURLToPath(new URL('../../dist/bench-api/server-main.js', import.meta.url));
    const [execPath, execArgv] = onCore(CORE, [process.execPath]);
    const args = [JSON.stringify(setup)];
    const child = fork(file, args, { execPath, execArgv: [...execArgv], serialization: 'advanced' });
    const ended = once(child, 'exit').then(([status]) => {
      throw new Error(`the API (${setup.kind}) ended with ${status}`);
    });
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [FromServer];
    // From here on, requests that fail tell of its end.
    ended.catch(() => {});
    if (message.type !== 'listening') throw new Error(`the API (${setup.kind}) said ${message.type} first`);
    return new Server(child, message.url);
  }

  /** User and system time of the process so far, all threads. */
  get cpuMs(): number {
    return processCpuMs(this.#child.pid ?? 0);
  }

  /** The customer keys, as the relay would seal it: in another process. */
  async press(session: string, firstSeq: number, keys: string): Promise<void> {
    const sealTo = this.#sealTo.get(session);
    if (sealTo === undefined) return;
    const sealed = await sealKeys(sealTo, session as Parameters<typeof sealKeys>[1], firstSeq, keys);
    this.#child.send({ type: 'keys', keys: sealed } satisfies ToServer);
  }

  forget(session: string): void {
    this.#sealTo.delete(session);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }
}
