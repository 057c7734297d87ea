import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { hashCredential, makeApiKey } from '@sordino/app-payments';
import { type EventEnvelope, SessionClient, silentLog } from '@sordino/core';
import { composeSordino, configSchema, type Sordino } from '@sordino/sordino';
import { until } from '@sordino/testkit';
import { Webhook } from 'standardwebhooks';
import { answerOf } from '../scene/call-scene.ts';

const HOST = '127.0.0.1';

/** Somebody else's server: it verifies with the library of Standard Webhooks. */
class Receiver {
  readonly events: EventEnvelope[] = [];
  refused = 0;
  /** Answers 503 to everything. */
  down = false;
  readonly #verify: Webhook;
  readonly #server: Server;

  constructor(secret: string) {
    this.#verify = new Webhook(secret);
    this.#server = createServer((request, response) => {
      this.#answer(request).then(
        (status) => response.writeHead(status).end(),
        () => response.writeHead(400).end(),
      );
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, HOST, resolve));
    return `http://${HOST}:${(this.#server.address() as AddressInfo).port}/`;
  }

  close(): void {
    this.#server.close();
  }

  async #answer(request: IncomingMessage): Promise<number> {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (this.down) {
      this.refused += 1;
      return 503;
    }
    this.events.push(this.#verify.verify(body, request.headers as Record<string, string>) as EventEnvelope);
    return 204;
  }
}

let directory = '';
let receiver: Receiver;
let open: (() => Promise<{ sordino: Sordino; client: SessionClient }>) | undefined;
const opened: Sordino[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sordino-webhooks-'));
  const secrets = [1, 2].map(() => `whsec_${randomBytes(32).toString('base64')}`);
  const files = secrets.map((secret, index) => {
    const file = join(directory, `secret-${index}`);
    writeFileSync(file, `${secret}\n`);
    return file;
  });
  // The old secret: while it is being replaced, both sign.
  receiver = new Receiver(secrets[1] ?? '');
  const url = await receiver.listen();
  const apiKey = makeApiKey(false, randomBytes);
  const config = configSchema.parse({
    sip: { listen: [{ protocol: 'udp', host: HOST, port: 0 }] },
    media: { host: HOST, port_min: 0, port_max: 0 },
    api: { host: HOST, port: 0 },
    store: { kind: 'journal', directory },
    webhooks: [{ id: 'whe_crm', url, tenant: 'acme', secret_files: files, allow_private: true }],
  });
  open = async () => {
    const keys = [{ id: 'key_test', sha256: hashCredential(apiKey), tenant: 'acme', livemode: false }];
    const sordino = await composeSordino(config, keys, silentLog);
    opened.push(sordino);
    const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
    return { sordino, client: new SessionClient({ baseUrl: sordino.api, token: apiKey, pause }) };
  };
});
afterEach(async () => {
  for (const sordino of opened.splice(0)) await sordino.close();
  receiver.close();
  rmSync(directory, { recursive: true, force: true });
});

const A_SESSION = {
  call: { platform: 'plt_main', call_id: 'e-91' },
  intent: { type: 'charge', amount: 4999, currency: 'gbp' },
} as const;

it('tell a server of each event of its sessions, signed, also when it was down before a restart of ours', async () => {
  if (open === undefined) throw new Error('not set up');
  const first = await open();
  const session = answerOf(await first.client.create(A_SESSION, 'one'));
  await until('the first event is here', () => receiver.events.length >= 1);
  receiver.down = true;
  answerOf(await first.client.cancel(session.id));
  await until('the server refuses', () => receiver.refused > 0);
  await first.sordino.close();
  opened.length = 0;

  receiver.down = false;
  const second = await open();
  const told = answerOf(await second.client.events(session.id, 0)).data;
  await until('everything is here', () => receiver.events.length >= told.length);
  expect(receiver.events).toEqual(told);
  expect(told.map(({ type }) => type)).toContain('session.canceled');
});
