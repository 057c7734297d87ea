import type { SipDialogId } from '@sordino/interception';
import type { SimSipTrace } from '@sordino/testkit';
import { type RawSip, statusOf } from '../../process/support/raw-sip.ts';

const headerOf = (text: string, name: string): string | undefined =>
  new RegExp(`^${name}: *(.*?)\\r?$`, 'im').exec(text)?.[1];

/** RFC 3261 §12.2.1.1: higher than any before in the dialog; the stack has sent its INVITE only. One count for all dialogs does. */
let nextSequence = 1_000;

/**
 * Presses keys as SIP INFO in the dialog of leg 5, as a platform does that takes the keys out of the customer's audio itself. The stack of
 * the simulated platform does not know of these requests: Sordino must be the one that releases this leg.
 */
export async function pressByInfo(
  { sip, dialog, trace }: { sip: RawSip; dialog: SipDialogId; trace: readonly SimSipTrace[] },
  keys: string,
): Promise<void> {
  const ours = trace.filter(({ text }) => headerOf(text, 'Call-ID') === dialog.callId);
  const contact = ours
    .filter(({ direction, text }) => direction === 'in' && text.startsWith('SIP/2.0 200'))
    .map(({ text }) => headerOf(text, 'Contact'))
    .at(-1);
  const uri = /<([^>]+)>/.exec(contact ?? '')?.[1];
  if (uri === undefined) throw new Error('Sordino did not say where leg 5 is to be reached');
  for (const key of keys) {
    nextSequence += 1;
    const answer = await sip.ask({
      method: 'INFO',
      uri,
      callId: dialog.callId,
      from: `<sip:platform@127.0.0.1>;tag=${dialog.localTag}`,
      to: `<${uri}>;tag=${dialog.remoteTag}`,
      sequence: nextSequence,
      headers: ['Content-Type: application/dtmf-relay'],
      body: `Signal=${key}\r\nDuration=100\r\n`,
    });
    if (statusOf(answer) !== 200) throw new Error(`INFO was answered ${answer.split('\r\n', 1)[0]}`);
  }
}
