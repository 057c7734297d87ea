import { sameBytes } from '../../card/digits.ts';
import { isObject, plain, readObject } from '../answer.ts';
import { bytesOfHex } from '../hex.ts';
import type { GatewayWays } from '../kind.ts';
import type { NoticeItem, NoticeReader } from '../notice.ts';
import { utcText } from '../utc-text.ts';
import { outcomeOfAction, outcomeOfPayment } from './outcome-map.ts';

/** The signature has no time in it, and Checkout.com tries for days: what is older than this was kept by somebody. */
const AGE_MAX_MS = 7 * 86_400_000;
/** Clocks differ. */
const AHEAD_MAX_MS = 300_000;
/** An event holds one action of one payment, some KB long. */
const EVENT_BYTES_MAX = 65_536;

/** Checkout.com's webhooks (Workflows). `Cko-Signature`: HMAC-SHA256 of the body in hexadecimal. */
export function checkoutNotices(secret: Uint8Array, hmac: GatewayWays['hmac']): NoticeReader {
  return ({ headers, body, nowMs }) => {
    const given = bytesOfHex(headers['cko-signature'] ?? '');
    if (given === undefined || !sameBytes(given, hmac('sha256', secret, body)))
      return { kind: 'refused', code: 'bad_signature' };
    const event = readObject(body, EVENT_BYTES_MAX);
    const id = plain(event?.id);
    const [, made] = UTC.exec(String(event?.created_on ?? event?.timestamp)) ?? [];
    if (id === null || !isObject(event?.data) || made === undefined)
      return { kind: 'refused', code: 'unreadable' };
    if (made < utcText(nowMs - AGE_MAX_MS) || made > utcText(nowMs + AHEAD_MAX_MS))
      return { kind: 'refused', code: 'too_old' };
    const item = itemOf(id, String(event.type), event.data);
    return { kind: 'read', items: item === undefined ? [] : [item] };
  };
}

/** Times of events, to the second: they compare as texts do. */
const UTC = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.\d{1,9})?(?:Z|\+00:00)$/;

/** Events of a charge, and the status that the payment has then. */
const CHARGES: ReadonlyMap<string, string> = new Map([
  ['payment_approved', 'Authorized'],
  ['payment_declined', 'Declined'],
  ['card_verified', 'Card Verified'],
  ['card_verification_declined', 'Declined'],
]);

/** Events of later steps. */
const STEPS: ReadonlyMap<string, readonly [of: 'settle' | 'void' | 'refund', approved: boolean]> = new Map([
  ['payment_captured', ['settle', true]],
  ['payment_capture_declined', ['settle', false]],
  ['payment_voided', ['void', true]],
  ['payment_void_declined', ['void', false]],
  ['payment_refunded', ['refund', true]],
  ['payment_refund_declined', ['refund', false]],
]);

function itemOf(id: string, type: string, data: Record<string, unknown>): NoticeItem | undefined {
  const status = CHARGES.get(type);
  if (status !== undefined) {
    const key = plain(data.reference);
    const outcome = outcomeOfPayment({ ...data, status }, data);
    return key === null ? undefined : { id, about: { key }, tells: { of: 'charge', outcome } };
  }
  const [of, approved] = STEPS.get(type) ?? [];
  const gatewayId = plain(data.id);
  if (of === undefined || gatewayId === null) return undefined;
  const key = isObject(data.metadata) ? plain(data.metadata.sordino_step) : null;
  const outcome = outcomeOfAction({ ...data, id: data.action_id, approved });
  return { id, about: { gatewayId }, tells: { of, key, outcome } };
}
