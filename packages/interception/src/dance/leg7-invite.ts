import type { Log } from '@sordino/core';
import type { PlatformProfile } from '../platform/profile.ts';
import type { IncomingInvite, OutgoingInvite, SdpText, SipLeg } from '../ports/sip-calls.ts';
import { callerIdentity } from './identity.ts';
import type { MediaPath } from './media-path.ts';

/** Leg 5 with the INVITE that made it. */
export interface InvitedLeg {
  readonly leg: SipLeg;
  readonly invite: IncomingInvite;
}

/** INVITE 7, made and not forwarded (rule 3): of INVITE 5 only what `callerIdentity` lets through comes with it. */
export function leg7Invite(
  platform: PlatformProfile,
  leg5: InvitedLeg,
  target: string,
  offer: SdpText,
): OutgoingInvite {
  const { timers, sessionTimer } = platform;
  const { from, headers } = callerIdentity(platform, leg5.invite);
  return {
    target,
    ...(from === undefined ? {} : { from }),
    headers,
    offer,
    answerTimeoutMs: timers.leg7AnswerMs,
    platform: platform.id,
    // RFC 7989: media ends here on both legs, so we are an endpoint, and the same one: our half of Session-ID joins them.
    sessionUuid: leg5.leg.sessionUuid,
    ...(sessionTimer.expiresS === 0 ? {} : { sessionTimer }),
  };
}

/** The 200 to INVITE 7; false: there is nothing in it that leg 7 could be made of. */
export function takeLeg7Answer(path: MediaPath, sdp: SdpText | undefined, log: Log): boolean {
  const answer = sdp === undefined ? undefined : path.readAnswer('clean', sdp);
  if (answer?.ok === true) return true;
  const message = answer?.problem.message ?? 'the 200 carried no answer';
  log.warn('leg 7 was answered with an unusable session description', { message });
  return false;
}
