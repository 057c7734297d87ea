import { type ChildProcess, fork } from 'node:child_process';
import { once, setMaxListeners } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onCore } from './on-core.ts';
import type { RelayAnswer, RelayRequest } from './relay-protocol.ts';
import type { Media, OpenedCall, RelayTroubles, RelayUnderTest } from './relay-under-test.ts';

export type SordinoIo = 'dgram' | 'native';

/** Sordino's relay with one worker, driven by the messages of relay-main. */
export class SordinoRelay implements RelayUnderTest {
  readonly lookbackMs = { toAgent: 30, toCustomer: 0 };
  readonly keepsOpusPackets = true;
  readonly #child: ChildProcess;
  readonly #ended = new AbortController();

  private constructor(child: ChildProcess) {
    this.#child = child;
    // Whoever asks for each of some hundred calls waits for one thing only.
    setMaxListeners(0, this.#ended.signal);
    child.once('exit', (status) => this.#ended.abort(new Error(`the relay ended with ${status}`)));
  }

  static async start(
    core: number,
    packetIo: SordinoIo,
    nodeArgs: readonly string[] = [],
  ): Promise<SordinoRelay> {
    const file = fileURLToPath(new URL('../../dist/bench-relay/relay-main.js', import.meta.url));
    const [execPath, execArgv] = onCore(core, [process.execPath, ...nodeArgs]);
    const child = fork(file, [packetIo], { execPath, execArgv: [...execArgv] });
    const relay = new SordinoRelay(child);
    await relay.#answer('started');
    return relay;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async openCall(customerPort: number, cleanPort: number, media: Media): Promise<OpenedCall> {
    this.#child.send({ type: 'open', customerPort, cleanPort, media } satisfies RelayRequest);
    return (await this.#answer('opened')).call;
  }

  async troubles(): Promise<RelayTroubles> {
    this.#child.send({ type: 'troubles' } satisfies RelayRequest);
    return (await this.#answer('troubles')).troubles;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }

  async #answer<Type extends RelayAnswer['type']>(type: Type): Promise<Extract<RelayAnswer, { type: Type }>> {
    const [answer] = (await once(this.#child, 'message', { signal: this.#ended.signal })) as [RelayAnswer];
    if (answer.type !== type) throw new Error(`the relay answered ${JSON.stringify(answer)}`);
    return answer as Extract<RelayAnswer, { type: Type }>;
  }
}
