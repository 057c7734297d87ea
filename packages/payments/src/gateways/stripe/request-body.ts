import type { CardMemory } from '../../capture/card-memory.ts';
import { ASCII_ZERO } from '../../card/digits.ts';
import { CardForm, formText } from '../card-form.ts';
import type { CardBytes, ChargeRequest, FollowUpRequest } from '../gateway.ts';

/** `POST /v1/payment_methods`: the only request with the card in it. No money moves. */
export function cardForm(card: CardBytes, memory: CardMemory, bytesMax: number): CardForm {
  const { number, expiry, cvc, postalCode } = card;
  return (
    new CardForm(memory, bytesMax)
      .begin({ type: 'card' })
      .digits('card[number]', number)
      // A number for Stripe, not a text: 9, not 09.
      .digits('card[exp_month]', expiry.subarray(expiry[0] === ASCII_ZERO ? 1 : 0, 2))
      .digits('card[exp_year]', CENTURY, expiry.subarray(2, 4))
      .digits('card[cvc]', cvc)
      .digits('billing_details[address][postal_code]', postalCode)
  );
}

const CENTURY = new TextEncoder().encode('20');

/** What is said about every card, `moto` first of all: it was read out or keyed on the telephone, and nobody can be asked for 3-D Secure. */
const MOTO = {
  // `payment_method_types` is no longer taken; without redirects nothing needs a page to come back to.
  'automatic_payment_methods[enabled]': true,
  'automatic_payment_methods[allow_redirects]': 'never',
  'payment_method_options[card][moto]': true,
  confirm: true,
} as const;

/** `POST /v1/payment_intents`: moves the money, or holds it. The same request makes the same bytes, or its key would be refused. */
export const paymentForm = (request: ChargeRequest, paymentMethod: string): Uint8Array => {
  const { key, type, amount, currency, reference } = request;
  return encoded({
    amount,
    currency,
    ...MOTO,
    payment_method: paymentMethod,
    capture_method: type === 'authorize' ? 'manual' : 'automatic',
    // A decline then, and not a payment that waits for a customer who is on the telephone.
    error_on_requires_action: true,
    description: reference,
    'metadata[sordino_key]': key,
    'expand[0]': 'latest_charge',
  });
};

/** `POST /v1/setup_intents`: saves the card. The merchant attaches the payment method to its customer. */
export const setupForm = ({ key, reference }: ChargeRequest, paymentMethod: string): Uint8Array =>
  encoded({
    ...MOTO,
    payment_method: paymentMethod,
    usage: 'off_session',
    description: reference,
    'metadata[sordino_key]': key,
  });

export const captureForm = ({ amount }: FollowUpRequest): Uint8Array =>
  encoded({ amount_to_capture: amount });

export const refundForm = ({ key, charge, gatewayId, amount }: FollowUpRequest): Uint8Array =>
  encoded({
    payment_intent: gatewayId,
    amount,
    'metadata[sordino_key]': key,
    'metadata[sordino_charge]': charge.key,
  });

const encoded = (fields: Parameters<typeof formText>[0]): Uint8Array =>
  new TextEncoder().encode(formText(fields));
