import { makeBranch, makeTag } from '../core/tokens.ts';
import type { ParsedRequest, ParsedResponse } from '../ingress/parse-result.ts';
import type { StoredLeg } from './stored-leg.ts';

/** RFC 3326. The text is what an engineer at the platform reads in a trace. */
const REASON = 'Reason: SIP;cause=503;text="the service died: take the call back"';
/** Seconds: a restart takes less, and a payment can be started anew then. */
const RETRY_AFTER = 'Retry-After: 5';

/**
 * Above whatever the dead process sent since it last wrote the number down: a session refresh, a PRACK. RFC 3261 §12.2.2: a gap is
 * no error.
 */
const CSEQ_AHEAD = 1_000;

export interface OwnRequest {
  readonly text: string;
  readonly method: string;
  readonly branch: string;
  readonly cseq: number;
}

/** `via`: `UDP 192.0.2.1:5060` */
export const byeOf = (leg: StoredLeg, via: string): OwnRequest =>
  inDialog('BYE', leg.cseq + CSEQ_AHEAD, leg, via, [REASON]);

/** RFC 3515 §2.1: with one Contact and one Refer-To, of which the latter is ready as a value here. */
export const referOf = (leg: StoredLeg, via: string, contact: string, referTo: string): OwnRequest =>
  inDialog('REFER', leg.cseq + CSEQ_AHEAD, leg, via, [
    `Contact: <${contact}>`,
    `Refer-To: ${referTo}`,
    `Referred-By: <${contact}>`,
    REASON,
  ]);

/** RFC 3261 §13.2.2.4: the ACK of a 2xx is a transaction of its own. */
export const ackOf = (leg: StoredLeg, via: string): OwnRequest =>
  inDialog('ACK', leg.inviteCseq, leg, via, []);

function inDialog(
  method: string,
  cseq: number,
  leg: StoredLeg,
  via: string,
  lines: readonly string[],
): OwnRequest {
  const branch = makeBranch();
  const { uri, routes } = way(leg);
  const text = message(`${method} ${uri} SIP/2.0`, [
    `Via: SIP/2.0/${via};branch=${branch};rport`,
    'Max-Forwards: 70',
    ...routes.map((route) => `Route: ${route}`),
    `From: ${leg.local}`,
    `To: ${leg.remote}`,
    `Call-ID: ${leg.callId}`,
    `CSeq: ${cseq} ${method}`,
    ...lines,
  ]);
  return { text, method, branch, cseq };
}

/** RFC 3261 §12.2.1.1: a first route without `lr` is a strict router, which wants to find itself in the Request-URI. */
function way({ target, routes }: StoredLeg): { uri: string; routes: readonly string[] } {
  const [first, ...rest] = routes;
  const router = first === undefined ? undefined : /<([^>]+)>/.exec(first)?.[1];
  if (router === undefined || /;lr(?=[;=]|$)/i.test(router)) return { uri: target, routes };
  return { uri: router, routes: [...rest, `<${target}>`] };
}

/** RFC 3261 §9.1: the INVITE's own Request-URI, top Via, Route, From, To, Call-ID and number. */
export const cancelOf = (leg: StoredLeg): string => likeInvite(leg, 'CANCEL', leg.remote, [REASON]);

/** RFC 3261 §17.1.1.3: the ACK of a refusal belongs to the INVITE's transaction and has the To of the response. */
export const ackOfRefusal = (leg: StoredLeg, response: ParsedResponse): string =>
  likeInvite(leg, 'ACK', headerOf(response, 'To'), []);

const likeInvite = (leg: StoredLeg, method: string, to: string, lines: readonly string[]): string =>
  message(`${method} ${leg.target} SIP/2.0`, [
    `Via: ${leg.vias[0] ?? ''}`,
    'Max-Forwards: 70',
    ...leg.routes.map((route) => `Route: ${route}`),
    `From: ${leg.local}`,
    `To: ${to}`,
    `Call-ID: ${leg.callId}`,
    `CSeq: ${leg.inviteCseq} ${method}`,
    ...lines,
  ]);

/** The final answer to an INVITE that nobody will take. */
export const refusalOf = (leg: StoredLeg): string =>
  message('SIP/2.0 503 Service Unavailable', [
    ...leg.vias.map((via) => `Via: ${via}`),
    `From: ${leg.remote}`,
    `To: ${leg.local}`,
    `Call-ID: ${leg.callId}`,
    `CSeq: ${leg.inviteCseq} INVITE`,
    RETRY_AFTER,
    REASON,
  ]);

/** An answer to a request of somebody who does not know yet. */
export function answerTo(request: ParsedRequest, status: string, lines: readonly string[] = []): string {
  const to = headerOf(request, 'To');
  const tag = request.to.params.has('tag') ? '' : `;tag=${makeTag()}`;
  return message(`SIP/2.0 ${status}`, [
    ...request.headers.filter(({ name }) => name === 'Via').map(({ value }) => `Via: ${value}`),
    `From: ${headerOf(request, 'From')}`,
    `To: ${to}${tag}`,
    `Call-ID: ${request.callId}`,
    `CSeq: ${request.cseq.number} ${request.method}`,
    ...(status.startsWith('503') ? [RETRY_AFTER] : []),
    ...lines,
  ]);
}

const message = (start: string, lines: readonly string[]): string =>
  [start, ...lines, 'Content-Length: 0', '', ''].join('\r\n');

const headerOf = ({ headers }: ParsedRequest | ParsedResponse, name: string): string =>
  headers.find((header) => header.name === name)?.value ?? '';
