import type { EventEnvelope, LegView, PlatformObject, SessionId, SessionObject } from '@sordino/core';
import type { ConsoleState } from '../console.ts';
import {
  allowWords,
  clockOf,
  eventWords,
  historyOf,
  leg7Words,
  legWords,
  lossOf,
  reachWords,
  soundOf,
  voiceOf,
} from '../words.ts';
import { cells, must, rows, say } from './dom.ts';

/** Which cell of a call's row holds the button that chooses it; see the heads in index.html. */
const CHOOSE_CELL = 0;

/** The four tables. Rows are kept and only their texts change, so that a person can read, select and tab while figures move. */
export class Board {
  readonly #root: HTMLElement;
  readonly #choose: (id: SessionId) => void;

  constructor(root: HTMLElement, choose: (id: SessionId) => void) {
    this.#root = root;
    this.#choose = choose;
  }

  update(state: ConsoleState): void {
    say(must(this.#root, '#problem', HTMLElement), state.problem ?? '');
    must(this.#root, '#none', HTMLElement).hidden = state.calls.length > 0 || state.problem !== null;
    rows(
      this.#body('#calls'),
      state.calls,
      ({ id }) => id,
      (row, call) => this.#call(row, call, state.selected),
    );
    must(this.#root, '#chosen', HTMLElement).hidden = state.selected === null;
    say(must(this.#root, '#which', HTMLElement), state.selected ?? '');
    rows(this.#body('#legs'), state.legs, ({ role, cycle }) => `${role} ${cycle}`, fillLeg);
    rows(this.#body('#events'), [...state.events].reverse(), ({ id }) => id, fillEvent);
    rows(this.#body('#platforms'), state.platforms, ({ id }) => id, fillPlatform);
  }

  #body = (selector: string): HTMLElement => must(this.#root, `${selector} tbody`, HTMLElement);

  #call(row: HTMLTableRowElement, call: SessionObject, selected: SessionId | null): void {
    const cell = row.cells[CHOOSE_CELL] ?? row.insertCell();
    const button = cell.querySelector('button') ?? this.#chooser(cell, call.id);
    button.setAttribute('aria-pressed', String(call.id === selected));
    say(button, call.call.call_id);
    row.className = [
      call.topology,
      ...(call.id === selected ? ['chosen'] : []),
      ...(call.leaks_suspected > 0 ? ['leak'] : []),
    ].join(' ');
    const texts = [
      clockOf(call.created * 1_000).slice(0, 8),
      voiceOf(call),
      call.topology,
      call.status,
      String(call.cycle),
      call.agent?.id ?? '',
      call.id,
      leg7Words(call),
    ];
    texts.forEach((text, index) => {
      say(row.cells[index + 1] ?? row.insertCell(), text);
    });
  }

  #chooser(cell: HTMLElement, id: SessionId): HTMLButtonElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.addEventListener('click', () => this.#choose(id));
    cell.append(button);
    return button;
  }
}

function fillLeg(row: HTMLTableRowElement, leg: LegView): void {
  const { media } = leg;
  row.className = leg.state;
  const figures =
    media === null
      ? ['', '', '', '', '', '', '', '', '']
      : [
          media.codec,
          media.remote ?? 'not known yet',
          String(media.packets_in),
          String(media.packets_out),
          lossOf(media),
          `${media.jitter_ms.toFixed(1)} ms`,
          soundOf(media),
          media.last_in_ms_ago === null ? 'never' : `${Math.round(media.last_in_ms_ago)} ms ago`,
          String(media.foreign_in),
        ];
  const sip =
    leg.sip === null ? '' : `${leg.sip.call_id}${leg.sip.status === null ? '' : ` ${leg.sip.status}`}`;
  cells(row, [
    legWords(leg.role),
    leg.state,
    leg.basis,
    clockOf(leg.since_ms),
    ...figures,
    leg.reason ?? '',
    historyOf(leg),
    sip,
  ]);
}

function fillPlatform(row: HTMLTableRowElement, { id, probe, e164_pool: pool }: PlatformObject): void {
  row.className = probe.state;
  cells(row, [
    id,
    reachWords(probe),
    probe.since_ms === null ? '' : clockOf(probe.since_ms),
    probe.round_trip_ms === null ? '' : `${probe.round_trip_ms} ms`,
    allowWords(probe),
    probe.missing.join('; '),
    pool.size === 0 ? '' : `${pool.free} of ${pool.size}`,
    probe.server ?? '',
  ]);
}

function fillEvent(row: HTMLTableRowElement, event: EventEnvelope): void {
  cells(row, [String(event.seq), clockOf(event.created), event.type, eventWords(event)]);
}
