import { describe, expect, it } from '@jest/globals';
import { FIELD_NAMES } from '@sordino/core';
import { DigitVault } from './digit-vault.ts';
import { CARD_BUFFER_BYTES } from './limits.ts';

function aVault() {
  let buffer = new Uint8Array(0);
  const vault = new DigitVault((byteCount) => {
    buffer = new Uint8Array(byteCount);
    return buffer;
  });
  return { vault, buffer };
}

describe('the digit vault', () => {
  it('lives in one buffer, too large for the garbage-collected heap', () => {
    const { buffer } = aVault();
    expect(buffer.length).toBe(CARD_BUFFER_BYTES);
    expect(CARD_BUFFER_BYTES).toBeGreaterThanOrEqual(256);
  });

  it('keeps the fields apart, each to its limit', () => {
    const { vault } = aVault();
    for (const [at, field] of FIELD_NAMES.entries())
      for (let i = 0; i < 40; i += 1) expect(vault.append(field, at)).toBe(i < 32);
    for (const [at, field] of FIELD_NAMES.entries())
      expect(new TextDecoder().decode(vault.digits(field))).toBe(String(at).repeat(32));
  });

  it.each([-1, 10, 11, 255])('takes no digit %s', (digit) => {
    expect(aVault().vault.append('cvc', digit)).toBe(false);
  });

  it('zeroes what is taken away, at once', () => {
    const { vault, buffer } = aVault();
    for (const digit of [1, 2, 3]) vault.append('cvc', digit);
    vault.removeLast('cvc', 1);
    expect([...buffer].filter((byte) => byte !== 0)).toEqual([0x31, 0x32]);
    vault.removeLast('cvc', 99);
    expect(vault.length('cvc')).toBe(0);
    expect(buffer.every((byte) => byte === 0)).toBe(true);
  });

  it('is zero everywhere after a wipe, and views into it go dark', () => {
    const { vault, buffer } = aVault();
    for (const digit of [4, 2, 4, 2]) vault.append('card_number', digit);
    const view = vault.digits('card_number');
    vault.wipe();
    expect(buffer.every((byte) => byte === 0)).toBe(true);
    expect([...view]).toEqual([0, 0, 0, 0]);
    expect(vault.length('card_number')).toBe(0);
  });
});
