import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { composePayments, hashCredential, makeApiKey, postWebhook } from '@sordino/app-payments';
import { type EventEnvelope, type LogFields, makeId, type SessionId, silentLog } from '@sordino/core';
import { createLog, findCardNumbers, openAuditTrail } from '@sordino/observability';
import { type SessionRecord, type SessionService, WebhookDispatcher } from '@sordino/payments';
import { cardFreeStore, randomBytes, systemScheduler } from '@sordino/sordino';
import { createMemoryStore, openJournalStore } from '@sordino/store';
import { until } from '@sordino/testkit';

/**
 * The shapes in which a card number gets past a list of field names to redact, planted before each sink. Nothing of ours makes them: this
 * is the net behind that.
 */
const CARD = '5555555555554444';
const ERROR = new Error(`declined ${CARD}`);
const SHAPES: readonly (readonly [shape: string, value: unknown])[] = [
  ['a field of its own', { pan: CARD }],
  ['the text of a message', `charging ${CARD} now`],
  ['the message of an error', { reason: ERROR.message, stack: ERROR.stack }],
  ['a nested path', { request: { body: { card: { number: CARD } } } }],
  ['an array', { keys: [...CARD].map(Number), cards: [CARD] }],
  ['a form', `amount=100&card[number]=${CARD}&card[cvc]=123`],
  ['a number', { pan: Number(CARD) }],
  ['groups with spaces, in a key', { [CARD.match(/.{4}/g)?.join(' ') ?? '']: 1 }],
];
const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sordino-shapes-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const SESSION = makeId<SessionId>('ses', randomBytes);
const aChange = (value: unknown) => ({
  session: {
    ...{
      id: SESSION,
      tenant: 'acme',
      livemode: false,
      created: 1,
      updated: 1,
      version: 1,
      status: 'created',
    },
    ...{ topology: 'original', lastEventSeq: 1, callEnded: false, metadata: { note: asText(value) } },
    clientSecretHash: hashCredential('x'),
  } as unknown as SessionRecord,
  events: [
    {
      ...{
        id: makeId('evt', randomBytes),
        object: 'event',
        type: 'payment.failed',
        seq: 1,
        session: SESSION,
      },
      ...{ created: 1, data: { value } },
    } as unknown as EventEnvelope,
  ],
});

/** What comes out of each sink when this goes in. */
const SINKS: Readonly<Record<string, (value: unknown) => Promise<string>>> = {
  'the log': async (value) => {
    const lines: string[] = [];
    const log = createLog({ level: 'debug', destination: { write: (line) => lines.push(line) } });
    log.error(asText(value), { value, text: asText(value) } as unknown as LogFields);
    return lines.join('');
  },
  'the audit trail': async (value) => {
    const trail = openAuditTrail({ directory, keepDays: 366, clock: systemScheduler, log: silentLog });
    const nobody = { actor: null, tenant: null, session: null, source: null, request: null };
    trail.record({ ...nobody, action: 'supervisor.override', outcome: asText(value) });
    trail.close();
    return readFileSync(join(directory, `audit-${new Date().toISOString().slice(0, 10)}.jsonl`), 'utf8');
  },
  'the journal': async (value) => {
    const store = await openJournalStore({ directory, clock: systemScheduler, log: silentLog });
    await cardFreeStore(store, silentLog).commit(aChange(value));
    await store.close();
    return readFileSync(join(directory, 'journal.jsonl'), 'utf8');
  },
  'a webhook': async (value) => {
    const bodies: string[] = [];
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      bodies.push(Buffer.concat(chunks).toString());
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const dispatcher = new WebhookDispatcher({
      store: cardFreeStore(createMemoryStore(systemScheduler), silentLog),
      endpoints: [
        { id: 'whe_a', url, tenant: 'acme', livemode: false, events: ['*'], secrets: [randomBytes(32)] },
      ],
      send: (endpoint, headers, body, stop) =>
        postWebhook(endpoint.url, headers, body, { allowPrivate: true, stop }),
      hmac: (key, ...parts) => {
        const mac = createHmac('sha256', key);
        for (const part of parts) mac.update(part);
        return mac.digest('base64');
      },
      ...{ scheduler: systemScheduler, chance: () => 0.5, log: silentLog },
    });
    await dispatcher.watch().commit(aChange(value));
    await until('it was posted', () => bodies.length > 0);
    await dispatcher.stop();
    server.close();
    return bodies.join('');
  },
  'an error of the API': async (value) => {
    const key = makeApiKey(false, randomBytes);
    const problem = {
      type: 'api_error',
      code: 'internal_error',
      message: asText(value),
      param: asText(value),
    };
    const http = composePayments({
      service: {
        read: () => ({ ok: false, problem: { ...problem, httpStatus: 409, retryable: false } }),
        callerForClientSecret: () => undefined,
      } as unknown as SessionService,
      store: createMemoryStore(systemScheduler),
      apiKeys: [{ id: 'key_1', sha256: hashCredential(key), tenant: 'acme', livemode: false }],
      ...{ scheduler: systemScheduler, random: randomBytes, log: silentLog },
    });
    const server = await http.listen({ host: '127.0.0.1', port: 0 });
    const answer = await fetch(`${server.url}/v1/sessions/${SESSION}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const text = await answer.text();
    await http.close();
    expect(answer.status).toBe(409);
    return text;
  },
};

describe.each(Object.entries(SINKS))('a card number that reaches %s', (_name, sink) => {
  it.each(SHAPES)('as %s does not leave by it', async (_shape, value) => {
    const out = await sink(value);
    expect(out).toContain('[PAN]');
    expect(findCardNumbers(out, [CARD])).toEqual([]);
  });
});

it('the same search finds each shape where there is no net', () => {
  for (const [, value] of SHAPES) expect(findCardNumbers(asText(value), [CARD])).not.toEqual([]);
});
