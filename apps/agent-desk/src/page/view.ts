import type { FieldName, FieldObject } from '@sordino/core';
import { type DeskState, fieldWords, maskOf } from '../desk.ts';

export interface DeskActions {
  collect(name: FieldName): void;
  clear(name: FieldName): void;
  confirm(): void;
  cancel(): void;
  restore(): void;
}

const OVER = new Set(['approved', 'failed', 'canceled', 'expired']);

/** Draws the whole panel. Text goes in by `textContent` only, so nothing that the API says can become markup. */
export function render(panel: Element, state: DeskState, actions: DeskActions): void {
  const { session } = state;
  const banner = element('p', state.banner, `banner ${state.tone}`);
  banner.setAttribute('role', 'status');
  if (session === null) {
    panel.replaceChildren(banner);
    return;
  }
  const { amount, currency, reference } = session.intent;
  const sum = `${(amount / 100).toFixed(2)} ${currency.toUpperCase()}${reference === null ? '' : ` · ${reference}`}`;
  const table = element('table', '', 'fields');
  table.append(...session.fields.map((field) => fieldRow(field, actions)));
  const over = OVER.has(session.status);
  panel.replaceChildren(
    banner,
    element('p', `${sum} · payment ${session.status} · call ${session.topology} · ${session.id}`, 'facts'),
    table,
    buttons([
      ['Take the payment', actions.confirm, session.status !== 'ready_to_confirm'],
      ['Cancel', actions.cancel, over],
      ['Give the call back', actions.restore, session.topology !== 'engaged'],
    ]),
  );
}

function fieldRow(field: FieldObject, actions: DeskActions): HTMLElement {
  const row = element('tr');
  const keyed = element('td', maskOf(field), 'mask');
  // A screen reader hears how many, never which.
  keyed.setAttribute('aria-label', `${field.length} digits received`);
  const note = field.code ?? (field.brand === null ? field.state : `${field.state} · ${field.brand}`);
  const cell = element('td');
  cell.append(
    buttons([
      ['Ask', () => actions.collect(field.name), field.state === 'collecting'],
      ['Clear', () => actions.clear(field.name), field.length === 0],
    ]),
  );
  row.append(element('th', fieldWords(field.name)), keyed, element('td', note, field.state), cell);
  return row;
}

function buttons(specs: readonly (readonly [string, () => void, boolean])[]): HTMLElement {
  const group = element('div', '', 'buttons');
  for (const [label, act, disabled] of specs) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = label;
    button.disabled = disabled;
    button.addEventListener('click', act);
    group.append(button);
  }
  return group;
}

function element(tag: string, text = '', className = ''): HTMLElement {
  const made = document.createElement(tag);
  if (text !== '') made.textContent = text;
  if (className !== '') made.className = className;
  return made;
}
