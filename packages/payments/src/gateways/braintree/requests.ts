import type { CardMemory } from '../../capture/card-memory.ts';
import { amountText } from '../amount-text.ts';
import { CARD_PART_BYTES_MAX, CardJson } from '../card-json.ts';
import type { CardBytes, ChargeRequest } from '../gateway.ts';
import { BODY_BYTES_MAX } from './limits.ts';

/** JSON of an object without its last brace: more members are added as bytes. */
const open = (members: object): string => JSON.stringify(members).slice(0, -1);

/** `POST …/transactions`. Undefined: it does not fit, and nothing was copied. */
export function chargeBody(
  { key, type, amount, currency }: ChargeRequest,
  merchantAccount: string | undefined,
  card: CardBytes,
  memory: CardMemory,
): CardJson | undefined {
  const fields = open({
    ...{ type: 'sale', amount: amountText(amount, currency), order_id: key, transaction_source: 'moto' },
    ...(merchantAccount === undefined ? {} : { merchant_account_id: merchantAccount }),
    options: { submit_for_settlement: type === 'charge' },
  });
  return bodyOf(memory, `{"transaction":${fields}`, (json) => {
    billing(creditCard(json, card), ',"billing":', card);
    return json.text('}}');
  });
}

/** `POST …/customers`: one customer for each saved card, named by our key. The card is checked with its bank (`verify_card`). */
export function tokenizeBody(
  { key }: ChargeRequest,
  merchantAccount: string | undefined,
  card: CardBytes,
  memory: CardMemory,
): CardJson | undefined {
  const options = JSON.stringify({
    verify_card: true,
    ...(merchantAccount === undefined ? {} : { verification_merchant_account_id: merchantAccount }),
  });
  return bodyOf(memory, `{"customer":${open({ id: key })}`, (json) => {
    creditCard(json, card, `,"options":${options}`);
    return json.text('}}');
  });
}

export const searchBody = (key: string): Uint8Array => bytesOf({ search: { order_id: { is: key } } });

export const settleBody = (amount: string): Uint8Array => bytesOf({ transaction: { amount } });

/** The refund has an order id of its own, so that it is known when it is asked for again. */
export const refundBody = (amount: string, key: string): Uint8Array =>
  bytesOf({ transaction: { amount, order_id: key } });

const bytesOf = (body: object): Uint8Array => new TextEncoder().encode(JSON.stringify(body));

function bodyOf(memory: CardMemory, head: string, write: (json: CardJson) => CardJson): CardJson | undefined {
  const bytes = new TextEncoder().encode(head);
  // Twice: a tokenized card has its options and its address inside.
  if (bytes.length + 2 * CARD_PART_BYTES_MAX > BODY_BYTES_MAX) return undefined;
  return write(new CardJson(memory, BODY_BYTES_MAX).raw(bytes));
}

/** `inside`: members of the card that are no card data; a saved card has its billing address inside, too. */
function creditCard(json: CardJson, card: CardBytes, inside = ''): CardJson {
  const { number, expiry, cvc } = card;
  json.text(',"credit_card":{"number":').digits(number);
  json.text(',"expiration_month":').digits(expiry.subarray(0, 2));
  json.text(',"expiration_year":"20').raw(expiry.subarray(2, 4)).text('"');
  if (cvc.length > 0) json.text(',"cvv":').digits(cvc);
  if (inside !== '') billing(json.text(inside), ',"billing_address":', card);
  return json.text('}');
}

/** Nothing when no postal code was collected. */
function billing(json: CardJson, name: string, { postalCode }: CardBytes): CardJson {
  if (postalCode.length === 0) return json;
  return json.text(`${name}{"postal_code":`).digits(postalCode).text('}');
}
