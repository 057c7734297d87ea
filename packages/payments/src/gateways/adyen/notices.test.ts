import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { hexKey } from './account.ts';
import { adyenNotices } from './notices.ts';

const KEY = '44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056';
const FORMER = 'AA'.repeat(32);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const read = adyenNotices({
  merchantAccount: 'SordinoMOTO',
  keys: [hexKey(bytes(KEY)), hexKey(bytes(FORMER))],
  hmac: (hash, key, ...parts) => {
    const mac = createHmac(hash, key);
    for (const part of parts) mac.update(part);
    return mac.digest();
  },
});

interface Item {
  readonly [name: string]: unknown;
  readonly amount: { readonly value: number; readonly currency: string };
}
const anItem = (change: object = {}): Item => ({
  ...{ pspReference: 'QFQTPCQ8HXSKGK82', merchantAccountCode: 'SordinoMOTO', merchantReference: 'chg_1' },
  ...{ amount: { value: 4_999, currency: 'GBP' }, eventCode: 'AUTHORISATION', success: 'true' },
  ...{ eventDate: '2026-11-22T10:00:00+01:00', paymentMethod: 'visa', reason: '065696:1111:3/2030' },
  ...change,
});

function signature(item: Item, key = KEY): string {
  const {
    pspReference,
    originalReference,
    merchantAccountCode,
    merchantReference,
    amount,
    eventCode,
    success,
  } = item;
  const values = [pspReference, originalReference ?? '', merchantAccountCode, merchantReference];
  const text = [...values, amount.value, amount.currency, eventCode, success].join(':');
  return createHmac('sha256', Buffer.from(key, 'hex')).update(text).digest('base64');
}
const signed = (item: Item, key = KEY, more: object = {}): object => ({
  NotificationRequestItem: { ...item, additionalData: { ...more, hmacSignature: signature(item, key) } },
});
const hear = (body: unknown) =>
  read({ headers: {}, nowMs: 0, body: typeof body === 'string' ? bytes(body) : bytes(JSON.stringify(body)) });
const hearItems = (...notificationItems: object[]) => hear({ live: 'false', notificationItems });

describe('a notice', () => {
  it('is signed as Adyen’s own example is', () => {
    // The example of "Verify HMAC signatures" and of the official library's tests.
    const item = {
      ...{
        pspReference: '7914073381342284',
        merchantAccountCode: 'TestMerchant',
        eventCode: 'AUTHORISATION',
      },
      ...{
        merchantReference: 'TestPayment-1407325143704',
        amount: { value: 1130, currency: 'EUR' },
        success: 'true',
      },
    };
    expect(signature(item)).toBe('coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0=');
  });

  it('of an authorisation tells what became of the charge', () => {
    expect(hearItems(signed(anItem(), KEY, { authCode: '065696' }))).toEqual({
      ...{ kind: 'read', answer: '[accepted]' },
      items: [
        {
          ...{ id: 'QFQTPCQ8HXSKGK82.AUTHORISATION.true', about: { key: 'chg_1' } },
          tells: {
            of: 'charge',
            outcome: { kind: 'approved', authCode: '065696', token: null, gatewayId: 'QFQTPCQ8HXSKGK82' },
          },
        },
      ],
    });
  });

  it('of a refusal tells that, too', () => {
    expect(hearItems(signed(anItem({ success: 'false', reason: 'Not enough balance' })))).toMatchObject({
      items: [{ tells: { of: 'charge', outcome: { kind: 'declined', declineCode: 'generic_decline' } } }],
    });
  });

  it.each([
    ['CAPTURE', 'settle', { kind: 'done', gatewayId: 'MOD1' }],
    ['CAPTURE_FAILED', 'settle', { kind: 'refused', code: 'settle_failed_later' }],
    ['CANCELLATION', 'void', { kind: 'done', gatewayId: 'MOD1' }],
    ['CANCEL_OR_REFUND', 'void', { kind: 'done', gatewayId: 'MOD1' }],
    ['REFUND', 'refund', { kind: 'done', gatewayId: 'MOD1' }],
    ['REFUND_FAILED', 'refund', { kind: 'refused', code: 'refund_failed_later' }],
    ['REFUNDED_REVERSED', 'refund', { kind: 'refused', code: 'refund_failed_later' }],
  ])('%s is about a step: %s', (eventCode, of, outcome) => {
    const item = anItem({
      eventCode,
      pspReference: 'MOD1',
      originalReference: 'PSP1',
      merchantReference: 'stp_1',
    });
    expect(hearItems(signed(item))).toMatchObject({
      items: [
        { id: `MOD1.${eventCode}.true`, about: { gatewayId: 'PSP1' }, tells: { of, key: 'stp_1', outcome } },
      ],
    });
  });

  it('of a step that was not done says so', () => {
    const item = anItem({
      eventCode: 'REFUND',
      success: 'false',
      originalReference: 'PSP1',
      merchantReference: 'stp_1',
    });
    expect(hearItems(signed(item))).toMatchObject({
      items: [{ tells: { of: 'refund', outcome: { kind: 'refused', code: 'gateway_refused_request' } } }],
    });
  });

  it.each([
    ['true', { kind: 'done', gatewayId: 'QFQTPCQ8HXSKGK82' }],
    ['false', { kind: 'refused', code: 'gateway_refused_request' }],
  ])('of a cancel by our reference is about the charge (success: %s)', (success, outcome) => {
    expect(hearItems(signed(anItem({ eventCode: 'TECHNICAL_CANCEL', success })))).toMatchObject({
      items: [{ about: { key: 'chg_1' }, tells: { of: 'cancel', key: null, outcome } }],
    });
  });

  it.each([
    ['another account', anItem({ merchantAccountCode: 'Other' })],
    ['a chargeback', anItem({ eventCode: 'CHARGEBACK' })],
    ['an event that objects have anyway', anItem({ eventCode: 'constructor' })],
    ['a card to be saved, whose token is not signed', anItem({ amount: { value: 0, currency: 'GBP' } })],
    ['a value that could be two', anItem({ merchantReference: 'chg_1:x' })],
  ])('of %s is taken and tells nothing', (_what, item) => {
    expect(hearItems(signed(item))).toEqual({ kind: 'read', items: [], answer: '[accepted]' });
  });

  it('may be signed with the former key, and holds several items', () => {
    expect(hearItems(signed(anItem()), signed(anItem({ pspReference: 'X' }), FORMER))).toMatchObject({
      items: [{ id: 'QFQTPCQ8HXSKGK82.AUTHORISATION.true' }, { id: 'X.AUTHORISATION.true' }],
    });
  });

  it.each([
    ['unsigned', { NotificationRequestItem: anItem() }],
    ['signed by a stranger', signed(anItem(), 'BB'.repeat(32))],
    ['changed after it was signed: success', change({ success: 'false' })],
    ['changed after it was signed: reference', change({ merchantReference: 'chg_2' })],
    ['changed after it was signed: amount', change({ amount: { value: 1, currency: 'GBP' } })],
    [
      'with a signature that is none',
      { NotificationRequestItem: { ...anItem(), additionalData: { hmacSignature: 7 } } },
    ],
  ])('%s is refused', (_what, item) => {
    expect(hearItems(item)).toEqual({ kind: 'refused', code: 'bad_signature' });
  });

  it('with one forged item is refused as a whole', () => {
    expect(hearItems(signed(anItem()), { NotificationRequestItem: anItem() })).toMatchObject({
      kind: 'refused',
    });
  });

  it.each([
    ['no JSON', 'notificationItems='],
    ['a list', []],
    ['nothing', {}],
    ['no items', { notificationItems: [] }],
    ['too many items', { notificationItems: Array.from({ length: 11 }, () => signed(anItem())) }],
    ['no list', { notificationItems: { 0: signed(anItem()) } }],
    ['an item of another shape', { notificationItems: [anItem()] }],
    ['an item that is null', { notificationItems: [null] }],
    ['an item without its fields', { notificationItems: [{ NotificationRequestItem: { success: 'true' } }] }],
    ['a truth that is no text', { notificationItems: [signed(anItem({ success: true }))] }],
  ])('of %s is unreadable', (_what, body) => {
    expect(hear(body)).toEqual({ kind: 'refused', code: 'unreadable' });
  });
});

/** An item with the signature of what it was before. */
function change(to: object): object {
  const item = anItem();
  return { NotificationRequestItem: { ...item, ...to, additionalData: { hmacSignature: signature(item) } } };
}
