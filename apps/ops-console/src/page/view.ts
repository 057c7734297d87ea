import type { EventEnvelope, LegView, SessionId, SessionObject } from '@sordino/core';
import { type ConsoleState, voiceOf } from '../console.ts';

/** Draws the board. Text goes in by `textContent` only, so nothing that the API says can become markup. */
export function render(board: Element, state: ConsoleState, select: (id: SessionId) => void): void {
  const parts: HTMLElement[] = [];
  if (state.problem !== null) parts.push(element('p', state.problem, 'problem'));
  parts.push(
    element('h2', 'Calls'),
    table(
      ['started', 'call', 'people', 'topology', 'payment', 'cycle', 'session'],
      state.calls.map((call) => callRow(call, call.id === state.selected, select)),
      'calls',
    ),
  );
  if (state.selected !== null) {
    parts.push(
      element('h2', 'Legs'),
      table(
        [
          'leg',
          'state',
          'known by',
          'since',
          'codec',
          'peer',
          'in',
          'out',
          'lost',
          'jitter',
          'foreign',
          'reason',
        ],
        state.legs.map(legRow),
        'legs',
      ),
      element('h2', 'Events'),
      table(['#', 'time', 'event', 'data'], [...state.events].reverse().map(eventRow), 'events'),
    );
  }
  board.replaceChildren(...parts);
}

function callRow(call: SessionObject, selected: boolean, select: (id: SessionId) => void): HTMLElement {
  const row = cells([
    clock(call.created * 1_000),
    call.call.call_id,
    voiceOf(call),
    call.topology,
    call.status,
    String(call.cycle),
  ]);
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = call.id;
  button.setAttribute('aria-pressed', String(selected));
  button.addEventListener('click', () => select(call.id));
  const cell = element('td');
  cell.append(button);
  row.append(cell);
  return row;
}

function legRow(leg: LegView): HTMLElement {
  const { media } = leg;
  const row = cells([
    leg.role,
    leg.state,
    leg.basis,
    clock(leg.since_ms),
    media?.codec ?? '',
    media?.remote ?? '',
    media === null ? '' : String(media.packets_in),
    media === null ? '' : String(media.packets_out),
    media === null ? '' : String(media.lost_in),
    media === null ? '' : `${media.jitter_ms.toFixed(1)} ms`,
    media === null ? '' : String(media.foreign_in),
    leg.reason ?? '',
  ]);
  row.className = leg.state;
  return row;
}

function eventRow(event: EventEnvelope): HTMLElement {
  return cells([String(event.seq), clock(event.created), event.type, summary(event)]);
}

/** A leg's whole history would drown the line; its role and state say it. */
function summary(event: EventEnvelope): string {
  if (event.type !== 'leg.updated') return JSON.stringify(event.data);
  const leg = event.data.leg as LegView;
  return `${leg.role} ${leg.state}${leg.reason === null ? '' : ` (${leg.reason})`}`;
}

const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 23);

function table(heads: readonly string[], rows: readonly HTMLElement[], className: string): HTMLElement {
  const made = element('table', '', className);
  const head = element('tr');
  head.append(...heads.map((text) => element('th', text)));
  made.append(head, ...rows);
  return made;
}

function cells(texts: readonly string[]): HTMLElement {
  const row = element('tr');
  row.append(...texts.map((text) => element('td', text)));
  return row;
}

function element(tag: string, text = '', className = ''): HTMLElement {
  const made = document.createElement(tag);
  if (text !== '') made.textContent = text;
  if (className !== '') made.className = className;
  return made;
}
