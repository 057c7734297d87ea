import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { findCardNumbers } from '@sordino/observability';
import { CallScene } from '../scene/call-scene.ts';
import { AgentsPage } from './support/agents-page.ts';
import { CallBringer } from './support/bring-calls.ts';
import { Browser, policyViolations } from './support/browser.ts';
import { everythingShown } from './support/everything-shown.ts';

const APPROVED_CARD = '4242424242424242';
const DECLINED_CARD = '4000000000000002';
const CARDS = [APPROVED_CARD, DECLINED_CARD];
const EXPIRY = '1230';
const SECURITY_CODE = '739';

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

/** The first digits of a card are a leak long before all sixteen are; fewer than this many may be part of something else. */
const TELLING_DIGITS = 6;

/** The customer presses one key after another; after each, the page says how many and is searched for what was keyed so far. */
async function keyAndSearch(
  { scene, agent }: { readonly scene: CallScene; readonly agent: AgentsPage },
  field: 'card_number' | 'expiry' | 'cvc',
  keys: string,
  before = '',
): Promise<void> {
  let keyed = before;
  for (const key of keys) {
    await scene.world.customer.press(key, { how: 'events' });
    keyed += key;
    await agent.untilField(
      field,
      keyed.length === 1 ? '1 digit received' : `${keyed.length} digits received`,
    );
    const shown = await everythingShown(agent.page);
    expect(findCardNumbers(shown, CARDS)).toEqual([]);
    expect(keyed.length >= TELLING_DIGITS && shown.includes(keyed)).toBe(false);
  }
}

describe("the agent's page", () => {
  it('takes a payment from the form to the authorisation code, and never holds a digit', async () => {
    await using scene = await CallScene.open();
    await using _ = new CallBringer(scene);
    const agent = await AgentsPage.open(browser, scene.sordino.api, scene.apiKey);
    const { page } = agent;
    // The secret left the address bar before anybody could read it there.
    expect(page.url()).toBe(`${scene.sordino.api}/agent/`);
    expect(await page.evaluate<number>('history.length')).toBeLessThanOrEqual(2);

    await agent.secureTheCall('49.99', 'INV-7');
    await agent.untilBanner('Secured. The customer keys the card number');
    expect(await agent.button('Secure the call').isDisabled()).toBe(true);
    expect(await agent.button('Take the payment').isDisabled()).toBe(true);
    await page.screenshot({ path: join(pictures, '1-secured.png') });

    const [first, rest] = [APPROVED_CARD.slice(0, 7), APPROVED_CARD.slice(7)];
    await keyAndSearch({ scene, agent }, 'card_number', first);
    expect(await agent.field('card_number').locator('.mask').textContent()).toBe('•••• •••');
    expect(await page.locator('#progress').textContent()).toBe('card number: 7 digits received');
    await page.screenshot({ path: join(pictures, '2-keying.png') });
    await keyAndSearch({ scene, agent }, 'card_number', rest, first);
    // A Visa number may have 16, 18 or 19 digits: the customer says that it is complete.
    await scene.world.customer.press('#', { how: 'events' });
    await agent.untilField('card_number', 'complete · visa');
    expect(await agent.field('card_number').locator('.mask').textContent()).toBe('•••• •••• •••• 4242');

    // The page asks for the next field by itself.
    await agent.untilBanner('Secured. The customer keys the expiry date');
    await keyAndSearch({ scene, agent }, 'expiry', EXPIRY);
    await agent.untilBanner('Secured. The customer keys the security code');
    await keyAndSearch({ scene, agent }, 'cvc', SECURITY_CODE);
    await agent.untilBanner('All fields are complete');
    await page.screenshot({ path: join(pictures, '3-complete.png') });

    await agent.button('Take the payment').focus();
    await page.keyboard.press('Enter');
    const banner = await agent.untilBanner('Approved');
    const [, code] = /^Approved, authorisation code (\w+)\.$/.exec(banner) ?? [];
    expect(code).toBeDefined();
    expect(scene.gateway.ledger()).toMatchObject({
      approved: 1,
      entries: [{ amount: 4_999, currency: 'gbp' }],
    });
    await page.locator('[data-fact="call"]', { hasText: 'given back' }).waitFor();
    await page.screenshot({ path: join(pictures, '4-approved.png') });
    expect(await agent.button('Secure the call').isEnabled()).toBe(true);
    expect(findCardNumbers(await everythingShown(page), CARDS)).toEqual([]);
    expect(await policyViolations(page)).toEqual([]);

    // The search finds a card that is there: in the markup and as the title.
    await page.evaluate(`document.title = '${APPROVED_CARD.replace(/(.{4})/g, '$1 ')}'`);
    expect(findCardNumbers(await everythingShown(page), CARDS)).toHaveLength(2);
    await page.close();
  });

  it('shows a decline, asks for another card, and cancels', async () => {
    await using scene = await CallScene.open();
    await using _ = new CallBringer(scene);
    const agent = await AgentsPage.open(browser, scene.sordino.api, scene.apiKey);
    const { page } = agent;
    await agent.secureTheCall('12', 'INV-8');
    await agent.untilBanner('Secured. The customer keys the card number');
    await scene.world.customer.press(`${DECLINED_CARD}#`, { how: 'events' });
    await agent.untilBanner('Secured. The customer keys the expiry date');
    await scene.world.customer.press(EXPIRY, { how: 'events' });
    await agent.untilBanner('Secured. The customer keys the security code');
    await scene.world.customer.press(SECURITY_CODE, { how: 'events' });
    await agent.untilBanner('All fields are complete');
    await agent.button('Take the payment').click();
    expect(await agent.untilBanner('Declined')).toBe('Declined: generic decline. Another card may be tried.');
    await page.screenshot({ path: join(pictures, '5-declined.png') });

    await agent.button('Ask for the card number').click();
    await agent.untilBanner('Secured. The customer keys the card number');
    await keyAndSearch({ scene, agent }, 'card_number', APPROVED_CARD.slice(0, 8));
    await agent.button('Clear the card number').click();
    await agent.untilField('card_number', '0 digits received');
    await agent.button('Cancel').click();
    expect(await agent.untilBanner('Canceled')).toBe('Canceled. Nothing was charged.');
    await page.locator('[data-fact="call"]', { hasText: 'given back' }).waitFor();
    await page.screenshot({ path: join(pictures, '6-canceled.png') });
    expect(scene.gateway.ledger()).toMatchObject({ approved: 0, declined: 1 });
    expect(findCardNumbers(await everythingShown(page), CARDS)).toEqual([]);
    expect(await policyViolations(page)).toEqual([]);
    await page.close();
  });

  it('opens a session that a server made, with its secret only, and says what to do after a wrong digit', async () => {
    await using scene = await CallScene.open();
    const { session } = await scene.readySession();
    const agent = await AgentsPage.resume(browser, scene.sordino.api, session);
    const { page } = agent;
    expect(page.url()).toBe(`${scene.sordino.api}/agent/`);
    expect(await everythingShown(page)).not.toContain(session.client_secret);
    await agent.untilBanner('Secured. The customer keys the card number');
    expect(await agent.button('Secure the call').isVisible()).toBe(false);
    // Focus on a button survives what the customer does.
    await agent.button('Give the call back').focus();
    await scene.world.customer.press('4242424242424241#', { how: 'events' });
    expect(await agent.untilBanner('The card number')).toBe(
      'The card number was not accepted. Ask for it again.',
    );
    await page.locator('#banner .hint', { hasText: 'a digit is wrong' }).waitFor();
    await agent.untilField('card_number', 'not accepted · a digit is wrong or missing');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Give the call back');
    await page.screenshot({ path: join(pictures, '9-rejected.png') });
    await page.keyboard.press('Enter');
    expect(await agent.untilBanner('The call was given back')).toBe(
      'The call was given back. Nothing was charged.',
    );
    await page.locator('[data-fact="call"]', { hasText: 'given back' }).waitFor();
    await page.locator('#banner .hint', { hasText: /^$/ }).waitFor({ state: 'attached' });
    expect(await policyViolations(page)).toEqual([]);
    await page.close();
  });
});
