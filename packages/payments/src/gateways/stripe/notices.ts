import { sameBytes } from '../../card/digits.ts';
import { isObject, plain, readObject } from '../answer.ts';
import { bytesOfHex } from '../hex.ts';
import type { GatewayWays } from '../kind.ts';
import type { NoticeItem, NoticeReader } from '../notice.ts';
import { outcomeOfIntent, outcomeOfStep } from './outcome-map.ts';

/** As Stripe's own libraries have it. */
const AGE_MAX_S = 300;

/**
 * Stripe's webhooks. `Stripe-Signature: t=1790000000,v1=<hex>,v1=<hex>`: HMAC-SHA256 over `t.body`, one `v1` for each live secret. What is
 * not of this service (no `sordino_key`) is taken and changes nothing.
 */
export function stripeNotices(
  secret: Uint8Array,
  livemode: boolean,
  hmac: GatewayWays['hmac'],
): NoticeReader {
  return ({ headers, body, nowMs }) => {
    const { timestamp, signatures } = readSignature(headers['stripe-signature']);
    const expected = hmac('sha256', secret, `${timestamp}.`, body);
    if (!signatures.some((signature) => sameBytes(signature, expected)))
      return { kind: 'refused', code: 'bad_signature' };
    if (Math.abs(nowMs / 1_000 - Number(timestamp)) > AGE_MAX_S) return { kind: 'refused', code: 'too_old' };
    const event = readObject(body, EVENT_BYTES_MAX);
    const id = plain(event?.id);
    const object = isObject(event?.data) ? event.data.object : undefined;
    if (id === null || !isObject(object)) return { kind: 'refused', code: 'unreadable' };
    return {
      kind: 'read',
      items: event?.livemode === livemode ? itemsOf(id, String(event.type), object) : [],
    };
  };
}

/** An event holds one object, some KB long. */
const EVENT_BYTES_MAX = 65_536;

function readSignature(header = ''): { readonly timestamp: string; readonly signatures: Uint8Array[] } {
  const parts = header.split(',').map((part) => part.trim().split('=', 2));
  const valuesOf = (name: string) => parts.flatMap(([key, value = '']) => (key === name ? [value] : []));
  return {
    timestamp: valuesOf('t').find((value) => /^\d{1,12}$/.test(value)) ?? '',
    signatures: valuesOf('v1').flatMap((value) => bytesOfHex(value) ?? []),
  };
}

function itemsOf(id: string, type: string, object: Record<string, unknown>): NoticeItem[] {
  const metadata = isObject(object.metadata) ? object.metadata : {};
  const key = plain(metadata.sordino_key);
  if (key === null) return [];
  switch (type) {
    case 'payment_intent.succeeded':
    case 'payment_intent.amount_capturable_updated':
    case 'payment_intent.payment_failed':
    case 'setup_intent.succeeded':
    case 'setup_intent.setup_failed': {
      const charged: NoticeItem = {
        id,
        about: { key },
        tells: { of: 'charge', outcome: outcomeOfIntent(object) },
      };
      if (object.status !== 'succeeded' || object.capture_method !== 'manual') return [charged];
      return [charged, step(`${id}.settle`, { key }, 'settle', null, object)];
    }
    case 'payment_intent.canceled':
      return [step(id, { key }, 'void', null, object)];
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed': {
      const charge = plain(metadata.sordino_charge);
      return charge === null ? [] : [step(id, { key: charge }, 'refund', key, object)];
    }
    default:
      return [];
  }
}

const step = (
  id: string,
  about: { readonly key: string },
  of: 'settle' | 'void' | 'refund',
  key: string | null,
  object: Record<string, unknown>,
): NoticeItem => ({ id, about, tells: { of, key, outcome: outcomeOfStep(object) } });
