import { sameBytes } from '../../card/digits.ts';
import { isObject } from '../answer.ts';
import { bytesOfHex } from '../hex.ts';
import type { GatewayWays } from '../kind.ts';
import type { NoticeItem, NoticeReader } from '../notice.ts';
import { utcText } from '../utc-text.ts';
import type { Credentials } from './api.ts';
import { NOTICE_AGE_MAX_MS } from './limits.ts';
import { outcomeOfTransaction, readTransaction } from './transaction.ts';
import { readXml } from './xml.ts';

const BASE64 = /^[A-Za-z0-9+/=\n]+$/;

/**
 * Webhooks: a form with `bt_payload`, XML in base64, and `bt_signature`, pairs of `public key|HMAC-SHA1 of the payload in hex` joined by
 * `&`. The HMAC's key is the SHA-1 of the private key. The payload is signed with or without the line break at its end.
 */
export function noticeReader(
  { publicKey, privateKey }: Credentials,
  currency: string,
  { hmac, digest }: Pick<GatewayWays, 'hmac' | 'digest'>,
): NoticeReader {
  const key = digest('sha1', privateKey);
  const isSigned = (payload: string, hex: string): boolean => {
    const given = bytesOfHex(hex);
    return (
      given !== undefined &&
      [payload, `${payload}\n`].some((text) => sameBytes(hmac('sha1', key, text), given))
    );
  };
  return ({ body, nowMs }) => {
    const form = new URLSearchParams(new TextDecoder().decode(body));
    const payload = form.get('bt_payload') ?? '';
    const pairs = (form.get('bt_signature') ?? '').split('&').map((pair) => pair.split('|'));
    const hex = pairs.find(([owner]) => owner === publicKey)?.[1];
    if (hex === undefined || !BASE64.test(payload) || !isSigned(payload, hex))
      return { kind: 'refused', code: 'bad_signature' };
    const document = readXml(fromBase64(payload));
    const notification = document?.name === 'notification' ? document.value : undefined;
    if (!isObject(notification)) return { kind: 'refused', code: 'unreadable' };
    const { kind, timestamp, subject } = notification;
    if (typeof kind !== 'string' || !isTime(timestamp) || !isObject(subject))
      return { kind: 'refused', code: 'unreadable' };
    if (timestamp < utcText(nowMs - NOTICE_AGE_MAX_MS)) return { kind: 'refused', code: 'too_old' };
    const item = itemOf(kind, timestamp, subject.transaction, currency);
    return { kind: 'read', items: item === undefined ? [] : [item] };
  };
}

/** Braintree tells of a card's charge only when its money arrives, or does not. */
const TOLD = new Set(['transaction_disbursed', 'transaction_settled', 'transaction_settlement_declined']);

function itemOf(kind: string, timestamp: string, subject: unknown, currency: string): NoticeItem | undefined {
  const transaction = readTransaction(subject);
  if (transaction?.type !== 'sale' || !TOLD.has(kind)) return undefined;
  const { id, orderId } = transaction;
  return {
    // There is none of its own: the same notice again has the same three.
    id: `${kind}_${id}_${timestamp.replaceAll(':', '.')}`,
    about: orderId === null ? { gatewayId: id } : { key: orderId },
    tells: { of: 'charge', outcome: outcomeOfTransaction(transaction, currency) },
  };
}

const isTime = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(value);

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
