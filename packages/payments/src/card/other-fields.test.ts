import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bankRulesOf, isBankAccount, isBankRouting } from './bank.ts';
import { containsCardNumber } from './find-in-text.ts';
import { isPostalCode } from './postal-code.ts';
import { isSecurityCode, securityCodeLengths } from './security-code.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a security code', () => {
  it.each([
    ['123', 'visa', true],
    ['1234', 'visa', false],
    ['12', 'visa', false],
    ['1234', 'amex', true],
    ['123', 'amex', false],
    ['123', undefined, true],
    ['1234', undefined, true],
    ['12345', undefined, false],
    ['', 'visa', false],
    ['12a', 'visa', false],
  ] as const)('%s for %s: %s', (code, brand, good) => {
    expect(isSecurityCode(bytes(code), brand)).toBe(good);
  });

  it('of an unknown brand may have either length', () => {
    expect(securityCodeLengths('unknown')).toEqual([3, 4]);
  });
});

describe('a postal code', () => {
  it.each([
    ['101', true],
    ['12345', true],
    ['123456789', true],
    ['1234567890', true],
    ['12', false],
    ['12345678901', false],
    ['', false],
    ['1234A', false],
  ])('%s: %s', (code, good) => {
    expect(isPostalCode(bytes(code))).toBe(good);
  });
});

describe('a bank routing number', () => {
  it.each([
    ['021000021', true],
    ['011401533', true],
    ['091000019', true],
    ['021000022', false],
    ['000000000', false],
    ['02100002', false],
    ['0210000210', false],
    ['02100002a', false],
    // Right checksum, but no Federal Reserve prefix.
    ['400000006', false],
    ['', false],
  ])('%s: %s', (number, good) => {
    expect(isBankRouting(bytes(number), bankRulesOf('usd'))).toBe(good);
  });

  it.each([
    ['108800', true],
    ['000001', true],
    ['000000', false],
    ['10880', false],
    ['1088001', false],
    ['10-880', false],
    ['', false],
  ])('in pounds is a sort code: %s: %s', (number, good) => {
    expect(isBankRouting(bytes(number), bankRulesOf('gbp'))).toBe(good);
  });

  it('is broken by any one wrong digit', () => {
    fc.assert(
      fc.property(fc.nat(8), fc.integer({ min: 1, max: 9 }), (at, by) => {
        const number = [...'021000021'];
        number[at] = String((Number(number[at]) + by) % 10);
        return !isBankRouting(bytes(number.join('')), bankRulesOf('usd'));
      }),
    );
  });
});

describe('a bank account number', () => {
  it.each([
    ['1234', true],
    ['12345678901234567', true],
    ['123', false],
    ['123456789012345678', false],
    ['', false],
    ['12 34', false],
  ])('%s: %s', (number, good) => {
    expect(isBankAccount(bytes(number), bankRulesOf('usd'))).toBe(good);
  });

  it.each([
    ['00012345', true],
    ['0012345', false],
    ['000123456', false],
  ])('in pounds has eight digits: %s: %s', (number, good) => {
    expect(isBankAccount(bytes(number), bankRulesOf('gbp'))).toBe(good);
  });
});

describe('a card number in text', () => {
  it.each([
    ['4242424242424242', true],
    ['card 4242 4242 4242 4242 please', true],
    ['4242-4242-4242-4242', true],
    ['378282246310005', true],
    ['order 9914242424242424242 x', true],
    ['INV-7', false],
    ['+447700900123', false],
    ['4242424242424241', false],
    ['2026-11-22 08:00', false],
    ['', false],
  ])('%s: %s', (text, found) => {
    expect(containsCardNumber(text)).toBe(found);
  });
});
