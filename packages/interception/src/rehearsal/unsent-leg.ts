import type { Scheduler } from '@sordino/core';
import type { OutgoingInvite, SipLeg, SipLegEnd, SipLegHandlers, SipLegState } from '../ports/sip-calls.ts';

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
): SipLeg {
  const afterMs = like.how === 'no_answer' ? call.answerTimeoutMs : 0;
  const cancel = scheduler.after(afterMs, () => end({ ...like, reason: undefined }));
  let state: SipLegState = 'dialing';
  const end = (how: SipLegEnd): void => {
    if (state === 'ended') return;
    state = 'ended';
    handlers.ended(how);
  };
  return {
    id: 'unsent',
    role: 'uac',
    get state() {
      return state;
    },
    callId: 'unsent',
    sessionUuid: call.sessionUuid ?? NO_SESSION_UUID,
    dialog: undefined,
    ring: never,
    accept: never,
    reject: never,
    acknowledge: never,
    refer: never,
    reoffer: () => Promise.resolve({ ok: false, status: 481 }),
    hangup: (): void => {
      cancel();
      scheduler.after(0, () => end({ by: 'us', how: 'canceled', status: undefined, reason: undefined }));
    },
  };
}
