import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { findCardNumbers } from '@sordino/observability';
import type { Page } from 'playwright-core';
import { answerOf, CallScene } from '../scene/call-scene.ts';
import { Browser, policyViolations } from './support/browser.ts';
import { everythingShown } from './support/everything-shown.ts';

const CARD = '4242424242424242';
const PATIENCE_MS = 10_000;
const LOOK_MS = 100;

/** A payment takes ten seconds of keying and talking; on a busy machine the browser takes its time too. */
jest.setTimeout(45_000);

let browser: Browser;
/** Screenshots of the last run, to be looked at by a person; nothing compares them. */
const pictures = join(tmpdir(), 'sordino-pages');

beforeAll(async () => {
  browser = await Browser.start();
});
afterAll(() => browser[Symbol.asyncDispose]());
afterEach(() => {
  expect(browser.complaints.splice(0)).toEqual([]);
});

/** The row of a leg, by the heads of its columns. */
async function legOnPage(page: Page, leg: string): Promise<Record<string, string>> {
  const heads = await page.locator('#legs thead th').allTextContents();
  const cells = await page.locator('#legs tbody tr', { hasText: leg }).locator('td').allTextContents();
  return Object.fromEntries(heads.map((head, index) => [head, cells[index] ?? '']));
}

/** Waits until the leg's row reads so. */
const untilLeg = (page: Page, leg: string, state: string): Promise<void> =>
  page.locator('#legs tbody tr', { hasText: leg }).filter({ hasText: state }).waitFor();

/** Until both counts are higher than they were: the page reads them again each second. */
async function untilMorePackets(page: Page, leg: string, before: Record<string, string>): Promise<void> {
  const isMore = async (): Promise<boolean> => {
    const now = await legOnPage(page, leg);
    return ['Packets in', 'Out'].every((head) => Number(now[head]) > Number(before[head]));
  };
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!(await isMore())) {
    if (performance.now() > deadlineMs) throw new Error(`the packets of leg ${leg} do not grow`);
    await page.waitForTimeout(LOOK_MS);
  }
}

describe("the operators' page", () => {
  it('shows the call, legs 4 to 8 with growing packet counts, and the call restored', async () => {
    await using scene = await CallScene.open({ platform: { probe: { interval_s: 3_600 } } });
    const page = await browser.open(`${scene.sordino.api}/ops/#token=${scene.apiKey}`);
    page.setDefaultTimeout(PATIENCE_MS);
    expect(page.url()).toBe(`${scene.sordino.api}/ops/`);
    await page.getByText('No session yet').waitFor();
    await page
      .locator('#platforms tbody tr', { hasText: 'plt_main' })
      .filter({ hasText: 'reachable' })
      .filter({ hasText: 'simulated platform' })
      .waitFor();

    const { session, follower } = await scene.readySession({ agent: { id: 'a-77' } });
    const call = page.locator('#calls tbody tr', { hasText: session.id });
    await call.filter({ hasText: 'talking through us' }).filter({ hasText: 'ready' }).waitFor();
    for (const leg of ['4 customer', '5 platform', '6 customer', '7 Sordino', '8 platform']) {
      await untilLeg(page, leg, /^[67]/.test(leg) ? 'media_up' : '');
    }
    expect(await page.locator('#legs tbody tr').count()).toBe(5);
    expect((await legOnPage(page, '5 platform')).State).toMatch(/^(confirmed|media_up)$/);

    for (const leg of ['6 customer', '7 Sordino']) {
      const before = await legOnPage(page, leg);
      expect(before).toMatchObject({ Codec: 'PCMU', 'Known by': 'signalled', Foreign: '0' });
      expect(before.Peer).toMatch(/^127\.0\.0\.1:\d+$/);
      expect(before.Lost).toMatch(/^\d+ \(\d+\.\d %\)$/);
      expect(before.Jitter).toMatch(/^\d+\.\d ms$/);
      await untilMorePackets(page, leg, before);
    }
    await page.screenshot({ path: join(pictures, '7-engaged.png'), fullPage: true });

    answerOf(await scene.client.collect(session.id, 'card_number'));
    await scene.world.customer.press(`${CARD}#`, { how: 'events' });
    await follower.until('field.captured');
    await page.locator('#events tbody tr', { hasText: 'last4 4242' }).waitFor();
    expect(findCardNumbers(await everythingShown(page), [CARD])).toEqual([]);

    answerOf(await scene.client.cancel(session.id));
    await follower.until('session.restored').catch(() => undefined);
    await call.filter({ hasText: 'talking, not through us' }).filter({ hasText: 'canceled' }).waitFor();
    for (const leg of ['5 platform', '7 Sordino']) await untilLeg(page, leg, 'terminated');
    await page.screenshot({ path: join(pictures, '8-restored.png'), fullPage: true });
    expect(await policyViolations(page)).toEqual([]);

    // The search finds a card that is there.
    await page.evaluate(`document.querySelector('h1').textContent = '${CARD}'`);
    expect(findCardNumbers(await everythingShown(page), [CARD]).length).toBeGreaterThan(0);
  });
});
