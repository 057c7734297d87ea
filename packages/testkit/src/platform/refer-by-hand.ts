import type { SipDialogId } from '@sordino/interception';
import { requestByHand } from './request-by-hand.ts';
import type { SimSip, SimSipTrace } from './sim-sip.ts';

/** REFER inside a dialog (RFC 3515). Resolves with the final status; see `requestByHand` for what it does to the leg. */
export function referByHand(
  dialog: SipDialogId,
  referTo: string,
  trace: readonly SimSipTrace[],
): Promise<number> {
  return requestByHand(dialog, { method: 'REFER', lines: [`Refer-To: <${referTo}>`] }, trace);
}

/** NOTIFY of a REFER that we took (RFC 3515 §2.4.4). Resolves with the status of its answer. */
export function notifyByHand(
  dialog: SipDialogId,
  sipfrag: string,
  state: string,
  sip: Pick<SimSip, 'trace' | 'record'>,
): Promise<number> {
  const lines = ['Event: refer', `Subscription-State: ${state}`, 'Content-Type: message/sipfrag;version=2.0'];
  return requestByHand(dialog, { method: 'NOTIFY', lines, body: `${sipfrag}\r\n` }, sip.trace, sip.record);
}
