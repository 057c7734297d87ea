import type { SipTraceEntry } from '@sordino/sip';

/** One SIP message as it crossed our sockets, taken apart as far as the rules look at it. Read with a loose eye: it judges, it does not serve. */
export interface WireMessage {
  readonly atMs: number;
  readonly direction: 'in' | 'out';
  readonly transport: string;
  /** `host:port` of the other side. */
  readonly peer: string;
  /** Of the request, or of the request that this answers. */
  readonly method: string;
  /** Undefined: a request. */
  readonly status: number | undefined;
  readonly requestUri: string;
  readonly callId: string;
  readonly cseq: string;
  /** RFC 3261 §12.2.1.1: a request with a To tag is one of a dialog. */
  readonly inDialog: boolean;
  readonly sdp: string | undefined;
  /** As it was, for the ladder; bodies of INFO are withheld by the stack. */
  readonly text: string;
  /** All values of a header by its long name. */
  header(name: string): readonly string[];
}

/** RFC 3261 §7.3.3, RFC 4028 §4: compact forms of the headers that are looked at. */
const COMPACT: Readonly<Record<string, string>> = {
  i: 'call-id',
  t: 'to',
  f: 'from',
  c: 'content-type',
  x: 'session-expires',
  k: 'supported',
};

/** Messages kept of one check: a call has some thirty, and a platform that floods us is told by the first ones. */
const MESSAGES_MAX = 2_000;

/** Collects what crosses the sockets of one check. */
export class WireRecord {
  readonly messages: WireMessage[] = [];

  readonly trace = (entry: SipTraceEntry): void => {
    const message = this.messages.length < MESSAGES_MAX ? read(entry) : undefined;
    if (message !== undefined) this.messages.push(message);
  };
}

function read({ atMs, direction, flow, text }: SipTraceEntry): WireMessage | undefined {
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = (end < 0 ? text : text.slice(0, end)).trimStart().split('\r\n');
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const written = line.slice(0, colon).trim().toLowerCase();
    const name = COMPACT[written] ?? written;
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  const header = (name: string): readonly string[] => headers.get(name.toLowerCase()) ?? [];
  const status = /^SIP\/2\.0 (\d{3})/.exec(first)?.[1];
  const [requestMethod, requestUri = ''] = first.split(' ');
  const [cseq = '', cseqMethod = ''] = (header('CSeq')[0] ?? '').split(/\s+/);
  const method = status === undefined ? requestMethod : cseqMethod;
  if (method === undefined || method === '') return undefined;
  const hasSdp = /^application\/sdp\b/i.test(header('Content-Type')[0] ?? '');
  return {
    atMs,
    direction,
    transport: flow.protocol,
    peer: `${flow.remote.host}:${flow.remote.port}`,
    method,
    status: status === undefined ? undefined : Number(status),
    requestUri: status === undefined ? requestUri : '',
    callId: header('Call-ID')[0] ?? '',
    cseq,
    inDialog: /;\s*tag=/i.test(header('To')[0] ?? ''),
    sdp: hasSdp && end >= 0 ? text.slice(end + 4) : undefined,
    text,
    header,
  };
}
