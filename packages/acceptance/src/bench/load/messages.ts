/** SIP of the load, as text: rendered by hand, so that it costs next to nothing and shares no code with what it measures. */

export const HOST = '127.0.0.1';
export const CORRELATION_HEADER = 'X-Bench-Call';

const sdp = (port: number): string =>
  [
    ...[
      'v=0',
      `o=- 1 1 IN IP4 ${HOST}`,
      's=-',
      `c=IN IP4 ${HOST}`,
      't=0 0',
      `m=audio ${port} RTP/AVP 0 8 101`,
    ],
    ...[
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:8 PCMA/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-15',
    ],
    ...['a=ptime:20', 'a=sendrecv', ''],
  ].join('\r\n');
const OFFER = sdp(41_000);
const ANSWER = sdp(41_002);

/** One call as its caller knows it. */
export interface Caller {
  readonly index: number;
  readonly token: string;
  /** Of the load's own socket. */
  readonly port: number;
  readonly sipPort: number;
}

const callIdOf = ({ index, port }: Caller): string => `bench-${index}-${port}`;

/** The number of the call that a message to the caller belongs to. */
export function callOf(message: string): number {
  const at = message.indexOf('\r\nCall-ID: bench-');
  return at < 0 ? -1 : Number.parseInt(message.slice(at + 17, at + 30), 10);
}

function head(caller: Caller, method: string, cseq: number, to: string, uri: string, branch: string): string {
  return (
    `${method} ${uri} SIP/2.0\r\nVia: SIP/2.0/UDP ${HOST}:${caller.port};branch=z9hG4bK${branch}${caller.index}\r\n` +
    `Max-Forwards: 70\r\nFrom: "Caller" <sip:+447700900123@${HOST}>;tag=c${caller.index}\r\nTo: ${to}\r\n` +
    `Call-ID: ${callIdOf(caller)}\r\nCSeq: ${cseq} ${method}\r\n`
  );
}

const uriOf = (caller: Caller): string => `sip:${caller.token}@${HOST}:${caller.sipPort}`;

export function invite(caller: Caller): string {
  return (
    `${head(caller, 'INVITE', 1, `<${uriOf(caller)}>`, uriOf(caller), 'i')}Contact: <sip:bench@${HOST}:${caller.port}>\r\n` +
    `Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE\r\nUser-Agent: load\r\n${CORRELATION_HEADER}: ${caller.index}\r\n` +
    `Content-Type: application/sdp\r\nContent-Length: ${OFFER.length}\r\n\r\n${OFFER}`
  );
}

/** CANCEL of the INVITE, or the ACK of its refusal: both are of its transaction. */
export function withInvite(caller: Caller, method: 'CANCEL' | 'ACK', to = `<${uriOf(caller)}>`): string {
  return `${head(caller, method, 1, to, uriOf(caller), 'i')}Content-Length: 0\r\n\r\n`;
}

/** ACK of a 2xx, or BYE: within the dialog of `to`, to its target. */
export function inDialog(caller: Caller, method: 'ACK' | 'BYE', to: string, target: string): string {
  const cseq = method === 'ACK' ? 1 : 2;
  const branch = method === 'ACK' ? 'a' : 'b';
  return `${head(caller, method, cseq, to, target, branch)}Content-Length: 0\r\n\r\n`;
}

/** What an answer copies from its request. */
export interface Copied {
  readonly via: string;
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly cseq: string;
}

export function copied(request: string): Copied {
  return {
    via: line(request, 'Via'),
    from: line(request, 'From'),
    to: line(request, 'To'),
    callId: line(request, 'Call-ID'),
    cseq: line(request, 'CSeq'),
  };
}

export function line(message: string, name: string): string {
  const at = message.indexOf(`\r\n${name}: `);
  if (at < 0) return '';
  const from = at + name.length + 4;
  return message.slice(from, message.indexOf('\r\n', from));
}

export function answer(status: string, request: Copied, more = '', body = ''): string {
  return (
    `SIP/2.0 ${status}\r\nVia: ${request.via}\r\nFrom: ${request.from}\r\nTo: ${request.to}\r\n` +
    `Call-ID: ${request.callId}\r\nCSeq: ${request.cseq}\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`
  );
}

/** The answer of leg 7 to its INVITE: ringing, taken or refused. */
export function leg7Answer(status: string, request: Copied, port: number): string {
  const tagged = { ...request, to: `${request.to};tag=leg7` };
  const contact = `Contact: <sip:agent@${HOST}:${port}>\r\n`;
  if (status !== '200 OK') return answer(status, tagged, contact);
  return answer(status, tagged, `${contact}Content-Type: application/sdp\r\n`, ANSWER);
}

/** BYE of leg 7, from the agent's side: the INVITE's From and To change places. */
export function leg7Bye(invite: Copied, target: string, port: number): string {
  return (
    `BYE ${target} SIP/2.0\r\nVia: SIP/2.0/UDP ${HOST}:${port};branch=z9hG4bKy${invite.callId}\r\nMax-Forwards: 70\r\n` +
    `From: ${invite.to};tag=leg7\r\nTo: ${invite.from}\r\nCall-ID: ${invite.callId}\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n`
  );
}
