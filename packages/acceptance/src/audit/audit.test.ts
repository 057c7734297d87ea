import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { AuditEventObject, EvidenceObject, ListObject } from '@sordino/core';
import { A_SESSION, BareSordino, type RunningSordino } from '../scene/bare-sordino.ts';
import { answerOf } from '../scene/call-scene.ts';

const MAIN = fileURLToPath(new URL('../../../../apps/sordino/dist/main.js', import.meta.url));
const WRONG_KEY = 'sk_test_00000000000000000000000bad';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sordino-audit-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function verify(...args: string[]): Promise<{ code: number; said: string }> {
  const run = promisify(execFile)(process.execPath, [MAIN, 'audit', 'verify', ...args]);
  return run.then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stdout, stderr }) => ({ code, said: stdout + stderr }),
  );
}

const get = (at: RunningSordino, path: string, key: string) =>
  fetch(at.sordino.api + path, { headers: { Authorization: `Bearer ${key}` } });

it('records every access, tells it as evidence of its session, and shows when a record was changed', async () => {
  const process = new BareSordino(directory);
  const running = await process.start();
  const session = answerOf(await running.client.create(A_SESSION, 'one'));
  await get(running, `/v1/sessions/${session.id}`, WRONG_KEY);
  await get(running, '/v1/sessions/4242424242424242', process.apiKey);
  answerOf(await running.client.cancel(session.id));

  const evidence = (await (
    await get(running, `/v1/sessions/${session.id}/evidence`, process.apiKey)
  ).json()) as EvidenceObject;
  expect(evidence).toMatchObject({ object: 'evidence', session: { id: session.id, status: 'canceled' } });
  expect(evidence.events).toEqual(answerOf(await running.client.events(session.id, 0)).data);
  expect(evidence.audit.map(({ action, actor, outcome }) => `${action} ${actor} ${outcome}`)).toEqual([
    'POST /v1/sessions api_key key_test HTTP 201',
    'POST /v1/sessions/:id/cancel api_key key_test HTTP 200',
  ]);
  const listed = await get(running, '/v1/audit_events?limit=4', process.apiKey);
  const events = (await listed.json()) as ListObject<AuditEventObject>;
  expect(events.has_more).toBe(true);
  expect(events.data.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
    'GET /v1/sessions/:id/events HTTP 200',
    'GET /v1/sessions/:id/evidence HTTP 200',
    'POST /v1/sessions/:id/cancel HTTP 200',
    // Of an id that cannot be one no route is known. The wrong key before it is nobody's, so no tenant sees it.
    'GET /v1/… HTTP 404',
  ]);
  await running.sordino.close();

  const trail = join(directory, 'audit');
  const [file = ''] = readdirSync(trail).filter((name) => name.endsWith('.jsonl'));
  const text = readFileSync(join(trail, file), 'utf8');
  expect(text).toMatch(/"actor":null,.*"outcome":"HTTP 401"/);
  expect(text).toMatch(/process.started.*process.stopped/s);
  expect(text).not.toContain('4242');
  expect(text).not.toContain(process.apiKey);

  const whole = await verify('--directory', trail);
  expect(whole).toMatchObject({
    code: 0,
    said: expect.stringMatching(/records 1 to \d+: .* as they were written/),
  });
  const [, noted = ''] = /--noted (\S+)/.exec(whole.said) ?? [];
  expect(await verify('--directory', trail, '--noted', noted)).toMatchObject({ code: 0 });

  writeFileSync(join(trail, file), text.replace('HTTP 401', 'HTTP 200'));
  const changed = await verify('--directory', trail);
  expect(changed).toMatchObject({ code: 1, said: expect.stringContaining('was changed') });
  expect(changed.said).toMatch(new RegExp(`${file}:\\d+: record`));
});

it.each([
  ['no trail', ['--directory', '/nowhere/at/all'], /there is no audit trail in/],
  ['a note that is none', ['--noted', 'all of it'], /--noted takes what an earlier run printed/],
])('says what is wrong with %s', async (_what, args, said) => {
  expect(await verify(...args)).toMatchObject({ code: 2, said: expect.stringMatching(said) });
});
