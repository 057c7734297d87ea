import { createHmac } from 'node:crypto';
import type { NoticeSender } from '../../gateway/notices.ts';
import { letters, type Payment } from './book.ts';

export interface AdyenEvent {
  readonly eventCode: string;
  /** Undefined: it was done. */
  readonly refusal: string | undefined;
  /** Of the request; of an authorisation, of the payment. */
  readonly pspReference: string;
  readonly merchantReference: string;
  readonly amount: { readonly currency: string; readonly value: number };
  /** The payment that a modification was about. */
  readonly original: Pick<Payment, 'pspReference'> | undefined;
  readonly additionalData?: Readonly<Record<string, string>>;
}

export interface AdyenNotifier {
  readonly merchantAccount: string;
  /** Hexadecimal, as the Customer Area shows it. */
  readonly hmacKey: string;
}

/** Standard webhooks: one item each, signed. */
export function sendAdyenEvent(notices: NoticeSender, notifier: AdyenNotifier, event: AdyenEvent): void {
  const item = {
    amount: event.amount,
    ...{ eventCode: event.eventCode, eventDate: new Date().toISOString(), paymentMethod: 'visa' },
    ...{ merchantAccountCode: notifier.merchantAccount, merchantReference: event.merchantReference },
    ...(event.original === undefined ? {} : { originalReference: event.original.pspReference }),
    ...{ pspReference: event.pspReference, reason: event.refusal ?? '' },
    success: String(event.refusal === undefined),
  };
  const additionalData = {
    ...event.additionalData,
    hmacSignature: adyenSignature(item, notifier.hmacKey),
  };
  const body = JSON.stringify({
    live: 'false',
    notificationItems: [{ NotificationRequestItem: { ...item, additionalData } }],
  });
  notices.send(() => ({ headers: { 'content-type': 'application/json' }, body }));
}

interface SignedItem {
  readonly pspReference: string;
  readonly originalReference?: string;
  readonly merchantAccountCode: string;
  readonly merchantReference: string;
  readonly amount: { readonly currency: string; readonly value: number };
  readonly eventCode: string;
  readonly success: string;
}

function adyenSignature(item: SignedItem, hmacKey: string): string {
  const { pspReference, originalReference = '', merchantAccountCode, merchantReference, amount } = item;
  const values = [pspReference, originalReference, merchantAccountCode, merchantReference];
  const signed = [...values, amount.value, amount.currency, item.eventCode, item.success].join(':');
  return createHmac('sha256', Buffer.from(hmacKey, 'hex')).update(signed, 'utf8').digest('base64');
}

export const modificationReference = (): string => letters(16);
