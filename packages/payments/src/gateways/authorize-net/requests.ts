import type { CardMemory } from '../../capture/card-memory.ts';
import { amountText } from '../amount-text.ts';
import { CARD_PART_BYTES_MAX, CardJson } from '../card-json.ts';
import type { CardBytes, ChargeRequest } from '../gateway.ts';
import { BODY_BYTES_MAX, DUPLICATE_WINDOW_S, REFERENCE_CHARACTERS_MAX } from './limits.ts';

/*
 * The JSON is the XML in another dress: the gateway reads members in the order of its schema and refuses any other (E00003). So the order
 * of members in this file is the order on the wire, and no member may move.
 */

export interface Credentials {
  readonly name: string;
  readonly transactionKey: string;
}

/** The gateway has room for 20 characters. The end of our key is its random part: 100 bits are as good as 130. */
export const referenceOf = (key: string): string => key.slice(-REFERENCE_CHARACTERS_MAX);

const DUPLICATE_WINDOW = {
  setting: [{ settingName: 'duplicateWindow', settingValue: String(DUPLICATE_WINDOW_S) }],
};
/** Our whole key, for whoever looks at a transaction in the merchant interface. */
const keyField = (key: string) => ({ userField: [{ name: 'reference', value: key }] });

/** `createTransactionRequest` of a charge or an authorisation. Undefined: it does not fit, and nothing was copied. */
export function chargeBody(
  merchantAuthentication: Credentials,
  { key, type, amount, currency, reference }: ChargeRequest,
  card: CardBytes,
  memory: CardMemory,
): CardJson | undefined {
  const refId = referenceOf(key);
  const transaction = {
    transactionType: type === 'authorize' ? 'authOnlyTransaction' : 'authCaptureTransaction',
    amount: amountText(amount, currency),
    currencyCode: currency.toUpperCase(),
  };
  const head = `{"createTransactionRequest":${open({ merchantAuthentication, refId })},"transactionRequest":${open(transaction)}`;
  const order = `,"order":${JSON.stringify({
    invoiceNumber: refId,
    ...(reference === null ? {} : { description: reference }),
  })}`;
  const rest = JSON.stringify({
    // 1: mail order/telephone order (0 is e-commerce, 2 is card present).
    retail: { marketType: '1' },
    transactionSettings: DUPLICATE_WINDOW,
    userFields: keyField(key),
  }).slice(1);
  return bodyOf(memory, [`${head},"payment":`, order, `,${rest}}}`], (json, [before, middle, after]) =>
    billTo(creditCard(json.raw(before), card).raw(middle), card).raw(after),
  );
}

/** `createCustomerProfileRequest`: the saved card; the gateway checks it with an authorisation of nothing. */
export function tokenizeBody(
  merchantAuthentication: Credentials,
  { key }: ChargeRequest,
  card: CardBytes,
  memory: CardMemory,
): CardJson | undefined {
  const refId = referenceOf(key);
  const profile = open({ merchantCustomerId: refId, description: key });
  const head = `{"createCustomerProfileRequest":${open({ merchantAuthentication, refId })},"profile":${profile}`;
  const tail = '}]},"validationMode":"liveMode"}}';
  return bodyOf(memory, [`${head},"paymentProfiles":[{`, ',"payment":', tail], (json, pieces) => {
    const [before, payment, after] = pieces;
    const hasAddress = card.postalCode.length > 0;
    const address = hasAddress ? billTo(json.raw(before), card, '') : json.raw(before);
    return creditCard(address.raw(hasAddress ? payment : payment.subarray(1)), card).raw(after);
  });
}

/** What needs no card. */
export const plainBody = (root: string, merchantAuthentication: Credentials, members: object): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ [root]: { merchantAuthentication, ...members } }));

export const settleRequest = (transId: string, key: string, amount: string) => ({
  refId: referenceOf(key),
  transactionRequest: { transactionType: 'priorAuthCaptureTransaction', amount, refTransId: transId },
});

export const voidRequest = (transId: string, key: string) => ({
  refId: referenceOf(key),
  transactionRequest: { transactionType: 'voidTransaction', refTransId: transId },
});

/** `lastFour` comes from the gateway's own record of the charge; of the expiry it wants four crosses. */
export const refundRequest = (
  transId: string,
  key: string,
  { amount, currency, lastFour }: { amount: string; currency: string; lastFour: string },
) => ({
  refId: referenceOf(key),
  transactionRequest: {
    ...{ transactionType: 'refundTransaction', amount, currencyCode: currency.toUpperCase() },
    payment: { creditCard: { cardNumber: lastFour, expirationDate: 'XXXX' } },
    ...{ refTransId: transId, order: { invoiceNumber: referenceOf(key) } },
    ...{ transactionSettings: DUPLICATE_WINDOW, userFields: keyField(key) },
  },
});

/** JSON of an object without its last brace: more members are added as bytes. */
const open = (members: object): string => JSON.stringify(members).slice(0, -1);

type Three = readonly [Uint8Array, Uint8Array, Uint8Array];

function bodyOf(
  memory: CardMemory,
  texts: readonly [string, string, string],
  write: (json: CardJson, pieces: Three) => CardJson,
): CardJson | undefined {
  const encoder = new TextEncoder();
  const pieces: Three = [encoder.encode(texts[0]), encoder.encode(texts[1]), encoder.encode(texts[2])];
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, CARD_PART_BYTES_MAX);
  return bytes > BODY_BYTES_MAX ? undefined : write(new CardJson(memory, BODY_BYTES_MAX), pieces);
}

/** `{"creditCard":{…}}` */
function creditCard(json: CardJson, { number, expiry, cvc }: CardBytes): CardJson {
  json.text('{"creditCard":{"cardNumber":').digits(number);
  json
    .text(',"expirationDate":"20')
    .raw(expiry.subarray(2, 4))
    .text('-')
    .raw(expiry.subarray(0, 2))
    .text('"');
  if (cvc.length > 0) json.text(',"cardCode":').digits(cvc);
  return json.text('}}');
}

/** Nothing when no postal code was collected. */
function billTo(json: CardJson, { postalCode }: CardBytes, comma = ','): CardJson {
  if (postalCode.length === 0) return json;
  return json.text(`${comma}"billTo":{"zip":`).digits(postalCode).text('}');
}
