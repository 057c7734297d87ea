import type { CreateSessionBody } from '@sordino/core';
import { minorUnitsOf } from '../money.ts';
import { must, say } from './dom.ts';

/** What the agent wants to be paid, and with which credential. */
export interface PaymentOrder {
  readonly token: string;
  readonly body: CreateSessionBody;
}

/** The form: filled in by the fragment of the address or by the agent. */
export class PaymentForm {
  readonly #form: HTMLFormElement;

  constructor(form: HTMLFormElement, submitted: (order: PaymentOrder) => void) {
    this.#form = form;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const order = this.#read();
      if (order !== undefined) submitted(order);
    });
  }

  fill(values: Iterable<readonly [string, string]>): void {
    for (const [name, value] of values) {
      const input = this.#form.elements.namedItem(name);
      if (input instanceof HTMLInputElement) input.value = value;
    }
  }

  set hidden(hidden: boolean) {
    this.#form.hidden = hidden;
  }

  set locked(locked: boolean) {
    must(this.#form, 'fieldset', HTMLFieldSetElement).disabled = locked;
  }

  #read(): PaymentOrder | undefined {
    for (const name of ['platform', 'call_id', 'token']) {
      if (this.#text(name) === '') return this.#refuse(name, 'This field is empty.');
    }
    const currency = this.#text('currency').toLowerCase();
    const amount = minorUnitsOf(this.#text('amount'), currency);
    if (amount === undefined)
      return this.#refuse('amount', 'Type the amount like 49.99, and the currency like gbp.');
    const reference = this.#text('reference');
    say(must(this.#form, '#form-problem', HTMLElement), '');
    return {
      token: this.#text('token'),
      body: {
        call: { platform: this.#text('platform'), call_id: this.#text('call_id') },
        intent: { type: 'charge', amount, currency, ...(reference === '' ? {} : { reference }) },
      },
    };
  }

  #refuse(name: string, words: string): undefined {
    const input = this.#input(name);
    say(
      must(this.#form, '#form-problem', HTMLElement),
      `${input.labels?.[0]?.textContent?.trim()}: ${words}`,
    );
    input.focus();
    return undefined;
  }

  #text = (name: string): string => this.#input(name).value.trim();

  #input(name: string): HTMLInputElement {
    return must(this.#form, `input[name="${name}"]`, HTMLInputElement);
  }
}
