import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hashCredential, makeApiKey } from '@sordino/app-payments';
import { type SessionObject, silentLog } from '@sordino/core';
import { composeSordino, configSchema, type Sordino } from '@sordino/sordino';
import { A_SESSION } from '../scene/bare-sordino.ts';
import { HOST } from '../scene/call-scene.ts';
import { type AskedFor, type Ids, operationsWithIds } from './support/operations.ts';

/** Platforms and connectors belong to the process, calls to the platform, and a record of the audit trail is a place in it. */
const NOBODYS = new Set(['PlatformId', 'ConnectorId', 'CallId', 'AuditEventId']);
const OPERATIONS = operationsWithIds({
  prompt: null,
  platform: 'plt_main',
  connector: 'con_sandbox',
  'Idempotency-Key': 'one',
  call_id: A_SESSION.call.call_id,
  note: 'the bank was asked',
})
  .map((operation) => ({ ...operation, takes: operation.takes.filter((name) => !NOBODYS.has(name)) }))
  .filter(({ takes }) => takes.length > 0);

/** Take an id as a filter: what is not there filters nothing in. */
const LISTS = new Set(['listSessions', 'listTestFaults', 'listApiKeys', 'listAuditEvents']);

/** Ids that look right and were never made. */
const UNKNOWN: Ids = {
  SessionId: `ses_${'0'.repeat(26)}`,
  WebhookEndpointId: 'whe_nobodys',
  ApiKeyId: 'key_nobodys',
};

const [owner, otherTenant, otherMode] = [
  makeApiKey(false, randomBytes),
  makeApiKey(false, randomBytes),
  makeApiKey(true, randomBytes),
];
let directory = '';
let sordino: Sordino;
let owned: Ids = {};
let secret = '';
const strangers = new Map<string, string>();

const secretFile = (): string => {
  const file = join(directory, 'whsec');
  writeFileSync(file, `whsec_${randomBytes(32).toString('base64')}`, { mode: 0o600 });
  return file;
};

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sordino-foreign-'));
  const config = configSchema.parse({
    sip: { listen: [{ protocol: 'udp', host: HOST, port: 0 }] },
    media: { host: HOST, port_min: 0, port_max: 0 },
    api: { host: HOST, port: 0 },
    store: { kind: 'journal', directory },
    webhooks: [
      {
        ...{ id: 'whe_acme', url: 'http://127.0.0.1:9/', tenant: 'acme' },
        ...{ secrets: [`file:${secretFile()}`], allow_private: true },
      },
    ],
  });
  const key = (id: string, of: string, tenant: string, livemode = false) => ({
    ...{ id, sha256: hashCredential(of), tenant, livemode },
  });
  const keys = [
    key('key_acme', owner, 'acme'),
    key('key_other', otherTenant, 'other'),
    key('key_acme_live', otherMode, 'acme', true),
  ];
  sordino = await composeSordino(config, keys, silentLog);
  const session = await create(A_SESSION);
  const made = await ask(owner, {
    ...{ method: 'POST', path: '/v1/api_keys', headers: {} },
    body: JSON.stringify({ scopes: ['sessions:read'] }),
  });
  owned = {
    SessionId: session.id,
    WebhookEndpointId: 'whe_acme',
    ApiKeyId: String((made.body as { id?: string }).id),
  };
  secret = session.client_secret ?? '';
  const another = await create({ ...A_SESSION, call: { ...A_SESSION.call, call_id: 'e-92' } });
  const token = await ask(owner, {
    ...{ method: 'POST', path: '/v1/agent_tokens', headers: {} },
    body: JSON.stringify({ platform: 'plt_main', call_id: 'e-92' }),
  });
  strangers.set('the key of another tenant', otherTenant);
  strangers.set('the key of the other mode', otherMode);
  strangers.set('the token of another call', String((token.body as { token?: string }).token));
  strangers.set('the secret of another session', another.client_secret ?? '');
}, 30_000);

afterAll(async () => {
  await sordino?.close();
  rmSync(directory, { recursive: true, force: true });
});

async function create(body: object): Promise<SessionObject> {
  const made = await ask(owner, {
    ...{ method: 'POST', path: '/v1/sessions', headers: {}, body: JSON.stringify(body) },
  });
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  return made.body as SessionObject;
}

/** The answer without what differs from request to request; of a stream its head. */
async function ask(credential: string, { method, path, headers, body }: AskedFor) {
  const response = await fetch(sordino.api + path, {
    method,
    headers: {
      Authorization: `Bearer ${credential}`,
      ...headers,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body }),
  });
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
    await response.body?.cancel();
    return { status: response.status, request: '', body: {} };
  }
  const text = await response.text();
  const request = response.headers.get('request-id') ?? '';
  return { status: response.status, request, body: JSON.parse(text.replaceAll(request, 'req_')) as unknown };
}

const auditLines = (): readonly Record<string, unknown>[] =>
  readdirSync(join(directory, 'audit'))
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) =>
      readFileSync(join(directory, 'audit', name), 'utf8')
        .trim()
        .split('\n'),
    )
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const STRANGERS = [
  'the key of another tenant',
  'the key of the other mode',
  'the token of another call',
  'the secret of another session',
];

describe('an id of somebody else', () => {
  it('is known to this test for every operation that takes one', () => {
    expect(OPERATIONS.map(({ operationId }) => operationId)).toEqual(
      expect.arrayContaining(['readSession', 'confirmSession', 'revokeApiKey', 'armTestFault']),
    );
    const unknown = OPERATIONS.flatMap(({ takes }) => takes).filter((name) => !(name in UNKNOWN));
    expect([...new Set(unknown)]).toEqual([]);
  });

  describe.each(OPERATIONS)('$operationId', ({ operationId, takes, request }) => {
    it.each(STRANGERS)('does not exist for %s', async (who) => {
      const credential = strangers.get(who) ?? '';
      const foreign = await ask(credential, request(owned));
      const never = await ask(credential, request(UNKNOWN));
      expect([foreign.status, foreign.body]).toEqual([never.status, never.body]);
      expect(JSON.stringify(foreign.body)).not.toContain(owned[takes[0] ?? ''] ?? 'no id');
      // 200: a list, and nothing of the owner is in it. 403: not for pages, or (faults) not for live keys, whatever the id.
      const isKey = who.startsWith('the key');
      const mayBe = LISTS.has(operationId) ? [200, 403, 404] : isKey ? [404] : [403, 404];
      expect(operationId === 'armTestFault' && who.includes('mode') ? [403] : mayBe).toContain(
        foreign.status,
      );
      expect(auditLines().find((line) => line.request === foreign.request)).toMatchObject({
        tenant: who === 'the key of another tenant' ? 'other' : 'acme',
        session: null,
        outcome: `HTTP ${foreign.status}`,
      });
    });
  });

  it('is one of the owner, who is answered otherwise (control)', async () => {
    expect(secret).not.toBe('');
    const answers = [];
    for (const { operationId, request } of OPERATIONS)
      answers.push([operationId, (await ask(owner, request(owned))).status]);
    expect(answers.filter(([, status]) => status === 404 || status === 403 || status === 400)).toEqual([]);
  });
});
