import type { Seen } from '../call-view.ts';
import { type Finding, mustChange, notSeen, pass } from '../report.ts';

const ITEM = 'REFER';

/** Why the platform did not do what it was asked for. */
const WHY: Readonly<Record<string, string>> = {
  refer_not_sent: 'could not be sent: look at refer.target_uri',
  refer_no_answer: 'had no answer: let it through, or set refer.form to off',
  refer_no_notify:
    'was taken, and no NOTIFY came: send NOTIFY with message/sipfrag (RFC 3515 §2.4.4), or answer Refer-Sub: false',
  refer_failed: 'was taken, and the INVITE that it asks for failed on the platform',
};

/** Flow (b): Sordino asks for the call. */
export function refer({ call, platform }: Seen): readonly Finding[] {
  if (platform.refer.form === 'off') return [];
  const sent = call.seen.wire.find(
    ({ method, direction, status }) => method === 'REFER' && direction === 'out' && status === undefined,
  );
  const code = call.failureCode ?? '';
  if (code === 'refer_refused') {
    const status = call.seen.session.call_failure?.sip?.status;
    return [
      mustChange(
        ITEM,
        `was refused with ${status}: ${status === 481 ? 'Target-Dialog names no call of the platform; are Call-ID and tags those that it sees?' : 'allow REFER with Target-Dialog (RFC 4538) from Sordino, or set refer.form to off'}`,
      ),
    ];
  }
  const why = WHY[code];
  if (why !== undefined) return [mustChange(ITEM, why)];
  if (sent === undefined) return [notSeen(ITEM, 'run with --dialog to let Sordino ask for the call')];
  return [pass(ITEM, 'was taken, and the call came')];
}
