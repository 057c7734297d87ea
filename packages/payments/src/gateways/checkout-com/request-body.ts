import type { CardMemory } from '../../capture/card-memory.ts';
import { ASCII_ZERO } from '../../card/digits.ts';
import { CardJson } from '../card-json.ts';
import type { CardBytes, ChargeRequest, FollowUpRequest } from '../gateway.ts';
import { DESCRIPTION_CHARS_MAX } from './limits.ts';

/** `POST /tokens`: the only request with the card in it. No money moves. */
export function tokenBody(card: CardBytes, memory: CardMemory, bytesMax: number): CardJson {
  const { number, expiry, cvc, postalCode } = card;
  const body = new CardJson(memory, bytesMax)
    .text('{"type":"card","number":')
    .digits(number)
    // A number, which may not begin with a zero.
    .text(',"expiry_month":')
    .raw(expiry.subarray(expiry[0] === ASCII_ZERO ? 1 : 0, 2))
    .text(',"expiry_year":20')
    .raw(expiry.subarray(2, 4));
  if (cvc.length > 0) body.text(',"cvv":').digits(cvc);
  if (postalCode.length > 0) body.text(',"billing_address":{"zip":').digits(postalCode).text('}');
  return body.text('}');
}

/** `POST /payments`. A card is saved by verifying it: a payment of nothing, whose source stays. */
export function paymentBody(
  { key, type, amount, currency, reference }: ChargeRequest,
  token: string,
  channel: string | undefined,
): Uint8Array {
  return encoded({
    source: { type: 'token', token },
    amount: type === 'tokenize' ? 0 : amount,
    currency: currency.toUpperCase(),
    payment_type: 'MOTO',
    capture: type === 'charge',
    reference: key,
    ...(reference !== null && { description: reference.slice(0, DESCRIPTION_CHARS_MAX) }),
    ...(channel !== undefined && { processing_channel_id: channel }),
  });
}

/** Captures, voids and refunds: the reference is what finds the action again. */
export const actionBody = ({ kind, key, amount }: FollowUpRequest): Uint8Array =>
  encoded({
    ...(kind !== 'void' && { amount }),
    reference: key,
    metadata: { sordino_step: key },
  });

const encoded = (body: object): Uint8Array => new TextEncoder().encode(JSON.stringify(body));
