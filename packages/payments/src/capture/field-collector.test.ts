import { describe, expect, it } from '@jest/globals';
import type { FieldName } from '@sordino/core';
import fc from 'fast-check';
import { plainCardMemory } from './card-memory.ts';
import { DigitVault } from './digit-vault.ts';
import { FieldCollector, type Step } from './field-collector.ts';
import type { FieldContext } from './field-rules.ts';
import { Pace } from './pace.ts';

const RULES: FieldContext = {
  livemode: true,
  acceptedBrands: 'any',
  nowMs: Date.parse('2026-11-22T08:00:00Z'),
  brand: undefined,
  currency: 'usd',
};
const KEYPAD = '0123456789*#ABCD';

/** A field, a customer with one finger, and a watch. */
function collecting(field: FieldName, rules: Partial<FieldContext> = {}, pace = new Pace()) {
  const context = { ...RULES, ...rules };
  const vault = new DigitVault(plainCardMemory);
  const collector = new FieldCollector(field, vault, pace, 0);
  let nowMs = 0;
  const steps: Step[] = [];
  return {
    /** One key every 200 ms, or slower. */
    press(keys: string, everyMs = 200) {
      for (const key of keys.replaceAll(' ', '')) {
        nowMs += everyMs;
        steps.push(collector.press(KEYPAD.indexOf(key), nowMs, context));
      }
      return this;
    },
    waits(ms: number) {
      nowMs += ms;
      if (nowMs >= collector.deadlineMs(context)) steps.push(collector.expire(nowMs, context));
      return this;
    },
    outcome(): string {
      const last = steps.at(-1);
      if (last === undefined) return 'open';
      if (last.kind === 'progress') return `progress ${last.length}`;
      if (last.kind === 'ignored') return 'ignored';
      return last.verdict.ok ? 'captured' : last.verdict.code;
    },
    text: () => new TextDecoder().decode(vault.digits(field)),
    deadlineMs: () => collector.deadlineMs(context),
  };
}

describe('a card number being keyed', () => {
  it.each([
    ['4242424242424242', 'progress 16', 'a Visa of 16 may go on to 18 or 19'],
    ['4242424242424242#', 'captured', 'pound ends it'],
    ['4000000000000000006', 'captured', '19 digits are the most a Visa has'],
    ['4222222222222#', 'captured', 'legacy Visa, ended by hand'],
    ['5555555555554444', 'captured', 'a Mastercard always has 16'],
    ['378282246310005', 'captured', 'an American Express always has 15'],
    ['30569309025904', 'progress 14', 'a Diners of 14 may go on to 16 or 19'],
    ['5555555555554445', 'invalid_card_number', 'a wrong digit'],
    ['424242424242#', 'invalid_card_number', 'ended too early'],
    ['4#', 'invalid_card_number', 'ended much too early'],
    ['#', 'ignored', 'the end of the field before this one'],
    ['A', 'ignored', 'a key that no phone has'],
    ['42*', 'progress 1', 'star takes one digit back'],
    ['42**', 'progress 0', 'two stars start over'],
    ['*', 'progress 0', 'nothing to take back'],
    ['4242*5*', 'progress 3', 'two stars that are not in a row take one back each'],
    ['4243*2 424242424242#', 'captured', 'repaired by hand'],
    ['1234**5555555555554444', 'captured', 'started over'],
    ['***5555555555554444', 'captured', 'a third star is the first of the next two'],
  ])('%s: %s (%s)', (keys, outcome) => {
    expect(collecting('card_number').press(keys).outcome()).toBe(outcome);
  });

  it('is complete when the customer pauses at 16 digits', () => {
    expect(collecting('card_number').press('4242424242424242').waits(1_999).outcome()).toBe('progress 16');
    expect(collecting('card_number').press('4242424242424242').waits(2_000).outcome()).toBe('captured');
  });

  it('that is wrong is refused after the same pause', () => {
    expect(collecting('card_number').press('4242424242424241').waits(2_000).outcome()).toBe(
      'invalid_card_number',
    );
  });

  it('goes on after a pause in the middle, but not for ever', () => {
    const field = collecting('card_number').press('4242 4242').waits(9_999);
    expect(field.outcome()).toBe('progress 8');
    expect(field.waits(1).outcome()).toBe('timeout');
  });

  it('of 13 digits is taken when the customer stops there', () => {
    expect(collecting('card_number').press('4222222222222').waits(2_000).outcome()).toBe('progress 13');
    expect(collecting('card_number').press('4222222222222').waits(10_000).outcome()).toBe('captured');
  });

  it('of which no key is heard in 30 s is said to be unheard', () => {
    expect(collecting('card_number').waits(29_999).outcome()).toBe('open');
    expect(collecting('card_number').waits(30_000).outcome()).toBe('no_tones_heard');
  });

  it('ends after a minute, however busily keys come', () => {
    const field = collecting('card_number');
    for (let turn = 0; turn < 147; turn += 1) field.press('1*');
    expect(field.deadlineMs()).toBe(60_000);
    expect(field.press('1').waits(1_000).outcome()).toBe('timeout');
  });

  it('with each key heard twice is told apart from a wrong number', () => {
    expect(collecting('card_number').press('44 22 44 22 44 22 44 11#').outcome()).toBe('duplicate_tones');
  });
});

describe('a caller', () => {
  it('of whom only a few keys are known gets fifteen seconds for the next', () => {
    expect(collecting('card_number').press('4242', 3_000).deadlineMs()).toBe(4 * 3_000 + 15_000);
  });

  it('who keys briskly is found to have stopped after ten', () => {
    expect(collecting('card_number').press('42424').deadlineMs()).toBe(1_000 + 10_000);
  });

  it('who looks for every digit gets up to thirty, and two minutes for the field', () => {
    const field = collecting('card_number').press('4242424', 5_000);
    expect(field.deadlineMs()).toBe(35_000 + 30_000);
    expect(field.press('4242 424', 5_000).press('4', 25_000).deadlineMs()).toBe(120_000);
  });

  it('who is slow may pause longer before a field that could be over is over', () => {
    const slow = collecting('card_number').press('4242 4242 4242 4242', 2_500);
    expect(slow.waits(3_800).outcome()).toBe('progress 16');
    expect(slow.waits(200).outcome()).toBe('captured');
  });

  it('is known in the second field from the first', () => {
    const pace = new Pace();
    collecting('card_number', {}, pace).press('5555 5555 5555 4444', 4_000);
    expect(collecting('postal_code', {}, pace).press('12345', 4_000).deadlineMs()).toBeGreaterThan(26_000);
  });

  it('is not slow because the agent spoke in between', () => {
    const pace = new Pace();
    const field = new FieldCollector('card_number', new DigitVault(plainCardMemory), pace, 0);
    for (let key = 0; key < 6; key += 1) field.press(4, 200 * key, RULES);
    const before = pace.longGapMs;
    field.repaired(30_000);
    field.press(2, 50_000, RULES);
    expect(pace.longGapMs).toBe(before);
  });

  it.each([[[]], [[1e9, 1e9, 1e9, 1e9]], [[0, 0, 0, 0]], [[-5, 1e12, 0, 3, 7]]])(
    'with gaps of %j ms is waited for within the limits',
    (gaps) => {
      const pace = new Pace();
      for (const gap of gaps) pace.gap(gap);
      const field = new FieldCollector('card_number', new DigitVault(plainCardMemory), pace, 0);
      field.press(4, 0, RULES);
      expect(field.deadlineMs(RULES)).toBeGreaterThanOrEqual(10_000);
      expect(field.deadlineMs(RULES)).toBeLessThanOrEqual(30_000);
    },
  );
});

describe('the other fields', () => {
  it.each<[FieldName, string, string]>([
    ['expiry', '1230', 'captured'],
    ['expiry', '123', 'progress 3'],
    ['expiry', '1330', 'invalid_date'],
    ['expiry', '1025', 'invalid_date'],
    ['expiry', '12#', 'invalid_date'],
    ['cvc', '123', 'progress 3'],
    ['cvc', '123#', 'captured'],
    ['cvc', '1234', 'captured'],
    ['cvc', '12#', 'invalid_security_code'],
    ['postal_code', '12345#', 'captured'],
    ['postal_code', '12#', 'invalid_postal_code'],
    ['postal_code', '1234567890', 'captured'],
    ['bank_routing', '021000021', 'captured'],
    ['bank_routing', '021000022', 'invalid_bank_routing_number'],
    ['bank_account', '12345678#', 'captured'],
    ['bank_account', '123#', 'invalid_bank_account_number'],
    ['bank_account', '12345678901234567', 'captured'],
  ])('%s %s: %s', (field, keys, outcome) => {
    expect(collecting(field).press(keys).outcome()).toBe(outcome);
  });

  it('a security code of three digits ends at once for Visa, four for American Express', () => {
    expect(collecting('cvc', { brand: 'visa' }).press('123').outcome()).toBe('captured');
    expect(collecting('cvc', { brand: 'amex' }).press('123').outcome()).toBe('progress 3');
    expect(collecting('cvc', { brand: 'amex' }).press('1234').outcome()).toBe('captured');
  });

  it('a field of no fixed length ends after a longer pause', () => {
    expect(collecting('postal_code').press('12345').waits(4_999).outcome()).toBe('progress 5');
    expect(collecting('postal_code').press('12345').waits(5_000).outcome()).toBe('captured');
  });
});

describe('any keys at all', () => {
  it('leave exactly the digits that a simple model says, never more than fit', () => {
    const keys = fc.array(fc.constantFrom(...'0123456789*'), { maxLength: 60 }).map((list) => list.join(''));
    fc.assert(
      fc.property(keys, (pressed) => {
        const vault = new DigitVault(plainCardMemory);
        const collector = new FieldCollector('bank_account', vault, new Pace(), 0);
        let model = '';
        let starred = false;
        for (const key of pressed) {
          const step = collector.press(KEYPAD.indexOf(key), 0, RULES);
          if (key === '*') model = starred ? '' : model.slice(0, -1);
          else model += key;
          starred = key === '*' && !starred;
          if (step.kind === 'done') break;
        }
        expect(new TextDecoder().decode(vault.digits('bank_account'))).toBe(model.slice(0, 17));
      }),
    );
  });
});
