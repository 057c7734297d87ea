import { sameBytes } from '../../card/digits.ts';
import { isObject, plain, readObject } from '../answer.ts';
import { declined } from '../decline.ts';
import type { GatewayWays } from '../kind.ts';
import type { NoticeItem, NoticeReader } from '../notice.ts';
import type { FollowUpOutcome } from '../outcome.ts';

export interface AdyenNoticeOptions {
  readonly merchantAccount: string;
  /** The newest first: Adyen goes on to sign with the former one for a while. */
  readonly keys: readonly Uint8Array[];
  readonly hmac: GatewayWays['hmac'];
}

/** What is signed of an item, and in this order. */
type Signed = Readonly<
  Record<
    | 'pspReference'
    | 'originalReference'
    | 'merchantAccountCode'
    | 'merchantReference'
    | 'value'
    | 'currency'
    | 'eventCode'
    | 'success',
    string
  >
>;

/** JSON webhooks hold one item, says "Webhook structure"; a few more are taken. */
const ITEMS_MAX = 10;

/**
 * Standard webhooks, each item with a signature of its own ("Verify HMAC signatures"). There is no age to check: Adyen repeats a notice for
 * weeks, and its date is not signed. A notice that was kept and sent again is known by its id, and tells only what was true.
 */
export function adyenNotices({ merchantAccount, keys, hmac }: AdyenNoticeOptions): NoticeReader {
  const isGenuine = (signed: Signed, signature: unknown): boolean => {
    if (typeof signature !== 'string') return false;
    const given = new TextEncoder().encode(signature);
    return keys.some((key) => sameBytes(given, base64(hmac('sha256', key, Object.values(signed).join(':')))));
  };
  return ({ body }) => {
    const wrapped = readObject(body)?.notificationItems;
    if (!Array.isArray(wrapped) || wrapped.length === 0 || wrapped.length > ITEMS_MAX)
      return { kind: 'refused', code: 'unreadable' };
    const items: NoticeItem[] = [];
    for (const each of wrapped) {
      const item = isObject(each) ? each.NotificationRequestItem : undefined;
      const signed = isObject(item) ? signedPart(item) : undefined;
      if (!isObject(item) || signed === undefined) return { kind: 'refused', code: 'unreadable' };
      const more = isObject(item.additionalData) ? item.additionalData : {};
      if (!isGenuine(signed, more.hmacSignature)) return { kind: 'refused', code: 'bad_signature' };
      if (signed.merchantAccountCode !== merchantAccount) continue;
      // With a colon inside a value the same signature fits other values too. Ours have none.
      if (Object.values(signed).some((value) => value.includes(':'))) continue;
      const tells = whatItTells(signed, plain(more.authCode));
      if (tells !== undefined) items.push(tells);
    }
    return { kind: 'read', items, answer: '[accepted]' };
  };
}

function signedPart(item: Record<string, unknown>): Signed | undefined {
  const amount = isObject(item.amount) ? item.amount : {};
  const { pspReference, originalReference = '', merchantAccountCode, merchantReference } = item;
  const { eventCode, success } = item;
  const texts = { pspReference, originalReference, merchantAccountCode, merchantReference };
  const signed = { ...texts, value: String(amount.value), currency: amount.currency, eventCode, success };
  return Object.values(signed).every((value) => typeof value === 'string') ? (signed as Signed) : undefined;
}

/** Undefined: nothing that a session waits for, such as a chargeback. */
function whatItTells(signed: Signed, authCode: string | null): NoticeItem | undefined {
  const { pspReference, originalReference, merchantReference, eventCode, success, value } = signed;
  const gatewayId = plain(pspReference);
  const id = `${pspReference}.${eventCode}.${success}`;
  const isDone = success === 'true';
  if (eventCode === 'AUTHORISATION') {
    // Of a card to be saved the token is what counts, and that is not signed here: it is asked for.
    if (value === '0') return undefined;
    const outcome = isDone
      ? ({ kind: 'approved', authCode, token: null, gatewayId } as const)
      : declined('other', 'other_card', null);
    return { id, about: { key: merchantReference }, tells: { of: 'charge', outcome } };
  }
  const outcome: FollowUpOutcome = isDone
    ? { kind: 'done', gatewayId }
    : { kind: 'refused', code: 'gateway_refused_request' };
  if (eventCode === 'TECHNICAL_CANCEL')
    return { id, about: { key: merchantReference }, tells: { of: 'cancel', key: null, outcome } };
  const step = Object.hasOwn(STEPS, eventCode) ? STEPS[eventCode] : undefined;
  if (step === undefined) return undefined;
  const [of, undone] = step;
  return {
    ...{ id, about: { gatewayId: originalReference } },
    // What failed afterwards comes with success: true.
    tells: {
      of,
      key: merchantReference,
      outcome: undone === undefined ? outcome : { kind: 'refused', code: undone },
    },
  };
}

const STEPS: Readonly<Record<string, readonly [of: 'settle' | 'void' | 'refund', undone?: string]>> = {
  CAPTURE: ['settle'],
  CAPTURE_FAILED: ['settle', 'settle_failed_later'],
  CANCELLATION: ['void'],
  CANCEL_OR_REFUND: ['void'],
  REFUND: ['refund'],
  REFUND_FAILED: ['refund', 'refund_failed_later'],
  REFUNDED_REVERSED: ['refund', 'refund_failed_later'],
};

const base64 = (bytes: Uint8Array): Uint8Array =>
  new TextEncoder().encode(btoa(String.fromCharCode(...bytes)));
