import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { ApiKeyObject } from '@sordino/core';
import type { AuditEntry } from '@sordino/observability';
import { until } from '@sordino/testkit';
import { repoRoot } from '../repo-root.ts';
import { A_SESSION, BareSordino, type RunningSordino } from '../scene/bare-sordino.ts';
import { answerOf } from '../scene/call-scene.ts';

const DAY_MS = 86_400_000;
const ROWS = [
  ...readFileSync(join(repoRoot, 'docs/security/audit.md'), 'utf8').matchAll(
    /^\| (10\.2\.1\.\d) .*\| ([^|]*) \|$/gm,
  ),
].map(([, requirement = '', records = '']) => ({
  requirement,
  actions: [...records.matchAll(/`([^`]+)`/g)].map(([, action = '']) => action),
}));

const directory = mkdtempSync(join(tmpdir(), 'sordino-10-2-'));
const bare = new BareSordino(directory, {
  webhooks: [
    { id: 'whe_a', url: 'http://127.0.0.1:9/', tenant: 'acme', secrets: ['env:WHSEC'], allow_private: true },
  ],
});
let recorded: readonly AuditEntry[] = [];

const fileOf = (atMs: number): string =>
  join(directory, 'audit', `audit-${new Date(atMs).toISOString().slice(0, 10)}.jsonl`);
const readTrail = (): readonly AuditEntry[] =>
  readdirSync(join(directory, 'audit'))
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .flatMap((name) =>
      readFileSync(join(directory, 'audit', name), 'utf8')
        .trim()
        .split('\n'),
    )
    .map((line) => JSON.parse(line) as AuditEntry)
    .filter(({ n }) => n !== undefined);

async function ask(at: RunningSordino, method: string, path: string, body?: object, key = bare.apiKey) {
  const answer = await fetch(`${at.sordino.api}/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json', 'Idempotency-Key': path },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as unknown };
}

/** Lets the disk of the trail be full until what is returned is called. A new day is a new file: that of tomorrow takes nothing. */
function fillTheDisk(): () => void {
  const tomorrow = Date.now() + DAY_MS;
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => tomorrow);
  symlinkSync('/dev/full', fileOf(tomorrow));
  return () => {
    rmSync(fileOf(tomorrow));
    clock.mockRestore();
  };
}

afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('while the trail cannot be written', () => {
  it('no session is made and no field opened, agents are told, and all of it works again afterwards', async () => {
    process.env.WHSEC = `whsec_${'A'.repeat(43)}=`;
    const at = await bare.start();
    const session = answerOf(await at.client.create(A_SESSION, 'before'));
    const emptied = fillTheDisk();
    // The access by which it is found out is answered: its record is the first that is lost.
    await ask(at, 'GET', '/platforms');
    const hint = async () =>
      answerOf(await at.client.events(session.id, 0)).data.find(({ type }) => type === 'field.hint');
    await until('the agent is told', async () => (await hint()) !== undefined);
    expect((await hint())?.data).toMatchObject({ field: null, code: 'audit_unavailable' });
    const other = { ...A_SESSION, call: { platform: 'plt_main', call_id: 'e-92' } };
    const refused = { ok: false, status: 503, error: { code: 'audit_unavailable', call_safe: true } };
    expect(await at.client.create(other, 'during')).toMatchObject(refused);
    expect(await at.client.collect(session.id, 'card_number')).toMatchObject(refused);
    const ready = await fetch(`${at.sordino.api}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('audit_unavailable')]);
    emptied();
    await until('it goes on', async () => (await at.client.create(other, 'after')).ok);
    await at.sordino.close();
    expect(readTrail().map(({ action }) => action)).toContain('audit.resumed');
  });
});

describe('PCI DSS v4.0.1, 10.2.1', () => {
  beforeAll(async () => {
    process.env.WHSEC = `whsec_${'A'.repeat(43)}=`;
    const at = await bare.start();
    const session = answerOf(await at.client.create(A_SESSION, 'one'));
    const { id } = session;
    await ask(at, 'GET', `/sessions/${id}`);
    await ask(at, 'GET', '/sessions');
    await ask(at, 'GET', `/sessions/${id}/events`);
    await ask(at, 'POST', '/pay_connectors/con_sandbox', { transaction_id: 'PK-1' });
    await ask(at, 'GET', `/sessions/${id}/evidence`);
    await ask(at, 'GET', '/audit_events');
    await ask(at, 'GET', `/sessions/${id}`, undefined, 'sk_test_00000000000000000000000bad');
    await ask(at, 'GET', '/sessions/ses_00000000000000000000000000');
    await ask(at, 'POST', '/platforms/plt_main/probe', {});
    await ask(at, 'POST', '/webhook_endpoints/whe_a/replay', { session: id, from_seq: 1 });
    await ask(at, 'POST', `/sessions/${id}/resolve`, {
      outcome: 'approved',
      note: 'refused: nothing is unknown',
    });
    await ask(at, 'POST', '/agent_tokens', A_SESSION.call);
    const made = (await ask(at, 'POST', '/api_keys', { scopes: ['sessions:read'] })).body as ApiKeyObject;
    const rolled = (await ask(at, 'POST', `/api_keys/${made.id}/roll`, {})).body as ApiKeyObject;
    await ask(at, 'POST', `/api_keys/${rolled.id}/revoke`, {});
    await ask(at, 'POST', `/sessions/${id}/cancel`, {});
    await at.sordino.close();
    recorded = readTrail();
  });

  it('has seven items, and the table has them', () => {
    expect(ROWS.map(({ requirement }) => requirement)).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((n) => `10.2.1.${n}`),
    );
  });

  it.each(
    ROWS.flatMap(({ requirement, actions }) => actions.map((action) => [requirement, action] as const)),
  )('%s: %s is recorded, with who, when, from where and how it ended', (_requirement, action) => {
    const found = recorded.find((entry) => entry.action === action);
    expect(found).toMatchObject({
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      outcome: expect.stringMatching(/./),
    });
    if (action.includes('/v1/'))
      expect(found).toMatchObject({
        source: expect.stringMatching(/127\.0\.0\.1/),
        request: expect.any(String),
      });
    else expect(found?.actor).toBe('system');
  });

  it.each([
    ['a wrong key', { outcome: 'HTTP 401', actor: null, action: 'GET /v1/…' }],
    ['what is not there', { outcome: 'HTTP 404', actor: 'api_key key_test', action: 'GET /v1/sessions/:id' }],
  ])('10.2.1.4: %s', (_what, record) => {
    expect(recorded).toContainEqual(expect.objectContaining(record));
  });
});
