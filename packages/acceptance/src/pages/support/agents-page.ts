import type { SessionObject } from '@sordino/core';
import type { Locator, Page } from 'playwright-core';
import { CALL_ID } from '../../scene/call-scene.ts';
import type { Browser } from './browser.ts';

/** Nothing on the page takes longer: the slowest is a Visa number that might still go on, 2 s. */
const PATIENCE_MS = 10_000;

/** The agent's page as an agent uses it: by what is written on it. */
export class AgentsPage {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE_MS);
  }

  /** As an agent's desktop opens it: the credential and the call in the fragment. */
  static open(browser: Browser, api: string, token: string): Promise<AgentsPage> {
    return AgentsPage.#at(browser, api, { token, call_id: CALL_ID, platform: 'plt_main' });
  }

  /** As a server opens it that made the session itself. */
  static resume(browser: Browser, api: string, session: SessionObject): Promise<AgentsPage> {
    const { id, client_secret = '' } = session;
    return AgentsPage.#at(browser, api, { session: id, client_secret });
  }

  static async #at(browser: Browser, api: string, fragment: Record<string, string>): Promise<AgentsPage> {
    return new AgentsPage(await browser.open(`${api}/agent/#${new URLSearchParams(fragment)}`));
  }

  /** Fills the form with the keyboard alone and sends it with Enter. */
  async secureTheCall(amount: string, reference: string): Promise<void> {
    const { page } = this;
    await page.getByLabel('Amount').focus();
    await page.keyboard.type(amount);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Control+A');
    await page.keyboard.type(reference);
    await page.keyboard.press('Enter');
  }

  field(name: 'card_number' | 'expiry' | 'cvc'): Locator {
    return this.page.locator(`tr[data-field="${name}"]`);
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** Waits until the banner begins so. */
  async untilBanner(beginning: string): Promise<string> {
    const banner = this.page.locator('#banner strong').filter({ hasText: beginning });
    await banner.waitFor();
    return (await banner.textContent()) ?? '';
  }

  /** Waits until the row of `name` reads so. */
  async untilField(name: 'card_number' | 'expiry' | 'cvc', text: string | RegExp): Promise<void> {
    await this.field(name).filter({ hasText: text }).waitFor();
  }
}
