import type { PlatformProfile } from '../platform/profile.ts';
import type { IncomingInvite, OutgoingInvite, SdpText } from '../ports/sip-calls.ts';

/** INVITE 7, made and not forwarded (rule 3): of INVITE 5 only the correlation headers come with it. */
export function leg7Invite(
  platform: PlatformProfile,
  invite: IncomingInvite,
  target: string,
  offer: SdpText,
): OutgoingInvite {
  const { correlationHeaders, timers, sessionTimer } = platform;
  const headers = correlationHeaders.flatMap((name) =>
    invite.header(name).map((value) => [name, value] as const),
  );
  return {
    target,
    headers,
    offer,
    answerTimeoutMs: timers.leg7AnswerMs,
    platform: platform.id,
    ...(sessionTimer.expiresS === 0 ? {} : { sessionTimer }),
  };
}
