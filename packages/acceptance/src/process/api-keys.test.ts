import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ApiKeyObject } from '@sordino/core';
import { runSordino } from '@sordino/sordino';
import { BareSordino, type RunningSordino } from '../scene/bare-sordino.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sordino-keys-'));
  writeFileSync(
    join(directory, 'sordino.yaml'),
    `store: { kind: journal, directory: ${join(directory, 'data')} }\n`,
  );
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** `sordino keys …` beside whatever runs. */
async function keys(
  ...args: string[]
): Promise<{ readonly code: number | null; readonly said: readonly string[] }> {
  const run = runSordino(['keys', ...args, '--config', 'sordino.yaml'], { cwd: directory });
  const { status } = await run.ended;
  return { code: status, said: run.output };
}

const aSordino = () => new BareSordino(join(directory, 'data'));

const ask = async (at: RunningSordino, key: string, path: string, body?: object) =>
  fetch(at.sordino.api + path, {
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });

const pause = () => new Promise((resolve) => setTimeout(resolve, 200));

async function statusBecomes(wanted: number, of: () => Promise<Response>): Promise<void> {
  for (;;) {
    const { status } = await of();
    if (status === wanted) return;
    await pause();
  }
}

describe('API keys', () => {
  it('made by the command are good in a running process, and revoked ones are not', async () => {
    await using running = await aSordino().start();
    const created = await keys('create', '--tenant', 'acme', '--scopes', 'sessions:read', '--days', '30');
    const key = created.said.find((line) => line.startsWith('sk_test_')) ?? '';
    await statusBecomes(200, () => ask(running, key, '/v1/sessions'));
    expect((await ask(running, key, '/v1/api_keys')).status).toBe(403);
    const listed = await keys('list', '--tenant', 'acme');
    const id = /key_[0-9a-z]{26}/.exec(listed.said.join('\n'))?.[0] ?? '';
    expect((await keys('revoke', id, '--tenant', 'other')).code).toBe(1);
    expect((await keys('revoke', id, '--tenant', 'acme')).code).toBe(0);
    await statusBecomes(401, () => ask(running, key, '/v1/sessions'));
  }, 60_000);

  it('made by the API are good after a restart, like the agent tokens that they minted', async () => {
    const sordino = aSordino();
    const { key, token } = await (async () => {
      await using running = await sordino.start();
      const made = await ask(running, sordino.apiKey, '/v1/api_keys', {
        scopes: ['sessions:read', 'sessions:write'],
      });
      const { key = '' } = (await made.json()) as ApiKeyObject;
      const minted = await ask(running, key, '/v1/agent_tokens', { platform: 'plt_main', call_id: 'e-91' });
      return { key, token: ((await minted.json()) as { token: string }).token };
    })();
    await using again = await sordino.start();
    for (const credential of [key, token])
      expect((await ask(again, credential, '/v1/sessions')).status).toBe(200);
    for (const file of readdirSync(join(directory, 'data'), { recursive: true, encoding: 'utf8' }))
      if (/\.(json|jsonl|log)$/.test(file))
        expect(readFileSync(join(directory, 'data', file), 'utf8')).not.toContain(key);
  }, 60_000);

  it.each([
    [['create', '--scopes', 'everything'], /there is no everything; there are sessions:read/],
    [['create', '--days', '0'], /--days takes 1 to/],
    [['bake'], /there are: sordino keys create/],
  ])('%j is refused with what to do', async (args, said) => {
    const ended = await keys(...args);
    expect([ended.code, ended.said.join('\n')]).toEqual([2, expect.stringMatching(said)]);
  });
});
