import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

/** The browser must do nothing but show our pages: no updates, no experiments, no traffic of its own. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Debian's chromium, a few seconds from cold. */
const START_TIMEOUT_MS = 20_000;

// Text, because it runs in the page: this package knows no DOM.
const WATCH_POLICY = `
  globalThis.policyViolationsSeen = [];
  document.addEventListener('securitypolicyviolation', (event) => {
    policyViolationsSeen.push(event.violatedDirective + ' ' + event.blockedURI);
  });`;

/** A real browser with a profile of its own, and everything that its pages complained about. */
export class Browser implements AsyncDisposable {
  readonly #context: BrowserContext;
  readonly #profile: string;
  readonly complaints: string[] = [];

  private constructor(context: BrowserContext, profile: string) {
    this.#context = context;
    this.#profile = profile;
  }

  /** `flags`: what this test's pages need beyond what all have. */
  static async start(flags: readonly string[] = []): Promise<Browser> {
    const profile = await mkdtemp(join(tmpdir(), 'sordino-browser-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: onPath('chromium'),
      args: [...FLAGS, ...flags],
      timeout: START_TIMEOUT_MS,
      viewport: { width: 1_280, height: 900 },
    });
    return new Browser(context, profile);
  }

  /** A page whose console errors, exceptions, policy violations and failed requests are `complaints`. */
  async open(url: string): Promise<Page> {
    const page = await this.#context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(`uncaught: ${error.message}`));
    // Read back by `policyViolations`: a page may be refused something without a word on its console.
    await page.addInitScript(WATCH_POLICY);
    await page.goto(url);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
    await rm(this.#profile, { recursive: true, force: true });
  }
}

export const policyViolations = (page: Page): Promise<string[]> => page.evaluate('policyViolationsSeen');

function onPath(name: string): string {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(directory, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this one.
    }
  }
  throw new Error(`${name} is not on the PATH; install Debian's package ${name}`);
}
