import { SessionClient } from '@sordino/core';
import { Console } from '../console.ts';
import { Board } from './board.ts';
import { must } from './dom.ts';

/** Packets and loss move every packet; a person reads once a second. */
const REFRESH_MS = 1_000;

const form = must(document, 'form', HTMLFormElement);
const board = must(document, '#board', HTMLElement);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Which key is watched with; a later one ends the loop of an earlier one. */
let watching = 0;
let desk: Console | undefined;
const view = new Board(board, (id) => void desk?.select(id));

async function watch(token: string): Promise<void> {
  watching += 1;
  const mine = watching;
  desk?.stop();
  const current = new Console(new SessionClient({ baseUrl: '', token, pause }), (state) => {
    if (mine === watching) view.update(state);
  });
  desk = current;
  form.hidden = true;
  board.hidden = false;
  while (mine === watching) {
    await current.refresh();
    if (current.state.refused) break;
    await pause(REFRESH_MS);
  }
  current.stop();
  if (mine !== watching) return;
  // The key is no good: another one may be.
  form.hidden = false;
  must(form, 'input', HTMLInputElement).focus();
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const { value } = must(form, 'input', HTMLInputElement);
  if (value.trim() !== '') void watch(value.trim());
});

/** The key comes in the fragment, which no browser sends to a server; it is taken off the address bar at once. */
function takeFragment(): void {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  history.replaceState(null, '', location.pathname + location.search);
  if (token !== null) void watch(token);
}

addEventListener('hashchange', () => {
  if (location.hash !== '') takeFragment();
});
takeFragment();
