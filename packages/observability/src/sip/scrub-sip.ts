import { maskCards } from '../cards/mask.ts';
import { scrubSecrets } from '../log/scrub-secrets.ts';

/** Header fields that carry credentials or our one-time token (RFC 3261 §20.7, §20.28; RFC 7433). */
const SECRET_HEADERS =
  /^(authorization|proxy-authorization|www-authenticate|proxy-authenticate|authentication-info|x-sordino-token|user-to-user)([ \t]*:[ \t]*).*(?:\r?\n[ \t].*)*/gim;

/** SDES keys in SDP (RFC 4568 §9.1): who has them can decrypt the call. */
const SDES_KEYS = /^([ \t]*a=crypto:.*?inline:).*/gim;

/** The key of a SIP INFO (application/dtmf-relay: `Signal=5`; application/dtmf: the body is the key). */
const INFO_SIGNAL = /^(signal[ \t]*=[ \t]*)\S+/gim;
const INFO_BARE =
  /(\r?\ncontent-type[ \t]*:[ \t]*application\/dtmf[ \t]*(?:;.*)?\r?\n(?:.+\r?\n)*\r?\n)[\s\S]*/i;

/** A SIP message as it may stand in a trace: no keys that were pressed, no media keys, no credentials, no card numbers. */
export function scrubSip(text: string): string {
  const scrubbed = text
    .replace(SECRET_HEADERS, '$1$2[secret]')
    .replace(SDES_KEYS, '$1[secret]')
    .replace(INFO_SIGNAL, '$1*')
    .replace(INFO_BARE, '$1*');
  return maskCards(scrubSecrets(scrubbed)).text;
}
