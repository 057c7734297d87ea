import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { SERVICE_NODE_ARGS } from '@sordino/sordino';
import type { SystemAnswer, SystemRequest, SystemSample, SystemSetup } from './protocol.ts';

type AnswerOf<Type extends SystemAnswer['type']> = Extract<SystemAnswer, { type: Type }>;

/** The system under test, as its load sees it. One question of a kind at a time. */
export class System implements AsyncDisposable {
  /** UDP. */
  readonly sipPort: number;
  readonly tcpPort: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, ports: { readonly sipPort: number; readonly tcpPort: number }) {
    this.#child = child;
    this.sipPort = ports.sipPort;
    this.tcpPort = ports.tcpPort;
  }

  /** `nodeArgs`: such as `--cpu-prof`. */
  static async start(setup: Omit<SystemSetup, 'type'>, nodeArgs: readonly string[] = []): Promise<System> {
    const file = fileURLToPath(new URL('../../dist/bench/system-main.js', import.meta.url));
    const child = fork(file, [], { execArgv: [...SERVICE_NODE_ARGS, '--expose-gc', ...nodeArgs] });
    return new System(child, await ask(child, { type: 'start', ...setup }, 'started'));
  }

  async tokens(count: number): Promise<readonly string[]> {
    return (await ask(this.#child, { type: 'tokens', count }, 'tokens')).tokens;
  }

  async sample(collectGarbage: boolean): Promise<SystemSample> {
    return (await ask(this.#child, { type: 'sample', collectGarbage }, 'sample')).sample;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.send({ type: 'stop' } satisfies SystemRequest);
    await ended;
  }
}

function ask<Type extends SystemAnswer['type']>(
  child: ChildProcess,
  request: SystemRequest,
  type: Type,
): Promise<AnswerOf<Type>> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      child.off('message', onMessage);
      child.off('exit', onExit);
    };
    const onMessage = (answer: SystemAnswer): void => {
      if (answer.type !== type && answer.type !== 'failed') return;
      settle();
      if (answer.type === 'failed') reject(new Error(`the system under test: ${answer.problem}`));
      else resolve(answer as AnswerOf<Type>);
    };
    const onExit = (status: number | null, signal: string | null): void => {
      settle();
      reject(new Error(`the system under test ended with ${status ?? signal}`));
    };
    child.on('message', onMessage);
    child.once('exit', onExit);
    child.send(request);
  });
}
