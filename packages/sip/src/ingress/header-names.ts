/** RFC 3261 §7.3.3 and the registered extensions (RFC 3515, 3841, 3892, 4028, 4474, 6665). */
const COMPACT: Readonly<Record<string, string>> = {
  a: 'Accept-Contact',
  b: 'Referred-By',
  c: 'Content-Type',
  d: 'Request-Disposition',
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  j: 'Reject-Contact',
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  n: 'Identity-Info',
  o: 'Event',
  r: 'Refer-To',
  s: 'Subject',
  t: 'To',
  u: 'Allow-Events',
  v: 'Via',
  x: 'Session-Expires',
  y: 'Identity',
};

/** Header fields whose value is a comma list (RFC 3261 §7.3.1, RFC 3325, RFC 3326, RFC 7044, RFC 7433). */
const LISTS = [
  'Accept',
  'Accept-Contact',
  'Accept-Encoding',
  'Accept-Language',
  'Alert-Info',
  'Allow',
  'Allow-Events',
  'Call-Info',
  'Contact',
  'Content-Encoding',
  'Content-Language',
  'Diversion',
  'Error-Info',
  'History-Info',
  'In-Reply-To',
  'P-Asserted-Identity',
  'Path',
  'Proxy-Require',
  'Reason',
  'Record-Route',
  'Reject-Contact',
  'Require',
  'Route',
  'Service-Route',
  'Supported',
  'Unsupported',
  'User-to-User',
  'Via',
  'Warning',
] as const;

/** One value only: a second one means two parties would read two different messages (RFC 4475 §3.3.8). */
const SINGLES = [
  'CSeq',
  'Call-ID',
  'Content-Disposition',
  'Content-Length',
  'Content-Type',
  'Date',
  'Event',
  'Expires',
  'From',
  'Max-Forwards',
  'Min-Expires',
  'Min-SE',
  'RAck',
  'RSeq',
  'Refer-To',
  'Referred-By',
  'Replaces',
  'Retry-After',
  'Session-Expires',
  'Subscription-State',
  'Target-Dialog',
  'To',
] as const;

/** Names that capitalising each word would misspell. */
const IRREGULAR = [
  'MIME-Version',
  'SIP-ETag',
  'SIP-If-Match',
  'WWW-Authenticate',
  'P-DCS-Trace-Party-ID',
  'Session-ID',
];

const canonical = new Map<string, string>();
for (const name of [...LISTS, ...SINGLES, ...IRREGULAR]) canonical.set(name.toLowerCase(), name);
for (const [compact, name] of Object.entries(COMPACT)) canonical.set(compact, name);

const lists: ReadonlySet<string> = new Set(LISTS);
const singles: ReadonlySet<string> = new Set(SINGLES);

/** `v`, `VIA` and `Via` are `Via`; an unknown name gets each word capitalised: `X-Sordino-Token`. */
export function canonicalHeaderName(written: string): string {
  const lower = written.toLowerCase();
  return (
    canonical.get(lower) ?? lower.replace(/(^|-)([a-z])/g, (_, dash, letter) => dash + letter.toUpperCase())
  );
}

export const isListHeader = (name: string): boolean => lists.has(name);
export const isSingleHeader = (name: string): boolean => singles.has(name);
