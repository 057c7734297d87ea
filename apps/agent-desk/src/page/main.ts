import { SessionClient, type SessionId } from '@sordino/core';
import { Desk } from '../desk.ts';
import { render } from './view.ts';

// Secrets come in the fragment, which no browser sends to a server; it is taken off the address bar at once.
const fragment = new URLSearchParams(location.hash.slice(1));
history.replaceState(null, '', location.pathname + location.search);

const form = document.querySelector('form');
const panel = document.querySelector('#panel');
if (form === null || panel === null) throw new Error('index.html lacks its form or its panel');

for (const [name, value] of fragment) {
  const input = form.elements.namedItem(name);
  if (input instanceof HTMLInputElement) input.value = value;
}

let desk: Desk | undefined;

function deskFor(token: string): Desk {
  const client = new SessionClient({
    baseUrl: '',
    token,
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  return new Desk(
    client,
    (state) => render(panel as Element, state, made),
    () => crypto.randomUUID(),
  );
}

const made = {
  collect: (name: Parameters<Desk['collect']>[0]) => void desk?.collect(name),
  clear: (name: Parameters<Desk['clear']>[0]) => void desk?.clear(name),
  confirm: () => void desk?.confirm(),
  cancel: () => void desk?.cancel(),
  restore: () => void desk?.restore(),
};

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const data = new FormData(form);
  const text = (name: string): string => String(data.get(name) ?? '').trim();
  desk = deskFor(text('token'));
  void desk.start({
    call: { platform: text('platform'), call_id: text('call_id') },
    intent: {
      type: 'charge',
      amount: Math.round(Number(text('amount')) * 100),
      currency: text('currency').toLowerCase(),
      ...(text('reference') === '' ? {} : { reference: text('reference') }),
    },
  });
});

const session = fragment.get('session');
const secret = fragment.get('client_secret') ?? fragment.get('token');
if (session !== null && secret !== null) {
  desk = deskFor(secret);
  desk.follow(session as SessionId);
}
