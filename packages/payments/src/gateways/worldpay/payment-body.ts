import type { CardMemory } from '../../capture/card-memory.ts';
import { ASCII_ZERO } from '../../card/digits.ts';
import { CARD_PART_BYTES_MAX, CardJson } from '../card-json.ts';
import type { CardBytes, ChargeRequest } from '../gateway.ts';

/** Some texts of at most 64 characters, each escaped to six bytes, and the rest. At least 256, see `CARD_BUFFER_BYTES`. */
const BODY_BYTES_MAX = 4_096;
/** What is said about an address besides its postal code. */
const ADDRESS_BYTES_MAX = 256;

/** What every payment of an account has in common. */
export interface PaymentWays {
  readonly entity: string;
  readonly narrative: string;
  /** Of an address of which only the postal code is known. Undefined: no address is sent, for it cannot be without a country. */
  readonly billingCountry: string | undefined;
  /** Try environment only: a name that asks for a refusal. */
  readonly testHolderName: string | undefined;
}

/** `POST /cardPayments/customerInitiatedTransactions` as bytes. Undefined: it does not fit, and nothing was copied. */
export function paymentBody(
  { key, type, amount, currency }: ChargeRequest,
  card: CardBytes,
  { entity, narrative, billingCountry, testHolderName }: PaymentWays,
  memory: CardMemory,
): CardJson | undefined {
  const instruction = {
    requestAutoSettlement: { enabled: type === 'charge' },
    narrative: { line1: narrative },
    value: { currency: currency.toUpperCase(), amount },
  };
  const fields = { transactionReference: key, channel: 'moto', merchant: { entity } };
  const holder = testHolderName === undefined ? {} : { cardHolderName: testHolderName };
  const open = (value: object): string => JSON.stringify(value).slice(0, -1);
  const head = new TextEncoder().encode(
    `${open(fields)},"instruction":${open(instruction)},"paymentInstrument":${open({ type: 'card/plain', ...holder })},"cardNumber":`,
  );
  if (head.length + CARD_PART_BYTES_MAX + ADDRESS_BYTES_MAX > BODY_BYTES_MAX) return undefined;
  const body = new CardJson(memory, BODY_BYTES_MAX)
    .raw(head)
    .digits(card.number)
    // Numbers, which JSON does not let begin with a zero (RFC 8259 §6).
    .text(',"expiryDate":{"month":')
    .raw(card.expiry.subarray(card.expiry[0] === ASCII_ZERO ? 1 : 0, 2))
    .text(',"year":20')
    .raw(card.expiry.subarray(2, 4))
    .text('}');
  if (card.cvc.length > 0) body.text(',"cvc":').digits(card.cvc);
  if (card.postalCode.length > 0 && billingCountry !== undefined) {
    const address = open({ address1: 'N/A', city: 'N/A', countryCode: billingCountry });
    body.text(`,"billingAddress":${address},"postalCode":`).digits(card.postalCode).text('}');
  }
  return body.text('}}}');
}
