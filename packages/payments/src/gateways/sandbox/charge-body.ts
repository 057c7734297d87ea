import type { CardMemory } from '../../capture/card-memory.ts';
import { CARD_PART_BYTES_MAX, CardJson } from '../card-json.ts';
import type { CardBytes, ChargeRequest } from '../gateway.ts';
import { BODY_BYTES_MAX } from './limits.ts';

/** `POST /v1/charges` as bytes. Undefined when the request does not fit: then nothing of the card was copied. */
export function chargeBody(
  request: ChargeRequest,
  card: CardBytes,
  memory: CardMemory,
): CardJson | undefined {
  const { key, type, amount, currency, reference } = request;
  const fields = { reference: key, type, amount, currency, merchant_reference: reference, moto: true };
  const head = new TextEncoder().encode(`${JSON.stringify(fields).slice(0, -1)},`);
  if (head.length + CARD_PART_BYTES_MAX > BODY_BYTES_MAX) return undefined;
  const body = new CardJson(memory, BODY_BYTES_MAX).raw(head);
  if (card.bank !== undefined)
    return body
      .text('"bank_account":{"routing":')
      .digits(card.bank.routing)
      .text(',"account":')
      .digits(card.bank.account)
      .text('}}');
  return body
    .text('"card":{"number":')
    .digits(card.number)
    .text(',"exp_month":')
    .digits(card.expiry.subarray(0, 2))
    .text(',"exp_year":')
    .digits(card.expiry.subarray(2, 4))
    .text(',"cvc":')
    .digitsOrNull(card.cvc)
    .text(',"postal_code":')
    .digitsOrNull(card.postalCode)
    .text('}}');
}
