import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { BareSordino, type RunningSordino } from '../scene/bare-sordino.ts';
import { Browser, policyViolations } from './support/browser.ts';

const directory = mkdtempSync(join(tmpdir(), 'sordino-docs-page-'));
let running: RunningSordino;
beforeAll(async () => {
  running = await new BareSordino(directory).start();
});
afterAll(async () => {
  await running.sordino.close();
  rmSync(directory, { recursive: true, force: true });
});

it('shows every operation of the API document, and asks nobody but us for anything', async () => {
  const { api } = running.sordino;
  await using browser = await Browser.start();
  const page = await browser.open(`${api}/docs`);
  await page.getByText('Create a session and get its one-time SIP rendezvous').click();
  await page.getByText('A repeated request with the same').waitFor();
  const source = await (await fetch(`${api}/openapi.yaml`)).text();
  const operations = source.match(/^ {6}operationId: /gm) ?? [];
  expect(operations.length).toBeGreaterThan(30);
  expect(await page.locator('.opblock').count()).toBe(operations.length);
  // To read: nothing on it takes a credential or sends a request.
  expect(await page.getByRole('button', { name: /try it out|authorize/i }).count()).toBe(0);
  const asked: string[] = await page.evaluate(
    'performance.getEntriesByType("resource").map(({ name }) => name)',
  );
  expect(asked.length).toBeGreaterThan(3);
  expect(asked.filter((url) => !url.startsWith(`${api}/`) && !url.startsWith('data:'))).toEqual([]);
  expect(await policyViolations(page)).toEqual([]);
  expect(browser.complaints).toEqual([]);
}, 60_000);

it('comes with a strict policy, and the texts that errors point to are still beside it', async () => {
  const { api } = running.sordino;
  const page = await fetch(`${api}/docs`);
  expect(page.headers.get('content-security-policy')).toMatch(
    /default-src 'none'; script-src 'self'; style-src 'self';/,
  );
  expect((await fetch(`${api}/docs/api/errors`)).headers.get('content-type')).toContain('text/markdown');
  for (const path of [
    '/docs/reference/package.json',
    '/docs/reference/index.html',
    '/docs/reference/..%2fpackage.json',
  ])
    expect((await fetch(api + path)).status).toBe(404);
});
