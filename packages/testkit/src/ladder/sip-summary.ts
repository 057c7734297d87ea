/** What a ladder needs to know of one SIP message; found with a loose eye, since ladders also show what is malformed. */
export interface SipSummary {
  /** e.g. `INVITE (SDP)`, `re-INVITE (SDP sendonly)`, `200 OK INVITE (SDP)`, `BYE "call restored"`. */
  readonly label: string;
  readonly callId: string;
}

/** RFC 3261 §7.3.3: compact forms of the headers read here. */
const COMPACT: Readonly<Record<string, string>> = {
  i: 'call-id',
  t: 'to',
  c: 'content-type',
  l: 'content-length',
};

export function summarizeSip(text: string): SipSummary {
  const end = text.search(/\r?\n\r?\n/);
  const [first = '', ...lines] = (end < 0 ? text : text.slice(0, end)).trimStart().split(/\r?\n/);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    if (colon > 0) headers.set(COMPACT[name] ?? name, line.slice(colon + 1).trim());
  }
  const body = end < 0 ? '' : text.slice(end).trim();
  const callId = headers.get('call-id') ?? '';
  return { label: [startLabel(first, headers), ...details(headers, body)].join(' '), callId };
}

function startLabel(first: string, headers: ReadonlyMap<string, string>): string {
  const response = /^SIP\/2\.0 +(\d{3}) *(.*)$/.exec(first);
  if (response !== null) {
    const [, status = '', phrase = ''] = response;
    const method = headers.get('cseq')?.split(/\s+/)[1] ?? '';
    return [status, phrase.trim(), method].filter((part) => part !== '').join(' ');
  }
  const method = /^([A-Z]+) \S+ SIP\/2\.0$/.exec(first)?.[1];
  if (method === undefined) return `(no SIP) ${first.slice(0, 20)}`;
  // A request in a dialog has a To tag (RFC 3261 §12.2.1.1).
  const inDialog = /;\s*tag=/i.test(headers.get('to') ?? '');
  return method === 'INVITE' && inDialog ? 're-INVITE' : method;
}

function details(headers: ReadonlyMap<string, string>, body: string): string[] {
  const reason = /;\s*text="([^"]*)"/i.exec(headers.get('reason') ?? '')?.[1];
  const told = reason === undefined ? [] : [`"${reason}"`];
  if (body === '') return told;
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '?';
  if (type === 'message/sipfrag') return [`(${body.split(/\r?\n/, 1)[0]})`, ...told];
  if (type !== 'application/sdp') return [`(${type})`, ...told];
  // RFC 8866 §6.7: sendrecv is the default and not worth a word.
  const direction = /^a=(sendonly|recvonly|inactive)\s*$/m.exec(body)?.[1];
  return [direction === undefined ? '(SDP)' : `(SDP ${direction})`, ...told];
}
