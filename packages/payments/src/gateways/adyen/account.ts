import type { PaymentWays } from './payment-body.ts';

type Settings = Readonly<Partial<Record<string, string>>>;

/** Required by the API and never visited: a telephone order is not sent to another page (RFC 2606 §2: no such host can be). */
const RETURN_URL = 'https://telephone-order.invalid/';
/**
 * Adyen cancels by our reference only what is not settled yet: an hour is left to undo a charge whose answer was lost. At most 28 days
 * (`captureDelayHours`).
 */
const CAPTURE_DELAY_HOURS = 1;
const CAPTURE_DELAY_HOURS_MAX = 672;
/** "If you don't know the country, provide ZZ" (`BillingAddress`). */
const UNKNOWN_COUNTRY = 'ZZ';
const HMAC_KEY_BYTES_MIN = 16;

/** Throws what is wrong with a setting: the process must not start with it. */
export function readPaymentWays(settings: Settings, livemode: boolean): PaymentWays {
  const { merchant_account, return_url, capture_delay_hours, billing_country, test_response_code } = settings;
  if (merchant_account === undefined) throw new Error('adyen: merchant_account is needed');
  const delayHours = Number(capture_delay_hours ?? CAPTURE_DELAY_HOURS);
  if (!/^\d{1,3}$/.test(capture_delay_hours ?? '0') || delayHours > CAPTURE_DELAY_HOURS_MAX)
    throw new Error(`adyen: capture_delay_hours must be 0 to ${CAPTURE_DELAY_HOURS_MAX}`);
  if (billing_country !== undefined && !/^[A-Z]{2}$/.test(billing_country))
    throw new Error('adyen: billing_country must be two capital letters (ISO 3166), such as GB');
  if (test_response_code !== undefined && livemode)
    throw new Error('adyen: test_response_code is for the test system: leave it out with livemode: true');
  return {
    merchantAccount: merchant_account,
    returnUrl: return_url ?? RETURN_URL,
    captureDelayHours: delayHours,
    billingCountry: billing_country ?? UNKNOWN_COUNTRY,
    testResponseCode: test_response_code,
  };
}

/** The Customer Area shows the key of the signatures in hexadecimal. */
export function hexKey(text: Uint8Array): Uint8Array {
  const digits = new TextDecoder().decode(text);
  if (!/^([0-9a-f]{2})+$/i.test(digits) || digits.length < 2 * HMAC_KEY_BYTES_MIN)
    throw new Error(
      'adyen: hmac_key must be the hexadecimal key of the webhook, as the Customer Area shows it',
    );
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
