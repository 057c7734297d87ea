import type { SipDialogId } from '@sordino/interception';
import type { Diversion } from './diversion.ts';
import type { DivertOutcome, DivertRequest } from './divert-request.ts';
import type { ReceivedRefer } from './refer-desk.ts';

/** How the platform INVITEs Sordino when it is asked to, and how well it behaves before that. Everything is off by default. */
export interface ReferBehaviour extends Omit<DivertRequest, 'sordino'> {
  /** Final answer instead of 202. */
  readonly refusesRefer?: number;
  /** The REFER gets no answer at all, and no INVITE. */
  readonly ignoresRefer?: boolean;
  /** 202, and then neither NOTIFY nor INVITE. */
  readonly neverNotifies?: boolean;
  /** The first NOTIFY leaves before the 202. */
  readonly notifiesFirst?: boolean;
  /** RFC 4488: no subscription, so no NOTIFY. */
  readonly withoutSubscription?: boolean;
  /** NOTIFY 100, and then one with this status instead of an INVITE. */
  readonly failsWith?: number;
  /** INVITE 5 goes as it goes, and the last NOTIFY tells this status of it. */
  readonly tellsInTheEnd?: number;
}

const ACTIVE = 'active;expires=60';
const OVER = 'terminated;reason=noresource';
const TRYING = 'SIP/2.0 100 Trying';

/** RFC 3515 §2.4: takes a REFER for `dialog`, sends the INVITE that it asks for, and tells how that went. */
export async function serveRefer(
  refer: ReceivedRefer,
  dialog: SipDialogId | undefined,
  behaviour: ReferBehaviour,
  divert: (request: DivertRequest) => Diversion,
): Promise<DivertOutcome> {
  const refused = (status: number | undefined): DivertOutcome => ({
    engaged: false,
    cycle: 0,
    status,
    reason: 'the platform did not do what the REFER asked for',
  });
  const { refusesRefer, ignoresRefer, neverNotifies, notifiesFirst, withoutSubscription, failsWith } =
    behaviour;
  if (ignoresRefer) return refused(undefined);
  const status = refusesRefer ?? (isAbout(refer, dialog) ? undefined : 481);
  if (status !== undefined) {
    refer.answer(status, 'No');
    return refused(status);
  }
  if (notifiesFirst) await refer.notify(TRYING, ACTIVE);
  refer.answer(202, 'Accepted', withoutSubscription ? [['Refer-Sub', 'false']] : []);
  if (neverNotifies) return refused(undefined);
  if (!notifiesFirst && !withoutSubscription) await refer.notify(TRYING, ACTIVE);
  if (failsWith !== undefined) {
    await refer.notify(`SIP/2.0 ${failsWith} No`, OVER);
    return refused(failsWith);
  }
  const diversion = divert({ ...behaviour, sordino: { sip_uri: refer.referTo } });
  const outcome = await diversion.outcome;
  const told = behaviour.tellsInTheEnd ?? (outcome.engaged ? 200 : (outcome.status ?? 487));
  if (!withoutSubscription) await refer.notify(`SIP/2.0 ${told} ${told === 200 ? 'OK' : 'No'}`, OVER);
  return outcome;
}

/** RFC 4538 §4: the dialog as the receiver sees it, which is us. */
const isAbout = ({ targetDialog }: ReceivedRefer, dialog: SipDialogId | undefined): boolean =>
  dialog !== undefined &&
  targetDialog === `${dialog.callId};local-tag=${dialog.localTag};remote-tag=${dialog.remoteTag}`;
