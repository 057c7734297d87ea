/** The DTMF pairs of ITU-T Q.23, in Hz, and the RFC 4733 §3.2 event code of each. */
export const LOW_TONES_HZ = [697, 770, 852, 941] as const;
export const HIGH_TONES_HZ = [1209, 1336, 1477, 1633] as const;
export const TONES_HZ: readonly number[] = [...LOW_TONES_HZ, ...HIGH_TONES_HZ];

/** Event codes by row (low tone) and column (high tone): 10 is `*`, 11 is `#`, 12-15 are A-D. */
const EVENT_CODES = [
  [1, 2, 3, 12],
  [4, 5, 6, 13],
  [7, 8, 9, 14],
  [10, 0, 11, 15],
] as const;

const codesByPair = Uint8Array.from(EVENT_CODES.flat());

/** `row` and `column` 0-3 -> event code 0-15. */
export const eventCodeOf = (row: number, column: number): number => codesByPair[row * 4 + column] ?? 0;

/** Event code 0-15 -> its two frequencies; `undefined` for a code that is no key. */
export function tonePairOf(
  eventCode: number,
): { readonly lowHz: number; readonly highHz: number } | undefined {
  const pair = codesByPair.indexOf(eventCode);
  const lowHz = LOW_TONES_HZ[pair >> 2];
  const highHz = HIGH_TONES_HZ[pair & 3];
  return pair < 0 || lowHz === undefined || highHz === undefined ? undefined : { lowHz, highHz };
}
