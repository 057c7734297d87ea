import type { SipDialogId } from '@sordino/interception';
import { isToken } from '../ingress/scan.ts';
import { parseUri } from '../ingress/uri.ts';

/** RFC 3261 §25.1 `callid`: word [ "@" word ], of which `word` has these besides letters and digits. */
const CALL_ID = /^[-A-Za-z0-9.!%*_+`'~()<>:\\"/[\]?{}]+(?:@[-A-Za-z0-9.!%*_+`'~()<>:\\"/[\]?{}]+)?$/;

/**
 * RFC 3891 §6.1: `callid;to-tag=…;from-tag=…`. The dialog as the receiver of the INVITE sees it: its local tag is `to-tag` (RFC 3891 §3).
 * `early-only` is never set: only a call that is up can be paid for.
 */
export function replacesValue(dialog: SipDialogId): string {
  checkDialog(dialog);
  return `${dialog.callId};to-tag=${dialog.localTag};from-tag=${dialog.remoteTag}`;
}

/** RFC 4538 §4: the tags are those of the receiver of the request, as in Replaces. */
export function targetDialogValue(dialog: SipDialogId): string {
  checkDialog(dialog);
  return `${dialog.callId};local-tag=${dialog.localTag};remote-tag=${dialog.remoteTag}`;
}

/** The value of Refer-To. RFC 3891 §4 with RFC 3261 §19.1.1: a header inside a URI, with all but the unreserved characters escaped. */
export function referToValue(uri: string, replaces: SipDialogId | undefined): string {
  const parsed = parseUri(uri, 'request');
  if (!parsed.ok || parsed.value.scheme !== 'sip')
    throw new TypeError(`Refer-To ${JSON.stringify(uri)} is not a sip URI without headers`);
  return replaces === undefined
    ? `<${uri}>`
    : `<${uri}?Replaces=${encodeURIComponent(replacesValue(replaces))}>`;
}

/** These come from outside (the session API, a peer's tags) and would break out of their header. */
function checkDialog({ callId, localTag, remoteTag }: SipDialogId): void {
  if (!CALL_ID.test(callId))
    throw new TypeError(`Call-ID ${JSON.stringify(callId)} is none (RFC 3261 §25.1)`);
  for (const tag of [localTag, remoteTag]) {
    if (!isToken(tag)) throw new TypeError(`Tag ${JSON.stringify(tag)} is not a token (RFC 3261 §25.1)`);
  }
}
