/** Card data is handled as ASCII digits in byte arrays, never as text (design rule 6). */
export const ASCII_ZERO = 0x30;
const ASCII_NINE = 0x39;

const isDigit = (byte: number): boolean => byte >= ASCII_ZERO && byte <= ASCII_NINE;

export function allDigits(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (!isDigit(byte)) return false;
  return true;
}

/** The number at `at`, `count` digits long. Only for parts that are not secret by themselves: a month, a prefix. */
export function numberAt(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i += 1) value = value * 10 + ((bytes[i] ?? ASCII_ZERO) - ASCII_ZERO);
  return value;
}

/** Byte by byte, without leaving early. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}
