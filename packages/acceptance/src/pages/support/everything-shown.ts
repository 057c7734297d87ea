import type { Page } from 'playwright-core';

// Text, because it runs in the page: this package knows no DOM.
const EVERYTHING = `JSON.stringify([
  document.documentElement.outerHTML,
  document.body.innerText,
  [...document.querySelectorAll('input')].map(({ value }) => value),
  document.title,
  location.href,
  history.state,
  { ...localStorage },
  { ...sessionStorage },
  document.cookie,
])`;

/** All that a page holds and a person, an extension or a screen recorder could read. */
export const everythingShown = (page: Page): Promise<string> => page.evaluate<string>(EVERYTHING);
