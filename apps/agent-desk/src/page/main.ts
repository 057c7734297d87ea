import { SessionClient, type SessionId } from '@sordino/core';
import { choicesOf } from '../choices.ts';
import { Desk, type DeskState } from '../desk.ts';
import { must } from './dom.ts';
import { Panel } from './panel.ts';
import { PaymentForm } from './payment-form.ts';

/** How long an agent may look at a page that is cut off without being told. */
const CHECK_MS = 5_000;

let desk: Desk | undefined;

const panel = new Panel(must(document, '#panel', HTMLElement), {
  collect: (name) => void desk?.collect(name),
  clear: (name) => void desk?.clear(name),
  confirm: () => void desk?.confirm(),
  cancel: () => void desk?.cancel(),
  restore: () => void desk?.restore(),
});

const form = new PaymentForm(must(document, 'form', HTMLFormElement), ({ token, body }) => {
  // The same key keeps its desk: it remembers what was asked and not answered.
  if (desk === undefined || token !== deskToken) open(token);
  void desk?.start(body);
  panel.focus();
});

let deskToken: string | undefined;

function open(token: string): void {
  desk?.leave();
  deskToken = token;
  const client = new SessionClient({
    baseUrl: '',
    token,
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  desk = new Desk(client, show, () => crypto.randomUUID());
}

function show(state: DeskState): void {
  panel.update(state);
  form.locked = state.asking || !choicesOf(state.session).start;
}

/** Secrets come in the fragment, which no browser sends to a server; it is taken off the address bar at once. */
function takeFragment(): void {
  const fragment = new URLSearchParams(location.hash.slice(1));
  history.replaceState(null, '', location.pathname + location.search);
  form.fill(fragment);
  const session = fragment.get('session');
  const secret = fragment.get('client_secret') ?? fragment.get('token');
  // A client secret is for one session: nothing can be created with it.
  form.hidden = session !== null && fragment.has('client_secret');
  if (session === null || secret === null) return;
  open(secret);
  void desk?.resume(session as SessionId);
}

// The same page opened again from a link of the agent's desktop is not loaded again.
addEventListener('hashchange', () => {
  if (location.hash !== '') takeFragment();
});
takeFragment();
setInterval(() => desk?.check(), CHECK_MS);
