import type { CardMemory } from '../../capture/card-memory.ts';
import { CARD_PART_BYTES_MAX, CardJson } from '../card-json.ts';
import type { CardBytes, ChargeRequest } from '../gateway.ts';
import type { AdyenAmount } from './amount.ts';

/** Texts of 255 characters, each escaped to six bytes, and some hundred bytes of the rest. At least 256, see `CARD_BUFFER_BYTES`. */
const BODY_BYTES_MAX = 6_144;
/** What is said about an address besides its postal code. */
const ADDRESS_BYTES_MAX = 256;

/** What every payment of an account has in common. */
export interface PaymentWays {
  readonly merchantAccount: string;
  readonly returnUrl: string;
  /** Of a charge: until Adyen settles it on its own. */
  readonly captureDelayHours: number;
  /** Of an address of which only the postal code is known. */
  readonly billingCountry: string;
  /** Test system only: the refusal that is wanted. */
  readonly testResponseCode: string | undefined;
}

/** `POST /payments` as bytes. Undefined: it does not fit, and nothing was copied. */
export function paymentBody(
  request: ChargeRequest,
  amount: AdyenAmount,
  card: CardBytes,
  ways: PaymentWays,
  memory: CardMemory,
): CardJson | undefined {
  const { key, type, reference } = request;
  const { merchantAccount, returnUrl, billingCountry } = ways;
  const fields = {
    ...{ merchantAccount, reference: key, returnUrl, shopperInteraction: 'Moto' },
    ...(reference === null ? {} : { merchantOrderReference: reference }),
    ...fieldsOfType(request, amount, ways),
  };
  const additionalData = {
    ...(type === 'authorize' ? { manualCapture: 'true' } : {}),
    ...(ways.testResponseCode === undefined
      ? {}
      : { RequestedTestAcquirerResponseCode: ways.testResponseCode }),
  };
  const all = Object.keys(additionalData).length === 0 ? fields : { ...fields, additionalData };
  const head = new TextEncoder().encode(
    `${JSON.stringify(all).slice(0, -1)},"paymentMethod":{"type":"scheme","number":`,
  );
  if (head.length + CARD_PART_BYTES_MAX + ADDRESS_BYTES_MAX > BODY_BYTES_MAX) return undefined;
  const body = new CardJson(memory, BODY_BYTES_MAX)
    .raw(head)
    .digits(card.number)
    .text(',"expiryMonth":')
    .digits(card.expiry.subarray(0, 2))
    .text(',"expiryYear":"20')
    .raw(card.expiry.subarray(2, 4))
    .text('"');
  if (card.cvc.length > 0) body.text(',"cvc":').digits(card.cvc);
  body.text('}');
  if (card.postalCode.length > 0)
    body
      .text(`,"billingAddress":${addressBut(billingCountry)},"postalCode":`)
      .digits(card.postalCode)
      .text('}');
  return body.text('}');
}

function fieldsOfType({ key, type }: ChargeRequest, amount: AdyenAmount, ways: PaymentWays): object {
  switch (type) {
    case 'charge':
      return { amount, captureDelayHours: ways.captureDelayHours };
    case 'authorize':
      return { amount };
    case 'tokenize':
      // Nothing is reserved for a saved card. Each is a shopper of its own: who the caller is, is not known here.
      return {
        ...{ amount: { ...amount, value: 0 }, storePaymentMethod: true, shopperReference: key },
        recurringProcessingModel: 'UnscheduledCardOnFile',
      };
  }
}

/** An address has all of its five fields or is refused; what nobody asked the caller for is said to be unknown. Without the closing brace. */
const addressBut = (country: string): string =>
  JSON.stringify({ city: 'N/A', country, houseNumberOrName: 'N/A', street: 'N/A' }).slice(0, -1);
