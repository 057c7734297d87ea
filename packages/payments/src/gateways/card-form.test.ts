import { expect, it } from '@jest/globals';
import { CardForm, formText } from './card-form.ts';

const digits = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

it('escapes what people write, leaves out what is null', () => {
  expect(
    formText({ amount: 4_999, moto: true, description: 'a&b=c +é', 'metadata[key]': 'x', gone: null }),
  ).toBe('amount=4999&moto=true&description=a%26b%3Dc%20%2B%C3%A9&metadata[key]=x');
});

it('copies digits into its own memory and wipes them all', () => {
  const memory = new Uint8Array(512);
  const form = new CardForm(() => memory, 512)
    .begin({ type: 'card' })
    .digits('card[number]', digits('4242424242424242'))
    .digits('card[exp_year]', digits('20'), digits('30'))
    .digits('card[cvc]', new Uint8Array(0));
  expect(text(form.bytes)).toBe('type=card&card[number]=4242424242424242&card[exp_year]=2030');
  form.wipe();
  expect(new Set(memory)).toEqual(new Set([0]));
});
