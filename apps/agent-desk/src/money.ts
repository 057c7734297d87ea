/** Digits behind the point of a currency's major unit: 2 for gbp, 0 for jpy, 3 for bhd (ISO 4217). Undefined for what is no code. */
function minorDigits(currency: string): number | undefined {
  try {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency });
    return format.resolvedOptions().maximumFractionDigits;
  } catch {
    return undefined;
  }
}

/** As many digits before the point as the API's largest amount has in all. */
const WHOLE_DIGITS_MAX = 8;

/** `'49.99', 'gbp'` is 4999; `'500', 'jpy'` is 500. Undefined when it is not an amount of that currency. Digits are moved, never multiplied. */
export function minorUnitsOf(text: string, currency: string): number | undefined {
  const digits = minorDigits(currency);
  const [, whole, fraction = ''] = /^(\d+)(?:[.,](\d+))?$/.exec(text.trim()) ?? [];
  if (digits === undefined || whole === undefined) return undefined;
  if (whole.length > WHOLE_DIGITS_MAX || fraction.length > digits) return undefined;
  return Number(whole + fraction.padEnd(digits, '0'));
}

/** `4999, 'gbp'` is `49.99 GBP`. */
export function moneyWords(amount: number, currency: string): string {
  const digits = minorDigits(currency) ?? 2;
  const padded = String(amount).padStart(digits + 1, '0');
  const cut = padded.length - digits;
  const text = digits === 0 ? padded : `${padded.slice(0, cut)}.${padded.slice(cut)}`;
  return `${text} ${currency.toUpperCase()}`;
}
