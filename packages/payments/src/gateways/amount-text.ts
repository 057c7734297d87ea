/** Major units as text: 4999 pence are `49.99`, 4999 yen `4999` (ISO 4217 says how many places). */
export function amountText(minor: number, currency: string): string {
  const places = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
    .maximumFractionDigits;
  if (places === undefined || places === 0) return String(minor);
  const digits = String(minor).padStart(places + 1, '0');
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
