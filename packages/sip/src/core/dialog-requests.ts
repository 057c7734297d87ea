import {
  NonInviteServerTransaction,
  type SessionDelegate,
  SessionDialog,
  TransactionState,
  UserAgentServer,
} from 'sip.js/lib/core/index.js';
import type { EdgeCore } from './edge-core.ts';
import { EdgeRequest } from './edge-message.ts';
import { refreshTarget, takeInSequence } from './library-internals.ts';
import { ALLOW_LINE } from './screening.ts';

/** What a leg listens to in its dialog: sip.js' own events, and the two methods that we serve beside it. */
export interface DialogDelegate extends SessionDelegate {
  onUpdateRequest?(server: UserAgentServer, request: EdgeRequest): void;
  onPrackRequest?(server: UserAgentServer, request: EdgeRequest): void;
}

/** RFC 3261 §14.2, RFC 3311 §5.2: 0 to 10 s. */
export const retryAfterLine = (): string => `Retry-After: ${Math.floor(Math.random() * 11)}`;

/**
 * UPDATE (RFC 3311) is unknown to sip.js, and its PRACK takes the body for an offer wherever it stands: both are served here,
 * with its transactions and its dialogs. False: this request is not for here.
 */
export function serveBeside(core: EdgeCore, request: EdgeRequest): boolean {
  if (request.method !== 'UPDATE' && request.method !== 'PRACK') return false;
  const dialog = core.dialogs.get(request.dialogId);
  // A repetition is the transaction's own business.
  if (!(dialog instanceof SessionDialog) || core.servers.has(request.viaBranch)) return false;
  if (!takeInSequence(dialog, request)) return true;
  const server = new UserAgentServer(NonInviteServerTransaction, core, request);
  const delegate: DialogDelegate = dialog.delegate ?? {};
  if (request.method === 'PRACK') {
    if (delegate.onPrackRequest !== undefined) delegate.onPrackRequest(server, request);
    else server.reject({ statusCode: 481 });
  } else if (delegate.onUpdateRequest !== undefined) delegate.onUpdateRequest(server, request);
  else answerEarly(core, dialog, server, request);
  return true;
}

/**
 * Two re-INVITEs within some ms: over UDP the second can overtake the ACK of the first, and proves what that would say.
 * sip.js would refuse it (500). Not when the ACK has something to tell us: the answer to an offer of ours.
 */
export function takeAsAcknowledged(core: EdgeCore, request: EdgeRequest): void {
  const dialog = core.dialogs.get(request.dialogId);
  if (!(dialog instanceof SessionDialog)) return;
  const before = dialog.reinviteUserAgentServer;
  if (before?.transaction.state !== TransactionState.Accepted) return;
  const { message } = before;
  const hadOffer = message instanceof EdgeRequest && message.sdp !== undefined;
  if (hadOffer && message.cseq < request.cseq) dialog.reinviteUserAgentServer = undefined;
}

/** Our INVITE is not answered yet: its offer is still open, and meets that of the UPDATE (RFC 3311 §5.2). */
function answerEarly(
  core: EdgeCore,
  dialog: SessionDialog,
  server: UserAgentServer,
  request: EdgeRequest,
): void {
  if (request.sdp !== undefined) {
    server.reject({ statusCode: 491 });
    return;
  }
  refreshTarget(dialog, request);
  server.accept({ statusCode: 200, extraHeaders: [core.contactLine, ALLOW_LINE] });
}
