import { sameBytes } from '../../card/digits.ts';
import { isObject, plain, readObject } from '../answer.ts';
import { bytesOfHex } from '../hex.ts';
import type { GatewayWays } from '../kind.ts';
import type { NoticeItem, NoticeReader } from '../notice.ts';
import type { ChargeOutcome } from '../outcome.ts';
import { utcText } from '../utc-text.ts';
import { codeOf, transIdOf } from './answers.ts';
import { NOTICE_AGE_MAX_MS } from './limits.ts';
import { approved } from './outcome-map.ts';
import { declined } from './reason-codes.ts';

const EVENT = 'net.authorize.payment.';
const HEX_SHA512 = /^sha512=([0-9a-f]{128})$/i;

/**
 * Webhooks: `X-ANET-Signature: sha512=HEX`, the HMAC of the body as it came by the account's signature key (its text, not its bytes).
 * The same notice is sent again for days, so it may be old. A refund's notice names only the refund and not its charge: nothing can be
 * told by it, and its answer has told it.
 */
export const noticeReader =
  (signatureKey: Uint8Array, hmac: GatewayWays['hmac']): NoticeReader =>
  ({ headers, body, nowMs }) => {
    const [, given = ''] = HEX_SHA512.exec(headers['x-anet-signature'] ?? '') ?? [];
    const signature = bytesOfHex(given.toLowerCase());
    if (signature === undefined || !sameBytes(signature, hmac('sha512', signatureKey, body)))
      return { kind: 'refused', code: 'bad_signature' };
    const { notificationId, eventType, eventDate, payload } = readObject(body) ?? {};
    const id = plain(notificationId);
    if (id === null || typeof eventType !== 'string' || !isTime(eventDate) || !isObject(payload))
      return { kind: 'refused', code: 'unreadable' };
    if (eventDate < utcText(nowMs - NOTICE_AGE_MAX_MS)) return { kind: 'refused', code: 'too_old' };
    const item = eventType.startsWith(EVENT) ? itemOf(id, eventType.slice(EVENT.length), payload) : undefined;
    return { kind: 'read', items: item === undefined ? [] : [item] };
  };

function itemOf(
  id: string,
  event: string,
  payload: Readonly<Record<string, unknown>>,
): NoticeItem | undefined {
  const gatewayId = transIdOf(payload.id);
  if (gatewayId === null) return undefined;
  switch (event) {
    case 'authorization.created':
    case 'authcapture.created': {
      const keyEnd = plain(payload.merchantReferenceId);
      const outcome = outcomeOf(payload, gatewayId);
      return { id, about: keyEnd === null ? { gatewayId } : { keyEnd }, tells: { of: 'charge', outcome } };
    }
    case 'fraud.approved':
      return {
        ...{ id, about: { gatewayId } },
        tells: { of: 'charge', outcome: approved(payload.authCode, gatewayId) },
      };
    case 'fraud.declined':
      return { id, about: { gatewayId }, tells: { of: 'charge', outcome: declined('254') } };
    case 'priorAuthCapture.created':
      return { id, about: { gatewayId }, tells: stepDone('settle', payload, gatewayId) };
    case 'void.created':
      return { id, about: { gatewayId }, tells: stepDone('void', payload, gatewayId) };
  }
  return undefined;
}

function outcomeOf(payload: Readonly<Record<string, unknown>>, transId: string): ChargeOutcome {
  switch (codeOf(payload.responseCode)) {
    case '1':
      return approved(payload.authCode, transId);
    case '2':
      return declined(null);
    default:
      // An error is looked up, for its reason is not told; what is held for review is told once more.
      return { kind: 'unknown', code: 'notice_undecided' };
  }
}

const stepDone = (
  of: 'settle' | 'void',
  { responseCode }: Readonly<Record<string, unknown>>,
  gatewayId: string,
): NoticeItem['tells'] => ({
  ...{ of, key: null },
  outcome:
    codeOf(responseCode) === '1'
      ? { kind: 'done', gatewayId }
      : { kind: 'unknown', code: 'notice_undecided' },
});

const isTime = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.test(value);
