import { SDP, sip } from './messages.ts';

/** A message of our own that is wrong, or merely looks so, in one way. */
export interface TortureLike {
  readonly what: string;
  readonly answer: number | 'silence';
  readonly message: (via: string, callId: string) => string;
}

interface Changes {
  readonly method?: string;
  readonly uri?: string;
  readonly version?: string;
  /** Put in the place of the header of that name; '' leaves it out. */
  readonly replace?: Readonly<Record<string, string>>;
  readonly add?: readonly string[];
  readonly body?: string;
}

function written(changes: Changes): TortureLike['message'] {
  return (via, callId) => {
    const { method = 'INVITE', uri = 'sip:a@127.0.0.1', version = 'SIP/2.0', body = '' } = changes;
    const lines = [
      `Via: ${via}`,
      'Max-Forwards: 70',
      'From: "A" <sip:a@127.0.0.1>;tag=a',
      'To: <sip:b@127.0.0.1>',
      `Call-ID: ${callId}`,
      `CSeq: 1 ${method}`,
      'Contact: <sip:a@127.0.0.1:5999>',
    ]
      .map((line) => changes.replace?.[line.slice(0, line.indexOf(':'))] ?? line)
      .filter((line) => line !== '');
    return sip(`${method} ${uri} ${version}`, [...lines, ...(changes.add ?? [])], body);
  };
}

const row = (what: string, answer: number | 'silence', changes: Changes): TortureLike => ({
  what,
  answer,
  message: written(changes),
});

const sdp = { add: ['Content-Type: application/sdp'], body: SDP('a') };
const many = (count: number, header: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => header(index));

export const TORTURE_LIKE: readonly TortureLike[] = [
  row('nothing wrong: INVITE with an offer', 486, sdp),
  row('nothing wrong: OPTIONS', 200, { method: 'OPTIONS' }),
  // The start line.
  row('SIP/3.0', 505, { version: 'SIP/3.0' }),
  row('SIP/2.00', 505, { version: 'SIP/2.00' }),
  row('HTTP', 'silence', { method: 'GET', uri: '/', version: 'HTTP/1.1' }),
  row('no version', 'silence', { version: '' }),
  row('a tab in the request line', 400, { uri: 'sip:a@127.0.0.1\t' }),
  row('a Request-URI without host', 400, { uri: 'sip:a@' }),
  row('a Request-URI whose port is too large', 400, { uri: 'sip:a@127.0.0.1:65536' }),
  row('tel:', 416, { uri: 'tel:+4420' }),
  row('sips: where there is no TLS', 416, { uri: 'sips:a@127.0.0.1' }),
  row('no scheme', 400, { uri: 'a' }),
  row('no answer to a broken ACK', 'silence', { method: 'ACK', version: 'SIP/3.0' }),
  // What says whom to answer.
  row('no Via', 'silence', { replace: { Via: '' } }),
  row('a Via that cannot be read', 'silence', { replace: { Via: 'Via: SIP/2.0/UDP [::1;branch=x' } }),
  row('no From', 400, { replace: { From: '' } }),
  row('no To', 400, { replace: { To: '' } }),
  row('no Call-ID', 400, { replace: { 'Call-ID': '' } }),
  row('no CSeq', 400, { replace: { CSeq: '' } }),
  row('no Contact', 400, { replace: { Contact: '' } }),
  row('two From', 400, { add: ['From: <sip:x@127.0.0.1>;tag=x'] }),
  row('two tags in To', 400, { replace: { To: 'To: <sip:b@127.0.0.1>;tag=1;tag=2' } }),
  row('Contact: * in INVITE', 400, { replace: { Contact: 'Contact: *' } }),
  row('a Contact that is no sip URI', 400, { replace: { Contact: 'Contact: <mailto:a@b>' } }),
  // Scalars.
  row('CSeq of 2**31', 400, { replace: { CSeq: 'CSeq: 2147483648 INVITE' } }),
  row('CSeq of another method', 400, { replace: { CSeq: 'CSeq: 1 OPTIONS' } }),
  row('Max-Forwards of 256', 400, { replace: { 'Max-Forwards': 'Max-Forwards: 256' } }),
  row('Max-Forwards that is no number', 400, { replace: { 'Max-Forwards': 'Max-Forwards: many' } }),
  row('Max-Forwards 0', 483, { replace: { 'Max-Forwards': 'Max-Forwards: 0' } }),
  row('two Content-Lengths', 400, { add: ['Content-Length: 0'] }),
  row('Expires that overflows', 400, { add: ['Expires: 99999999999'] }),
  // Lines.
  row('a line without colon', 400, { add: ['this is no header'] }),
  row('a header name with a space', 400, { add: ['X Y: z'] }),
  row('a NUL in a value', 400, { add: ['Subject: a\0b'] }),
  row('a bare CR in a value', 400, { add: ['Subject: a\rb'] }),
  row('a bare LF in a value', 400, { add: ['Subject: a\nb: c'] }),
  row('a quoted string without its end', 400, { replace: { From: 'From: "A <sip:a@127.0.0.1>;tag=a' } }),
  row('folded lines', 200, { method: 'OPTIONS', add: ['Subject: a', '\tb', '  c'] }),
  row('a header that nobody knows, with octets above 127', 200, { method: 'OPTIONS', add: ['X-Y: \u00e9'] }),
  // Sizes.
  row('129 headers', 513, { add: many(129, (index) => `X-${index}: y`) }),
  row('20 000 octets in one header', 513, { add: [`X-Long: ${'y'.repeat(20_000)}`] }),
  row('71 Vias', 400, { add: many(71, (index) => `Via: SIP/2.0/UDP h${index};branch=z9hG4bK${index}`) }),
  row('100 elements in one list', 400, { add: [`Supported: ${many(100, String).join(',')}`] }),
  row('100 parameters', 400, {
    replace: { To: `To: <sip:b@127.0.0.1>${many(100, (index) => `;p${index}`).join('')}` },
  }),
  // Extensions and bodies.
  row('Require', 420, { add: ['Require: nothingSupportsThis'] }),
  row('Proxy-Require, which is not for us', 200, { method: 'OPTIONS', add: ['Proxy-Require: x'] }),
  row('a method nobody knows', 405, { method: 'FLY' }),
  row('REGISTER', 405, { method: 'REGISTER' }),
  row('a body without type', 400, { body: 'v=0' }),
  row('a body of another type', 415, { add: ['Content-Type: text/plain'], body: 'hello' }),
  row('a body that is packed', 415, { ...sdp, add: [...sdp.add, 'Content-Encoding: gzip'] }),
  row('a multipart without end', 415, { add: ['Content-Type: multipart/mixed;boundary=b'], body: '--b\r\n' }),
  row('Accept without SDP', 406, { ...sdp, add: [...sdp.add, 'Accept: text/plain'] }),
  row('Accept of everything', 486, { ...sdp, add: [...sdp.add, 'Accept: text/plain, */*;q=0.1'] }),
  // Out of place.
  row('ACK of nothing', 'silence', { method: 'ACK' }),
  row('BYE of nothing', 481, { method: 'BYE' }),
  row('CANCEL of nothing', 481, { method: 'CANCEL' }),
  row('INFO of nothing', 481, { method: 'INFO' }),
  row('re-INVITE of a dialog that is not', 481, { replace: { To: 'To: <sip:b@127.0.0.1>;tag=gone' } }),
  row('REFER outside a call', 603, { method: 'REFER', add: ['Refer-To: <sip:c@127.0.0.1>'] }),
];
