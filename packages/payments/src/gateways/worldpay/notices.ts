import { sameBytes } from '../../card/digits.ts';
import { isObject, plain, readObject } from '../answer.ts';
import { declined } from '../decline.ts';
import type { GatewayWays } from '../kind.ts';
import type { NoticeItem, NoticeReader } from '../notice.ts';
import type { ChargeOutcome, FollowUpOutcome } from '../outcome.ts';
import { utcText } from '../utc-text.ts';

export interface WorldpayNoticeOptions {
  /** Shared secrets, the newest first. */
  readonly secrets: readonly Uint8Array[];
  readonly hmac: GatewayWays['hmac'];
}

/** Worldpay repeats an event for a week; what is older is not from its queue. */
const AGE_MAX_MS = 8 * 86_400_000;
const SIGNATURES_MAX = 10;

/** Events webhooks, signed as a whole ("Event-Signature": `keyId/SHA256/signature`, several with commas, in any order). */
export function worldpayNotices({ secrets, hmac }: WorldpayNoticeOptions): NoticeReader {
  return ({ headers, body, nowMs }) => {
    const given = (headers['event-signature'] ?? '').split(',').slice(0, SIGNATURES_MAX);
    const macs = secrets.map((secret) => new TextEncoder().encode(hex(hmac('sha256', secret, body))));
    const isGenuine = given.some((each) => {
      const signature = /^\s*\w+\/SHA256\/([0-9a-f]{64})\s*$/i.exec(each)?.[1]?.toLowerCase();
      const bytes = new TextEncoder().encode(signature);
      return signature !== undefined && macs.some((mac) => sameBytes(mac, bytes));
    });
    if (!isGenuine) return { kind: 'refused', code: 'bad_signature' };
    const event = readObject(body);
    const details = isObject(event?.eventDetails) ? event.eventDetails : {};
    const { eventId, eventTimestamp } = event ?? {};
    const id = plain(eventId);
    if (id === null || typeof eventTimestamp !== 'string' || typeof details.type !== 'string')
      return { kind: 'refused', code: 'unreadable' };
    if (eventTimestamp < utcText(nowMs - AGE_MAX_MS)) return { kind: 'refused', code: 'too_old' };
    const key = details.transactionReference;
    const tells = typeof key === 'string' ? whatItTells(details.type, key) : undefined;
    const items = tells === undefined ? [] : [{ id, about: { key: String(key) }, tells }];
    return { kind: 'read', items };
  };
}

/** Undefined: nothing that a session waits for, such as a chargeback. */
function whatItTells(type: string, gatewayId: string): NoticeItem['tells'] | undefined {
  const approved: ChargeOutcome = { kind: 'approved', authCode: null, token: null, gatewayId };
  const done: FollowUpOutcome = { kind: 'done', gatewayId };
  switch (type) {
    case 'authorized':
    // Of most charges Worldpay does this on its own: it is news of the charge, not of a step.
    case 'sentForSettlement':
      return { of: 'charge', outcome: approved };
    case 'refused':
      return { of: 'charge', outcome: declined('other', 'other_card', null) };
    case 'error':
    case 'expired':
      return { of: 'charge', outcome: { kind: 'failed', code: `gateway_says_${type}` } };
    case 'settlementFailed':
      return { of: 'settle', key: null, outcome: { kind: 'refused', code: 'settle_failed_later' } };
    case 'cancelled':
      return { of: 'void', key: null, outcome: done };
    case 'sentForRefund':
    case 'refunded':
      return { of: 'refund', key: null, outcome: done };
    case 'refundFailed':
      return { of: 'refund', key: null, outcome: { kind: 'refused', code: 'refund_failed_later' } };
    default:
      return undefined;
  }
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
