/**
 * Powers of ten between ISO 4217 and Adyen: for these four Adyen counts other minor units ("Currency codes", where its own table leads).
 * A krona sent as it is here would be charged as a hundredth of it.
 */
const FACTOR: Readonly<Record<string, number>> = { clp: 100, isk: 100, cve: 0.01, idr: 0.01 };

export interface AdyenAmount {
  readonly currency: string;
  readonly value: number;
}

/** Undefined: Adyen has no coin that small. */
export function adyenAmount(minor: number, currency: string): AdyenAmount | undefined {
  const factor = FACTOR[currency] ?? 1;
  const value = factor < 1 ? minor / Math.round(1 / factor) : minor * factor;
  return Number.isSafeInteger(value) ? { currency: currency.toUpperCase(), value } : undefined;
}
