import { SessionClient } from '@sordino/core';
import { Console } from '../console.ts';
import { render } from './view.ts';

/** Packets and loss move every packet; a person reads once a second. */
const REFRESH_MS = 1_000;

const fragment = new URLSearchParams(location.hash.slice(1));
history.replaceState(null, '', location.pathname + location.search);

const form = document.querySelector('form');
const board = document.querySelector('#board');
if (form === null || board === null) throw new Error('index.html lacks its form or its board');

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function watch(token: string): Promise<void> {
  (form as HTMLFormElement).hidden = true;
  const client = new SessionClient({ baseUrl: '', token, pause });
  const console = new Console(client, (state) => render(board as Element, state, (id) => console.select(id)));
  for (;;) {
    await console.refresh();
    await pause(REFRESH_MS);
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void watch(String(new FormData(form).get('token') ?? ''));
});

const token = fragment.get('token');
if (token !== null) void watch(token);
