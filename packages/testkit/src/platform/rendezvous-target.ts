import type { SipDialogId, SipHeaders } from '@sordino/interception';
import type { DivertRequest } from './divert-request.ts';

/** Request-URI user where the session is found by something else: any user part must be taken. */
const NEUTRAL_USER = 'payments';

/** Where leg 5 goes, and the headers by which Sordino knows the session. */
export function rendezvousTarget(
  { sordino, match = 'request_uri', transport }: DivertRequest,
  dialog: SipDialogId | undefined,
): { readonly target: string; readonly headers: SipHeaders } {
  const uri = sordino.sip_uri.match(/^sip:([^@]+)@([^;?]+)((?:;[^?]*)?)$/);
  if (!uri) throw new Error(`rendezvous.sip_uri is not sip:user@host: ${sordino.sip_uri}`);
  const [, token = '', hostPort = '', parameters = ''] = uri;
  const at = (user: string): string => {
    const kept = transport === undefined ? parameters : parameters.replace(/;transport=[^;]*/i, '');
    return `sip:${user}@${hostPort}${kept}${transport === undefined ? '' : `;transport=${transport}`}`;
  };
  switch (match) {
    case 'request_uri':
      return { target: at(token), headers: [] };
    case 'e164':
      return { target: at(present(sordino.e164, 'e164')), headers: [] };
    case 'header':
      return { target: at(NEUTRAL_USER), headers: Object.entries(present(sordino.header, 'header')) };
    case 'uui':
      return {
        target: at(NEUTRAL_USER),
        headers: [['User-to-User', present(sordino.user_to_user, 'user_to_user')]],
      };
    case 'dialog': {
      const { callId, localTag, remoteTag } = present(dialog, 'dialog of the customer');
      // RFC 4538 §7: Target-Dialog = callid *(SEMI td-param)
      return {
        target: at(NEUTRAL_USER),
        headers: [['Target-Dialog', `${callId};local-tag=${localTag};remote-tag=${remoteTag}`]],
      };
    }
    case 'ani':
      return { target: at(NEUTRAL_USER), headers: [] };
  }
}

function present<T>(value: T | null | undefined, name: string): T {
  if (value === null || value === undefined)
    throw new Error(`cannot match by it: the rendezvous has no ${name}`);
  return value;
}
