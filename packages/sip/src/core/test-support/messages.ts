/** SIP text as a test writes it: one header a line, body after it, Content-Length counted. */
export function sip(startLine: string, headers: readonly string[], body = ''): string {
  return [startLine, ...headers, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');
}

/** `name:` of the first such line of a message. */
export const header = (message: string, name: string): string | undefined =>
  new RegExp(`\\r\\n${name}: *([^\\r\\n]*)`, 'i').exec(message)?.[1];

export const bodyOf = (message: string): string => message.slice(message.indexOf('\r\n\r\n') + 4);

export const tagOf = (value: string | undefined): string => /;tag=([^;]+)/.exec(value ?? '')?.[1] ?? '';

export const SDP = (who: string): string =>
  `v=0\r\no=${who} 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n`;

export interface RequestParts {
  readonly uri: string;
  readonly port: number;
  /** Default: 127.0.0.1. */
  readonly host?: string;
  readonly callId: string;
  readonly fromTag?: string;
  readonly toTag?: string;
  readonly cseq?: number;
  readonly branch?: string;
  readonly transport?: string;
  readonly contact?: string;
  readonly headers?: readonly string[];
  readonly sdp?: string;
  readonly body?: string;
}

let branches = 0;

/** A request of the raw peer on `port`. */
export function request(method: string, parts: RequestParts): string {
  const {
    uri,
    port,
    host = '127.0.0.1',
    callId,
    transport = 'UDP',
    cseq = 1,
    fromTag = 'rawtag',
    toTag,
    sdp,
  } = parts;
  const branch = parts.branch ?? `z9hG4bKraw${++branches}`;
  const tag = toTag === undefined ? '' : `;tag=${toTag}`;
  return sip(
    `${method} ${uri} SIP/2.0`,
    [
      `Via: SIP/2.0/${transport} ${host}:${port};branch=${branch}`,
      'Max-Forwards: 70',
      `From: <sip:raw@${host}:${port}>;tag=${fromTag}`,
      `To: <sip:sordino@127.0.0.1>${tag}`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq} ${method}`,
      ...(method === 'INVITE' ? [`Contact: ${parts.contact ?? `<sip:raw@${host}:${port}>`}`] : []),
      ...(parts.headers ?? []),
      ...(sdp === undefined ? [] : ['Content-Type: application/sdp']),
    ],
    sdp ?? parts.body ?? '',
  );
}

export interface ResponseParts {
  readonly toTag?: string;
  readonly contact?: string;
  readonly headers?: readonly string[];
  readonly sdp?: string;
}

/** The raw peer's response to a request that it received. */
export function response(to: string, status: number, parts: ResponseParts = {}): string {
  const toLine = header(to, 'To') ?? '';
  const tag = tagOf(toLine) === '' && status > 100 ? `;tag=${parts.toTag ?? 'rawtag'}` : '';
  return sip(
    `SIP/2.0 ${status} Status ${status}`,
    [
      ...to
        .split('\r\n')
        .filter((line) => line.startsWith('Via:'))
        .map((line) => line),
      `From: ${header(to, 'From')}`,
      `To: ${toLine}${tag}`,
      `Call-ID: ${header(to, 'Call-ID')}`,
      `CSeq: ${header(to, 'CSeq')}`,
      ...(parts.contact === undefined ? [] : [`Contact: ${parts.contact}`]),
      ...(parts.headers ?? []),
      ...(parts.sdp === undefined ? [] : ['Content-Type: application/sdp']),
    ],
    parts.sdp ?? '',
  );
}
