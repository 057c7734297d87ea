import { ok, type Result, refuse } from '@sordino/core';
import type { Refusal } from '../core/screening.ts';
import { mediaType } from '../core/session-body.ts';
import { parseScalar, scanParameters, trimSpace } from '../ingress/scan.ts';

/** What a NOTIFY of a REFER says (RFC 3515 §2.4.4). */
export interface Notification {
  /** `id` of Event: CSeq of the REFER that it is about (RFC 3515 §2.4.6). */
  readonly referCSeq: number | undefined;
  /** Answer to the INVITE that the peer sent for us; undefined: the NOTIFY has no body, hence no news. */
  readonly answer: { readonly status: number; readonly reason: string } | undefined;
  /** The subscription ends with this NOTIFY. */
  readonly terminated: boolean;
  /** Seconds that the subscription goes on, where the peer says so. */
  readonly expiresS: number | undefined;
}

/** A NOTIFY as far as it is read here. */
export interface NotifyMessage {
  value(name: string): string | undefined;
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
}

const SIPFRAG = 'message/sipfrag';
/** RFC 3261 §25.1 `delta-seconds` is below 2**32. */
const DELTA_SECONDS_MAX = 2 ** 32 - 1;
/** Characters of a reason phrase that are kept for logs and the API. */
const REASON_MAX = 200;
/** RFC 3420 §2.1, RFC 3515 §2.4.5: the fragment begins with a status line, which alone may be all of it. */
const STATUS_LINE = /^SIP\/2\.0 ([1-6][0-9]{2}) ([\t\x20-\x7e\u0080-\uffff]*)$/i;

const utf8 = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

/** Strict: what cannot be read is refused with the answer that it deserves, and the sender learns what was wrong. */
export function readNotification(message: NotifyMessage): Result<Notification, Refusal> {
  const event = headerWithParams(message.value('Event'));
  // RFC 6665 §8.2.1: 489 for an event package that nobody subscribed to.
  if (event?.value !== 'refer') return refuse({ status: 489, lines: ['Allow-Events: refer'] });
  const idText = event.params.get('id');
  const referCSeq = idText === undefined ? undefined : parseScalar(idText, 2 ** 31 - 1);
  if (idText !== undefined && referCSeq === undefined) return bad('The id of Event is not a CSeq number');
  const subscription = headerWithParams(message.value('Subscription-State'));
  // RFC 6665 §4.1.3: NOTIFY requests MUST contain a Subscription-State.
  if (subscription === undefined) return bad('Subscription-State is missing or malformed');
  const expiresText = subscription.params.get('expires');
  const expiresS = expiresText === undefined ? undefined : parseScalar(expiresText, DELTA_SECONDS_MAX);
  if (expiresText !== undefined && expiresS === undefined)
    return bad('expires of Subscription-State is not a number of seconds');
  const answer = readSipfrag(message);
  if (!answer.ok) return answer;
  return ok({ referCSeq, answer: answer.value, terminated: subscription.value === 'terminated', expiresS });
}

function readSipfrag({ contentType, body }: NotifyMessage): Result<Notification['answer'], Refusal> {
  // RFC 6665 §4.1.3: the last NOTIFY of a subscription may have nothing to say; from others we learn nothing.
  if (body.length === 0) return ok(undefined);
  if (contentType === undefined || mediaType(contentType) !== SIPFRAG)
    return refuse({ status: 415, lines: [`Accept: ${SIPFRAG}`] });
  const [line = ''] = utf8.decode(body).split(/\r\n|\n/, 1);
  const match = STATUS_LINE.exec(line);
  if (match === null) return bad('The sipfrag does not begin with a status line');
  const [, status, reason = ''] = match;
  return ok({ status: Number(status), reason: reason.trim().slice(0, REASON_MAX) });
}

/** `token *( SEMI generic-param )`, the token in lower case. */
function headerWithParams(text: string | undefined) {
  if (text === undefined) return undefined;
  const semicolon = text.indexOf(';');
  const value = trimSpace(semicolon < 0 ? text : text.slice(0, semicolon)).toLowerCase();
  const { params, problem } = scanParameters(text, semicolon < 0 ? text.length : semicolon);
  return value === '' || problem !== undefined ? undefined : { value, params };
}

const bad = (reason: string) => refuse<Refusal>({ status: 400, reason });
