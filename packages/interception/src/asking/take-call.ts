import type { Log, RandomBytes, SessionId } from '@sordino/core';
import type { Engagement } from '../dance/engagement.ts';
import { REPLACES_ANSWER_TIMEOUT_MS } from '../limits.ts';
import type { PlatformProfile } from '../platform/profile.ts';
import { withCallId } from '../platform/return-address.ts';
import type { SipCalls, SipDialogId } from '../ports/sip-calls.ts';
import { TakenLeg } from './taken-leg.ts';

export interface TakeCallPlan {
  readonly session: SessionId;
  readonly platform: PlatformProfile;
  /** The platform's own id of the call. */
  readonly callId: string;
  /** D4 as the platform sees it. */
  readonly dialog: SipDialogId;
  readonly returnUri: string | undefined;
}

/** Flow (b), second form: leg 7 first, and when it is up, INVITE with Replaces to whoever holds the customer. */
export function takeCall(
  { session, platform, callId, dialog, returnUri }: TakeCallPlan,
  engagement: Engagement,
  { sip, log, random }: { readonly sip: SipCalls; readonly log: Log; readonly random: RandomBytes },
): void {
  const { refer, sessionTimer } = platform;
  const parts = {
    session,
    sip,
    log,
    invite: {
      target: withCallId(refer.targetUri ?? platform.returnUri, callId),
      // The other end of D4 gets the INVITE: what is local to the platform is remote there.
      replaces: { callId: dialog.callId, localTag: dialog.remoteTag, remoteTag: dialog.localTag },
      answerTimeoutMs: REPLACES_ANSWER_TIMEOUT_MS,
      platform: platform.id,
      ...(sessionTimer.expiresS === 0 ? {} : { sessionTimer }),
    },
    leg7Target: withCallId(returnUri ?? platform.returnUri, callId),
    notifyTimeoutMs: refer.notifyTimeoutMs,
    leg7: () => engagement.leg7,
    stuck: () => engagement.notTakenBack(),
  };
  new TakenLeg(parts, makeSessionUuid(random)).begin((leg, invite) => engagement.begin(leg, invite));
}

/** RFC 9562 §5.4 in the form of RFC 7989 §4.1: 32 hexadecimal digits. */
function makeSessionUuid(random: RandomBytes): string {
  const octets = random(16);
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x40;
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80;
  return [...octets].map((octet) => octet.toString(16).padStart(2, '0')).join('');
}
