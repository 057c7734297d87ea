import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type FieldName, SessionClient, type SessionId, type SessionObject } from '@sordino/core';
import type { CallEvent } from '@sordino/payments';
import { SessionFollower, until } from '@sordino/testkit';
import { WireTap } from '../../process/support/wire-tap.ts';
import { answerOf } from '../../scene/call-scene.ts';
import {
  CONTROL_SESSION,
  type FromPayments,
  type HeldAs,
  type PaymentsSetup,
  type ToPayments,
} from './protocol.ts';
import { type Scan, scanMemory } from './scan.ts';
import { sealKeys } from './seal-key.ts';
import type { Spelling } from './spellings.ts';

const POLL_MS = 10;
const MAIN = fileURLToPath(new URL('../../../dist/security/memory/payments-main.js', import.meta.url));

export interface Card {
  readonly number: string;
  readonly expiry: string;
  readonly code: string;
}

/** The payments process as its surroundings have it: calls report to it, an agent's app uses its API. */
export class PaymentsProcess implements AsyncDisposable {
  /** Its standard output and standard error. */
  readonly output: readonly string[];
  readonly #child: ChildProcess;
  readonly #tap: WireTap;
  readonly #client: SessionClient;
  readonly #apiKey: string;
  readonly #sealTo: Map<SessionId, Uint8Array>;
  readonly #controlKey: Uint8Array;
  readonly #followers = new Map<SessionId, SessionFollower>();
  #controlKeys = 0;

  private constructor(
    child: ChildProcess,
    tap: WireTap,
    client: SessionClient,
    apiKey: string,
    sealTo: Map<SessionId, Uint8Array>,
    controlKey: Uint8Array,
    output: readonly string[],
  ) {
    this.output = output;
    this.#child = child;
    this.#tap = tap;
    this.#client = client;
    this.#apiKey = apiKey;
    this.#sealTo = sealTo;
    this.#controlKey = controlKey;
  }

  static async start(setup: PaymentsSetup, apiKey: string, caFile: string): Promise<PaymentsProcess> {
    const child = fork(MAIN, [JSON.stringify(setup)], {
      execArgv: ['--expose-gc'],
      env: { ...process.env, NODE_OPTIONS: '', NODE_EXTRA_CA_CERTS: caFile },
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const sealTo = new Map<SessionId, Uint8Array>();
    child.on('message', (message: FromPayments) => {
      if (message.said === 'expected') sealTo.set(message.session, message.sealTo);
    });
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      if (stream) createInterface({ input: stream }).on('line', (line) => output.push(line));
    const up = await said(child, 'up').catch((error: Error) => {
      throw new Error(`${error.message}:\n${output.join('\n')}`);
    });
    const tap = await WireTap.open(up.api);
    const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
    const client = new SessionClient({ baseUrl: tap.url, token: apiKey, pause });
    return new PaymentsProcess(child, tap, client, apiKey, sealTo, up.controlKey, output);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get answered(): Buffer {
    return this.#tap.answered;
  }

  async create(connector: string, amount: number): Promise<SessionObject> {
    const session = answerOf(
      await this.#client.create(
        {
          call: { platform: 'plt_main', call_id: randomUUID() },
          intent: { type: 'charge', amount, currency: 'gbp' },
          connector,
        },
        randomUUID(),
      ),
    );
    await until('the call side was told', async () => this.#sealTo.has(session.id));
    const call = { session: session.id };
    this.#report({ type: 'topology', topology: 'engaging', ...call });
    this.#report({ type: 'topology', topology: 'engaged', ...call });
    this.#report({ type: 'ready', lookbackMs: 20, ...call });
    const follower = new SessionFollower(this.#client, session.id, () => {});
    this.#followers.set(session.id, follower);
    await follower.until('session.ready');
    return session;
  }

  /** The customer keys these fields. */
  async keyIn(id: SessionId, card: Card, fields: readonly FieldName[]): Promise<void> {
    const keys = { card_number: `${card.number}#`, expiry: card.expiry, cvc: `${card.code}#` };
    const publicKey = this.#sealTo.get(id);
    if (publicKey === undefined) throw new Error(`nobody seals to ${id}`);
    let seq = 0;
    for (const field of fields) {
      answerOf(await this.#client.collect(id, field));
      const pressed = await sealKeys(publicKey, id, seq, keys[field as keyof typeof keys]);
      seq += pressed.length;
      for (const key of pressed) this.#report({ type: 'key', session: id, key });
      await this.#followers.get(id)?.until('field.captured', ({ data }) => data.field === field);
    }
  }

  async confirm(id: SessionId): Promise<void> {
    await this.#client.confirm(id, randomUUID());
  }

  /** Somebody else's `<Pay>` has collected the card, and sends it. What is answered, and its HTTP status. */
  async pay(connector: string, body: object): Promise<{ status: number; answer: Record<string, unknown> }> {
    const response = await fetch(`${this.#tap.url}/v1/pay_connectors/${connector}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${this.#apiKey}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
  }

  async cancel(id: SessionId): Promise<void> {
    answerOf(await this.#client.cancel(id));
  }

  /** The call is back with its platform, whoever asked for that. */
  async restored(id: SessionId): Promise<void> {
    await this.#client.restore(id);
    this.#report({ type: 'topology', topology: 'restoring', session: id });
    this.#report({ type: 'topology', topology: 'restored', session: id });
    await until(`${id} is restored`, async () => (await this.read(id)).topology === 'restored', POLL_MS);
    answerOf(await this.#client.events(id, 0));
    await this.#followers.get(id)?.[Symbol.asyncDispose]();
  }

  async read(id: SessionId): Promise<SessionObject> {
    return answerOf(await this.#client.read(id));
  }

  /** The digits reach the process sealed for the control too. */
  async hold(as: HeldAs, digits: string): Promise<void> {
    const keys = await sealKeys(this.#controlKey, CONTROL_SESSION, this.#controlKeys, digits);
    this.#controlKeys += keys.length;
    await this.#order({ order: 'hold', as, keys });
  }

  /** After the collector has been there. */
  async scan(spellings: readonly Spelling[]): Promise<Scan> {
    await this.#order({ order: 'collect_garbage' });
    return scanMemory(this.pid, spellings);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tap[Symbol.asyncDispose]();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.send({ order: 'close' } satisfies ToPayments);
    await exited;
  }

  #report(event: CallEvent): void {
    this.#child.send({ order: 'report', event } satisfies ToPayments);
  }

  async #order(message: ToPayments): Promise<void> {
    const done = said(this.#child, 'done');
    this.#child.send(message);
    await done;
  }
}

function said<Said extends FromPayments['said']>(
  child: ChildProcess,
  wanted: Said,
): Promise<Extract<FromPayments, { said: Said }>> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      child.off('message', hear);
      child.off('exit', gone);
      act();
    };
    const hear = (message: FromPayments): void => {
      if (message.said === wanted) settle(() => resolve(message as Extract<FromPayments, { said: Said }>));
    };
    const gone = (): void =>
      settle(() => reject(new Error(`the payments process ended before it said ${wanted}`)));
    child.on('message', hear);
    child.on('exit', gone);
  });
}
