import type { SessionObject } from '@sordino/core';
import { type Choices, choicesOf } from '../choices.ts';
import type { DeskState } from '../desk.ts';
import { moneyWords } from '../money.ts';
import { callWords, fieldWords, spokenProgress, type Tone } from '../words.ts';
import { must, say } from './dom.ts';
import { type FieldActions, FieldRow } from './field-row.ts';

export interface PanelActions extends FieldActions {
  confirm(): void;
  cancel(): void;
  restore(): void;
}

/** The tone again, for who does not see its colour. */
const SIGNS: Readonly<Record<Tone, string>> = { calm: '○', busy: '…', good: '✓', bad: '✕' };

/** Everything below the form. Made once; each change of state only changes texts, so that focus and selection stay. */
export class Panel {
  readonly #root: HTMLElement;
  readonly #actions: PanelActions;
  #rows: ReadonlyMap<string, FieldRow> = new Map();
  #session: string | undefined;

  constructor(root: HTMLElement, actions: PanelActions) {
    this.#root = root;
    this.#actions = actions;
    for (const verb of ['confirm', 'cancel', 'restore'] as const) {
      this.#button(verb).addEventListener('click', () => actions[verb]());
    }
  }

  /** For when the button that had the focus is gone. */
  focus(): void {
    this.#root.focus();
  }

  update(state: DeskState): void {
    const { session, banner, tone, hint, asking } = state;
    const box = must(this.#root, '#banner', HTMLElement);
    box.className = `banner ${tone}`;
    say(must(box, '.sign', HTMLElement), SIGNS[tone]);
    say(must(box, 'strong', HTMLElement), banner);
    say(must(box, '.hint', HTMLElement), hint ?? '');
    must(this.#root, '#payment', HTMLElement).hidden = session === null;
    this.#root.setAttribute('aria-busy', String(asking));
    if (session !== null) this.#showSession(session, asking);
  }

  #showSession(session: SessionObject, asking: boolean): void {
    const { amount, currency, reference } = session.intent;
    const facts = {
      amount: moneyWords(amount, currency),
      reference: reference ?? 'none',
      call: callWords(session),
      payment: session.status.replaceAll('_', ' '),
      session: session.id,
    };
    for (const [name, text] of Object.entries(facts)) {
      say(must(this.#root, `[data-fact="${name}"]`, HTMLElement), text);
    }
    const choices = choicesOf(session);
    this.#showFields(session, choices);
    // While a request runs the buttons stay as they are: the desk takes no second press, and the focus is not lost.
    if (asking) return;
    for (const verb of ['confirm', 'cancel', 'restore'] as const)
      this.#button(verb).disabled = !choices[verb];
  }

  #showFields(session: SessionObject, choices: Choices): void {
    if (this.#session !== session.id) {
      this.#session = session.id;
      this.#rows = new Map(session.fields.map(({ name }) => [name, new FieldRow(name, this.#actions)]));
      must(this.#root, 'tbody', HTMLElement).replaceChildren(
        ...[...this.#rows.values()].map((row) => row.element),
      );
    }
    for (const field of session.fields) this.#rows.get(field.name)?.update(field, choices);
    const open = session.fields.find(({ state }) => state === 'collecting');
    const progress = open === undefined ? '' : `${fieldWords(open.name)}: ${spokenProgress(open)}`;
    say(must(this.#root, '#progress', HTMLElement), progress);
  }

  #button(verb: string): HTMLButtonElement {
    return must(this.#root, `button[data-do="${verb}"]`, HTMLButtonElement);
  }
}
