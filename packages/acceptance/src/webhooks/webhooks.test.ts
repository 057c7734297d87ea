import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { EventEnvelope } from '@sordino/core';
import { until } from '@sordino/testkit';
import { Webhook } from 'standardwebhooks';
import { A_SESSION, BareSordino } from '../scene/bare-sordino.ts';
import { answerOf, HOST } from '../scene/call-scene.ts';

/** Somebody else's server: it verifies with the library of Standard Webhooks. */
class Receiver implements Disposable {
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

  [Symbol.dispose](): void {
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
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sordino-webhooks-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function aSecret(name: string): { readonly secret: string; readonly file: string } {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const file = join(directory, name);
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  return { secret, file };
}

it('tell a server of each event of its sessions, signed, also when it was down before a restart of ours', async () => {
  const [fresh, old] = [aSecret('new'), aSecret('old')];
  // The receiver knows the old secret only: while it is being replaced, both sign.
  using receiver = new Receiver(old.secret);
  const url = await receiver.listen();
  const process = new BareSordino(directory, {
    webhooks: [
      {
        id: 'whe_crm',
        url,
        tenant: 'acme',
        secrets: [`file:${fresh.file}`, `file:${old.file}`],
        allow_private: true,
      },
    ],
  });
  const first = await process.start();
  const session = answerOf(await first.client.create(A_SESSION, 'one'));
  await until('the first event is here', () => receiver.events.length >= 1);
  receiver.down = true;
  answerOf(await first.client.cancel(session.id));
  await until('the server refuses', () => receiver.refused > 0);
  await first.sordino.close();

  receiver.down = false;
  await using second = await process.start();
  const told = answerOf(await second.client.events(session.id, 0)).data;
  await until('everything is here', () => receiver.events.length >= told.length);
  expect(receiver.events).toEqual(told);
  expect(told.map(({ type }) => type)).toContain('session.canceled');
});
