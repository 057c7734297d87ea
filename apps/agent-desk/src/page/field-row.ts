import type { FieldName, FieldObject } from '@sordino/core';
import type { Choices } from '../choices.ts';
import { fieldNote, fieldWords, maskOf, spokenProgress } from '../words.ts';
import { element, say } from './dom.ts';

export interface FieldActions {
  collect(name: FieldName): void;
  clear(name: FieldName): void;
}

/** One row of the table of fields. It is made once and then only changes its texts, so that a focused button stays focused. */
export class FieldRow {
  readonly element = element('tr');
  readonly #mask = element('span', 'mask');
  readonly #spoken = element('span', 'unseen');
  readonly #note = element('td', 'note');
  readonly #ask: HTMLButtonElement;
  readonly #clear: HTMLButtonElement;

  constructor(name: FieldName, actions: FieldActions) {
    const head = element('th');
    head.scope = 'row';
    say(head, fieldWords(name));
    // Dots are for the eye; a screen reader hears how many, never which.
    this.#mask.setAttribute('aria-hidden', 'true');
    const keyed = element('td');
    keyed.append(this.#mask, this.#spoken);
    this.#ask = button('Ask', `Ask for the ${fieldWords(name)}`, () => actions.collect(name));
    this.#clear = button('Clear', `Clear the ${fieldWords(name)}`, () => actions.clear(name));
    const buttons = element('div', 'buttons');
    buttons.append(this.#ask, this.#clear);
    const does = element('td');
    does.append(buttons);
    this.element.dataset.field = name;
    this.element.append(head, keyed, this.#note, does);
  }

  update(field: FieldObject, choices: Choices): void {
    this.element.className = field.state;
    say(this.#mask, maskOf(field));
    say(this.#spoken, spokenProgress(field));
    say(this.#note, fieldNote(field));
    this.#ask.disabled = !choices.ask(field);
    this.#clear.disabled = !choices.clear(field);
  }
}

function button(text: string, label: string, act: () => void): HTMLButtonElement {
  const made = element('button');
  made.type = 'button';
  say(made, text);
  made.setAttribute('aria-label', label);
  made.addEventListener('click', act);
  return made;
}
