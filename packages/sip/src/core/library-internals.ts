import {
  type IncomingRequestMessage,
  type IncomingResponseMessage,
  type InviteUserAgentServer,
  type OutgoingRequestMessage,
  type SessionDialog,
  TransactionState,
  TransportError,
  type URI,
  type UserAgentClient,
  type UserAgentCore,
  type UserAgentCoreConfiguration,
} from 'sip.js/lib/core/index.js';
import type { ChallengeSet } from '../admission/digest/challenge.ts';
import { EdgeRequest, EdgeResponse } from './edge-message.ts';

/**
 * Members that sip.js 0.21.2 calls private or protected and that we use all the same. They are here and nowhere else, the
 * version is pinned, and `selfTest` looks for each of them.
 */

/**
 * RFC 3261 §12.2.1.2, RFC 3311 §5.1: a 2xx to an INVITE, re-INVITE or UPDATE refreshes the remote target, and so does an UPDATE
 * that we accept. sip.js keeps the old one, so that ACK and BYE go to where the peer no longer is.
 */
export function refreshTarget(
  dialog: SessionDialog,
  message: IncomingRequestMessage | IncomingResponseMessage,
): void {
  const known = message instanceof EdgeRequest || message instanceof EdgeResponse;
  const target = known ? message.contactUri : undefined;
  if (target !== undefined)
    (dialog as unknown as { dialogState: { remoteTarget: URI } }).dialogState.remoteTarget = target;
}

/** Our To tag, before any response went out: sip.js' own comes from Math.random. */
export function setLocalTag(server: InviteUserAgentServer, tag: string): void {
  (server as unknown as { toTag: string }).toTag = tag;
}

/** RFC 3261 §12.2.2, for a request that sip.js' dialog does not know: false when it came out of order, and has its 500. */
export function takeInSequence(dialog: SessionDialog, request: IncomingRequestMessage): boolean {
  const guarded = dialog as unknown as {
    sequenceGuard(message: IncomingRequestMessage): boolean;
    dialogState: { remoteSequenceNumber: number | undefined };
  };
  if (!guarded.sequenceGuard(request)) return false;
  guarded.dialogState.remoteSequenceNumber = request.cseq;
  return true;
}

/** No final response yet. */
export const isPending = (client: UserAgentClient): boolean =>
  client.transaction.state === TransactionState.Calling ||
  client.transaction.state === TransactionState.Proceeding;

/**
 * C9: sip.js has no timer C, and `dispose` leaves the transaction in its map. As after a transport error it terminates and
 * is forgotten; nothing is sent.
 */
export function eject(client: UserAgentClient): void {
  if (!isPending(client)) return;
  (client.transaction as unknown as { onTransportError(error: Error): void }).onTransportError(
    new TransportError('given up'),
  );
}

/**
 * What `authenticationFactory` makes: sip.js asks it once for a challenged request, sets the header that it prints, and sends
 * the request again with the next CSeq. It never looks at the challenge itself, which is all of ours in one.
 */
export function sipJsAuthentication(
  authorize: (message: OutgoingRequestMessage, asked: ChallengeSet) => string | undefined,
): ReturnType<UserAgentCoreConfiguration['authenticationFactory']> {
  let value = '';
  const authentication = {
    authenticate(message: OutgoingRequestMessage, asked: ChallengeSet): boolean {
      value = authorize(message, asked) ?? '';
      return value !== '';
    },
    toString: () => value,
  };
  return authentication as unknown as ReturnType<UserAgentCoreConfiguration['authenticationFactory']>;
}

/**
 * sip.js adds one to the CSeq of a challenged request, and tells the dialog of a re-INVITE only: after another method the next
 * request of the dialog would have the same CSeq once more.
 */
export function countInDialog(core: UserAgentCore, message: OutgoingRequestMessage): void {
  const dialog = core.dialogs.get(`${message.callId}${message.fromTag}${message.toTag}`);
  const last = dialog?.localSequenceNumber;
  if (dialog === undefined || last === undefined || message.method === 'INVITE') return;
  message.cseq = last;
  (dialog as unknown as { incrementLocalSequenceNumber(): void }).incrementLocalSequenceNumber();
}
