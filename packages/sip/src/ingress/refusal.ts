import type { ParsedNameAddr } from './parse-result.ts';

/** From or To: as received, and what it says. */
export interface Party {
  readonly text: string;
  readonly value: ParsedNameAddr;
}

/** What could be read of a broken request. Text fields re-parse: nothing that was malformed gets here. */
export interface Salvage {
  /** Via elements, the top one first, with `received` and `rport` written in. */
  readonly vias: readonly string[];
  readonly from: Party | undefined;
  readonly to: Party | undefined;
  readonly callId: string | undefined;
  readonly cseq: { readonly number: number; readonly method: string } | undefined;
}

/** Stands for a From or To that was missing or malformed (RFC 2606 domain): whatever we send is well-formed SIP. */
const UNREADABLE_PARTY = '<sip:unreadable@anonymous.invalid>';
const UNREADABLE_CALL_ID = 'unreadable@anonymous.invalid';

/**
 * A complete final response (RFC 3261 §8.2.6): Via list, From, To with a tag, Call-ID and CSeq copied. The Reason phrase
 * is the problem itself. CSeq is `0 <method>` where the request's was unreadable; the branch still matches.
 */
export function buildRefusal(
  status: number,
  problem: string,
  method: string | undefined,
  read: Salvage,
): string {
  const to = read.to === undefined ? UNREADABLE_PARTY : safeText(read.to);
  const tagged = read.to?.value.params.has('tag') ? to : `${to};tag=${statelessTag(read)}`;
  const cseq = `${read.cseq?.number ?? 0} ${read.cseq?.method ?? method ?? 'UNKNOWN'}`;
  return [
    `SIP/2.0 ${status} ${problem.replace(/[^\x20-\x7e]/g, '?')}`,
    ...read.vias.map((via) => `Via: ${via}`),
    `From: ${read.from === undefined ? UNREADABLE_PARTY : safeText(read.from)}`,
    `To: ${tagged}`,
    `Call-ID: ${read.callId ?? UNREADABLE_CALL_ID}`,
    `CSeq: ${cseq}`,
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
}

/** As received, unless a quoted control character is in it: we do not pass those on. */
function safeText({ text, value }: Party): string {
  if (!/\p{Cc}/u.test(text)) return text;
  const tag = value.params.get('tag');
  return tag === undefined ? `<${value.uri.text}>` : `<${value.uri.text}>;tag=${tag}`;
}

/**
 * RFC 3261 §8.2.7: without a transaction the tag must be the same for each repetition of the request, so it is a
 * hash (FNV-1a, 32 bits) of what identifies it. It starts no dialog and therefore needs no secrecy.
 */
function statelessTag(read: Salvage): string {
  let hash = 0x811c9dc5;
  const identity = `${read.vias[0]}|${read.callId}|${read.from?.text}|${read.cseq?.number}`;
  for (let i = 0; i < identity.length; i++) {
    hash = Math.imul(hash ^ (identity.charCodeAt(i) & 0xff), 0x01000193);
  }
  return `r${(hash >>> 0).toString(36)}`;
}
