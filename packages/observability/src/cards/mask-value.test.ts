import { describe, expect, it } from '@jest/globals';
import { maskCardsIn } from './mask-value.ts';

const CARD = '4242424242424242';

describe('card numbers in plain data', () => {
  it.each([
    ['a text', { note: `card ${CARD}` }, { note: 'card [PAN]' }],
    ['groups', { note: '4242 4242-4242.4242' }, { note: '[PAN]' }],
    ['a number', { pan: Number(CARD) }, { pan: '[PAN]' }],
    ['a nested value', { a: [{ b: { c: CARD } }] }, { a: [{ b: { c: '[PAN]' } }] }],
    ['a name', { [CARD]: true }, { '[PAN]': true }],
    ['a list of digits', { keys: [...CARD].map(Number), x: 1 }, { keys: ['[PAN]'], x: 1 }],
    ['a form', 'card[number]=4242424242424242&card[cvc]=123', 'card[number]=[PAN]&card[cvc]=123'],
  ])('in %s are masked', (_where, value, masked) => {
    expect(maskCardsIn<unknown>(value)).toEqual({ value: masked, hits: 1 });
  });

  it('are not seen in what cannot hold one, and the value is the same object', () => {
    for (const value of [
      { id: 'ses_4242424242424242424242424g', created: 1_795_371_421_000 },
      { clientSecretHash: `4242424242424242${'a'.repeat(48)}` },
      { ani: '+4915112345674' },
      { list: [1, 2, 3], nothing: null, more: undefined },
      { order: '7c202edb-6211-4142-8532-03d499a492cd', of: 'f6620886-7052-42dd-87ee-390ac02e23bc@127.0.0.1' },
      { call: { call_id: '4242424242424242' }, callId: '4242424242424242@pbx.example' },
      { share: 4.242424242424242 },
    ])
      expect(maskCardsIn(value)).toEqual({ value, hits: 0 });
    const value = { a: 1 };
    expect(maskCardsIn(value).value).toBe(value);
    expect(maskCardsIn(undefined)).toEqual({ value: undefined, hits: 0 });
  });
});
