/** A key press as its RFC 4733 §3.2 event code: 0-9 digits, 10 `*`, 11 `#`, 12-15 A-D. */
export const KEY_STAR = 10;
export const KEY_POUND = 11;
export const KEY_MAX = 15;

export const isDigitKey = (key: number): boolean => key >= 0 && key <= 9;
