const placesOf = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 0;

/** Major units as text: 4999 pence are `49.99`, 4999 yen `4999` (ISO 4217 says how many places). */
export function amountText(minor: number, currency: string): string {
  const places = placesOf(currency);
  if (places === 0) return String(minor);
  const digits = String(minor).padStart(places + 1, '0');
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** And back: `49.99`, `49.9` and `49` pounds, `4999` and `4999.00` yen; undefined: no amount, or parts that the currency does not have. */
export function amountOfText(text: string, currency: string): number | undefined {
  const places = placesOf(currency);
  const [, whole, part = ''] = /^([0-9]{1,9})(?:\.([0-9]{1,4}))?$/.exec(text) ?? [];
  if (whole === undefined || /[1-9]/.test(part.slice(places))) return undefined;
  return Number(whole + part.slice(0, places).padEnd(places, '0'));
}
