import type { CardMemory } from '../../capture/card-memory.ts';
import { amountText } from '../amount-text.ts';
import { CARD_PART_BYTES_MAX, CardJson } from '../card-json.ts';
import type { CardBytes, ChargeRequest, FollowUpKind, FollowUpRequest } from '../gateway.ts';

/** Texts of 255 characters, each escaped to six bytes, and some hundred bytes of the rest. At least 256, see `CARD_BUFFER_BYTES`. */
const BODY_BYTES_MAX = 4_096;

/** What to do with a card, in the names of Twilio's generic pay connector. Undefined: it does not fit, and nothing was copied. */
export function payBody(request: ChargeRequest, card: CardBytes, memory: CardMemory): CardJson | undefined {
  const { key, type, amount, currency, reference } = request;
  const fields = {
    transaction_id: key,
    // `charge` and `tokenize` are Twilio's words too, `authorize` is ours.
    method: type,
    amount: amountText(amount, currency),
    currency_code: currency,
    description: reference,
    parameters: { moto: true },
  };
  const head = new TextEncoder().encode(`${JSON.stringify(fields).slice(0, -1)},"cardnumber":`);
  if (head.length + CARD_PART_BYTES_MAX > BODY_BYTES_MAX) return undefined;
  return new CardJson(memory, BODY_BYTES_MAX)
    .raw(head)
    .digits(card.number)
    .text(',"expiry_month":')
    .digits(card.expiry.subarray(0, 2))
    .text(',"expiry_year":')
    .digits(card.expiry.subarray(2, 4))
    .text(',"cvv":')
    .digitsOrNull(card.cvc)
    .text(',"postal_code":')
    .digitsOrNull(card.postalCode)
    .text('}');
}

/** Our words for the steps, where Twilio has none. */
const STEP_METHODS: Readonly<Record<FollowUpKind, string>> = {
  settle: 'capture',
  void: 'void',
  refund: 'refund',
};

/** A later step: `transaction_id` is its own, `charge_transaction_id` that of the charge and `charge_id` what its answer said. */
export const stepBody = ({ kind, key, charge, gatewayId, amount }: FollowUpRequest): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify({
      transaction_id: key,
      method: STEP_METHODS[kind],
      charge_transaction_id: charge.key,
      charge_id: gatewayId,
      amount: amountText(amount, charge.currency),
      currency_code: charge.currency,
    }),
  );

/** What became of it; no card is needed to ask. */
export const statusBody = (key: string): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ transaction_id: key, method: 'status' }));
