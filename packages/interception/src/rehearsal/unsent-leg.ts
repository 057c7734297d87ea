import type { Scheduler } from '@sordino/core';
import type {
  OutgoingInvite,
  ReofferOutcome,
  SipLeg,
  SipLegEnd,
  SipLegHandlers,
} from '../ports/sip-calls.ts';

/** RFC 7989 §5: the nil UUID. */
const NO_SESSION_UUID = '0'.repeat(32);

const never = (): never => {
  throw new Error('an INVITE that was never sent has no dialog');
};

/** INVITE 7 as the engagement sees it, and nothing of it on the wire: it ends as the rehearsal says. */
export function unsentLeg(
  like: Pick<SipLegEnd, 'by' | 'how' | 'status'>,
  call: OutgoingInvite,
  handlers: SipLegHandlers,
  scheduler: Scheduler,
): Omit<SipLeg, 'state'> & { state: SipLeg['state'] } {
  const afterMs = like.how === 'no_answer' ? call.answerTimeoutMs : 0;
  const cancel = scheduler.after(afterMs, () => end({ ...like, reason: undefined }));
  const end = (how: SipLegEnd): void => {
    if (leg.state === 'ended') return;
    leg.state = 'ended';
    handlers.ended(how);
  };
  const leg = {
    id: 'unsent',
    role: 'uac' as const,
    state: 'dialing' as SipLeg['state'],
    callId: 'unsent',
    sessionUuid: call.sessionUuid ?? NO_SESSION_UUID,
    dialog: undefined,
    ring: never,
    accept: never,
    reject: never,
    acknowledge: never,
    refer: never,
    reoffer: (): Promise<ReofferOutcome> => Promise.resolve({ ok: false, status: 481 }),
    hangup: (): void => {
      cancel();
      scheduler.after(0, () => end({ by: 'us', how: 'canceled', status: undefined, reason: undefined }));
    },
  };
  return leg;
}
