import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Party } from './party.ts';
import type { FromParty, LegStateEvent, PartyAddress, ToParty } from './protocol.ts';

/** Long enough for a busy machine to load Node and bind a few sockets. */
const START_TIMEOUT_MS = 20_000;
/** After `stop` a party says BYE and ends by itself; one that does not is killed. */
const STOP_TIMEOUT_MS = 3_000;

/** Compiled entry points: processes run from dist, also when this file is read from src by a test. */
export function entryPath(name: string): string {
  const here = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  return here.replace(/([\\/])src([\\/]world[\\/][^\\/]+)$/, '$1dist$2');
}

/** Starts a party in a process of its own. Rejects with the party's own words when it does not come up. */
export async function forkParty<Setup, Command extends { readonly do: string }, Results>(
  entry: string,
  setup: Setup,
  onLegState: (event: LegStateEvent) => void = () => undefined,
): Promise<Party<Command, Results> & { readonly pid: number | undefined }> {
  const child = fork(entryPath(entry), [], {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const link = new PartyLink<Setup, Command>(entry, child, onLegState);
  try {
    const address = await link.start(setup);
    return {
      pid: child.pid,
      address,
      run: async (command) => (await link.command(command)) as never,
      close: () => link.stop(),
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

/** The parent's end of one party: owns the ids, and fails everything that is under way when the process dies. */
class PartyLink<Setup, Command> {
  readonly #entry: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #started: { resolve(address: PartyAddress): void; reject(error: Error): void } | undefined;
  #nextId = 1;
  #dead = false;

  constructor(entry: string, child: ChildProcess, onLegState: (event: LegStateEvent) => void) {
    this.#entry = entry;
    this.#child = child;
    this.#exited = once(child, 'exit').then(() => this.#died());
    child.on('error', () => this.#died());
    child.on('message', (message) => this.#receive(message as FromParty, onLegState));
  }

  start(setup: Setup): Promise<PartyAddress> {
    return new Promise((resolve, reject) => {
      const slow = new Error(`${this.#entry} did not start in ${START_TIMEOUT_MS} ms`);
      const timer = setTimeout(() => reject(slow), START_TIMEOUT_MS);
      this.#started = {
        resolve: (address) => {
          clearTimeout(timer);
          resolve(address);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.#send({ type: 'start', setup });
    });
  }

  command(command: Command): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#dead) {
        reject(new Error(`${this.#entry} is not running any more`));
        return;
      }
      const id = this.#nextId;
      this.#nextId += 1;
      this.#waiting.set(id, { resolve, reject });
      this.#send({ type: 'command', id, command });
    });
  }

  async stop(): Promise<void> {
    if (this.#dead) return;
    this.#send({ type: 'stop' });
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#exited;
    clearTimeout(killer);
  }

  #send(message: ToParty<Setup, Command>): void {
    if (this.#child.connected) this.#child.send(message as object, () => undefined);
  }

  #receive(message: FromParty, onLegState: (event: LegStateEvent) => void): void {
    switch (message.type) {
      case 'started':
        this.#started?.resolve(message.address);
        break;
      case 'failed':
        this.#started?.reject(new Error(`${this.#entry}: ${message.message}`));
        break;
      case 'leg_state':
        onLegState(message.event);
        break;
      case 'result': {
        const waiting = this.#waiting.get(message.id);
        this.#waiting.delete(message.id);
        if (message.ok) waiting?.resolve(message.value);
        else waiting?.reject(new Error(`${this.#entry}: ${message.message}`));
        break;
      }
    }
  }

  #died(): void {
    if (this.#dead) return;
    this.#dead = true;
    const error = new Error(
      `the process of ${this.#entry} has ended (exit code ${this.#child.exitCode}, signal ${this.#child.signalCode})`,
    );
    this.#started?.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
