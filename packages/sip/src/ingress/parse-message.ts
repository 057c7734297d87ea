import { ok, type Result, refuse } from '@sordino/core';
import type { Flow } from '../router/transport.ts';
import { readBody } from './body.ts';
import { type HeaderLines, readHeaderLines } from './header-lines.ts';
import { isListHeader, isSingleHeader } from './header-names.ts';
import { parseNameAddr } from './name-addr.ts';
import { CSEQ_MAX, DEFAULT_PARSE_LIMITS, DELTA_SECONDS_MAX, MAX_FORWARDS_MAX } from './parse-limits.ts';
import type {
  ParsedHeader,
  ParsedMessage,
  ParsedNameAddr,
  ParseLimits,
  ParseResult,
} from './parse-result.ts';
import { withSource } from './received-via.ts';
import { buildRefusal, type Salvage } from './refusal.ts';
import { isToken, parseScalar, type SyntaxResult, skipSpace, splitList, trimSpace } from './scan.ts';
import { parseStartLine, type StartLine } from './start-line.ts';
import { parseVia, type ViaScan } from './via.ts';

export { DEFAULT_PARSE_LIMITS };

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const CR = 0x0d;
const LF = 0x0a;

/**
 * Reads one whole message. Never throws, costs one pass over at most `limits.headerBytes` octets, and gives away nothing
 * of `raw`: the body is a copy. The top Via of a request already carries our `received` and `rport`.
 * RFC 2543 messages (no branch, no tags) are messages. An ACK and a response are never answered, only dropped.
 */
export function parseSipMessage(
  raw: Uint8Array,
  flow: Flow,
  limits: ParseLimits = DEFAULT_PARSE_LIMITS,
): ParseResult {
  const start = skipEmptyLines(raw);
  if (start === raw.length) return { kind: 'drop', problem: 'keep-alive' };
  const head = findHead(raw, start, limits.headerBytes);
  const lines = utf8.decode(raw.subarray(start, head.end)).split('\r\n');
  const startLine = parseStartLine(lines[0] ?? '');
  if (startLine.kind === 'noise') return { kind: 'drop', problem: startLine.problem };

  const headerLines = readHeaderLines(lines.slice(1), limits);
  const fields = readFields(headerLines.headers, startLine.kind === 'response' ? undefined : flow, limits);
  const oversize = raw.length > limits.messageBytes || head.tooLong || headerLines.tooMany;
  if (oversize) return reject(513, 'Message Too Large: it has too many octets or headers', startLine, fields);
  if (startLine.kind === 'bad_request') return reject(startLine.status, startLine.problem, startLine, fields);
  if (!head.complete) return reject(400, 'Headers do not end with an empty line', startLine, fields);

  const message = assemble(startLine, headerLines, fields, raw.subarray(head.end + 4), flow);
  return message.ok
    ? { kind: 'message', message: message.value }
    : reject(400, message.problem, startLine, fields);
}

/** RFC 3261 §7.5: empty lines before the start line are ignored. */
function skipEmptyLines(raw: Uint8Array): number {
  let at = 0;
  while (raw[at] === CR && raw[at + 1] === LF) at += 2;
  return at;
}

interface Head {
  /** Index of the CRLF CRLF, or of the last octet looked at. */
  readonly end: number;
  readonly complete: boolean;
  readonly tooLong: boolean;
}

function findHead(raw: Uint8Array, start: number, headerBytes: number): Head {
  const last = Math.min(raw.length, start + headerBytes);
  for (let i = start; i + 3 < last; i++) {
    if (raw[i] === CR && raw[i + 1] === LF && raw[i + 2] === CR && raw[i + 3] === LF) {
      return { end: i, complete: true, tooLong: false };
    }
  }
  return { end: last, complete: false, tooLong: last < raw.length };
}

/** All that could be read of the headers, and the first thing that could not. */
interface Fields extends Salvage {
  readonly headers: readonly ParsedHeader[];
  readonly viaScans: readonly ViaScan[];
  readonly contacts: readonly ParsedNameAddr[];
  readonly contactStar: boolean;
  readonly problem: string | undefined;
}

/** `flow` is given for requests: their top Via learns where it came from. */
function readFields(lines: readonly ParsedHeader[], flow: Flow | undefined, limits: ParseLimits): Fields {
  const headers: ParsedHeader[] = [];
  const viaScans: ViaScan[] = [];
  const contacts: ParsedNameAddr[] = [];
  const first = new Map<string, string>();
  let contactStar = false;
  let problem: string | undefined;
  const note = (what: string): void => {
    problem ??= what;
  };

  for (const { name, value } of lines) {
    if (isSingleHeader(name) && first.has(name)) note(`${name} occurs more than once`);
    if (!first.has(name)) first.set(name, value);
    const bad = checkScalar(name, value);
    if (bad !== undefined) note(bad);
    if (!isListHeader(name)) {
      headers.push({ name, value });
      continue;
    }
    const items = splitList(value, limits.listItems);
    if (!items.ok) {
      note(`${name} ${items.problem}`);
      continue;
    }
    for (const item of items.value) {
      if (name === 'Via') {
        const via = parseVia(item);
        if (via.ok) {
          const scan = viaScans.length === 0 && flow !== undefined ? withSource(via.value, flow) : via.value;
          viaScans.push(scan);
          headers.push({ name, value: scan.text });
          if (scan.problem !== undefined) note(`Via ${scan.problem}`);
          if (viaScans.length > limits.vias) note('Via has too many elements');
        } else {
          // Without a readable top Via nobody can be answered, whatever stands below it.
          if (viaScans.length === 0) return unanswerable(headers, `Via ${via.problem}`);
          note(`Via ${via.problem}`);
        }
        continue;
      }
      if (name === 'Contact' || name === 'Route' || name === 'Record-Route') {
        if (name === 'Contact' && item === '*') {
          contactStar = true;
        } else {
          const address = parseNameAddr(item);
          if (!address.ok) note(`${name} ${address.problem}`);
          else if (name === 'Contact') {
            contacts.push(address.value);
            const expires = address.value.params.get('expires');
            if (tooLarge(expires, DELTA_SECONDS_MAX)) note('Contact has an expires above 2**32 - 1');
          }
        }
      } else if (item === '' && items.value.length > 1) continue;
      headers.push({ name, value: item });
    }
  }

  const from = party('From', first, note);
  const to = party('To', first, note);
  const callId = first.get('Call-ID') || undefined;
  const cseqText = first.get('CSeq');
  const cseq = cseqText === undefined ? undefined : parseCSeq(cseqText);
  if (cseqText !== undefined && cseq === undefined) note('CSeq is not a number below 2**31 and a method');
  for (const name of ['Via', 'From', 'To', 'Call-ID', 'CSeq']) {
    if (!first.get(name)) note(`${name} is missing`);
  }
  const vias = viaScans.slice(0, limits.vias).map((scan) => scan.text);
  return {
    method: undefined,
    vias,
    from,
    to,
    callId,
    cseq,
    headers,
    viaScans,
    contacts,
    contactStar,
    problem,
  };
}

const unanswerable = (headers: readonly ParsedHeader[], problem: string): Fields => ({
  method: undefined,
  vias: [],
  from: undefined,
  to: undefined,
  callId: undefined,
  cseq: undefined,
  headers,
  viaScans: [],
  contacts: [],
  contactStar: false,
  problem,
});

function party(
  name: 'From' | 'To',
  first: ReadonlyMap<string, string>,
  note: (what: string) => void,
): Salvage['from'] {
  const text = first.get(name);
  if (text === undefined || text === '') return undefined;
  const value: SyntaxResult<ParsedNameAddr> = parseNameAddr(text);
  if (!value.ok) {
    note(`${name} ${value.problem}`);
    return undefined;
  }
  const tag = value.value.params.get('tag');
  if (value.value.params.has('tag') && !isToken(tag ?? '')) {
    note(`${name} has a malformed tag`);
    return undefined;
  }
  return { text, value: value.value };
}

function parseCSeq(text: string): { number: number; method: string } | undefined {
  const end = text.search(/[^0-9]/);
  if (end < 1) return undefined;
  const number = parseScalar(text.slice(0, end), CSEQ_MAX);
  const methodStart = skipSpace(text, end);
  const method = trimSpace(text.slice(methodStart));
  return number === undefined || methodStart === end || !isToken(method) ? undefined : { number, method };
}

/** RFC 4475 §3.1.2.4: a number that overflows somebody's integer is refused, never wrapped. */
function checkScalar(name: string, value: string): string | undefined {
  if (name === 'Max-Forwards') {
    return parseScalar(value, MAX_FORWARDS_MAX) === undefined ? 'Max-Forwards is not 0 to 255' : undefined;
  }
  if (name === 'Expires' || name === 'Min-Expires' || name === 'Min-SE' || name === 'Session-Expires') {
    return tooLarge(value.split(/[; \t]/, 1)[0], DELTA_SECONDS_MAX)
      ? `${name} is above 2**32 - 1`
      : undefined;
  }
  if (name === 'Retry-After') {
    return tooLarge(/^[0-9]+/.exec(value)?.[0], DELTA_SECONDS_MAX) ? `${name} is above 2**32 - 1` : undefined;
  }
  return undefined;
}

const tooLarge = (text: string | undefined, max: number): boolean =>
  text !== undefined && /^[0-9]+$/.test(text) && parseScalar(text, max) === undefined;

function assemble(
  start: Extract<StartLine, { kind: 'request' | 'response' }>,
  lines: HeaderLines,
  fields: Fields,
  afterHeaders: Uint8Array,
  flow: Flow,
): Result<ParsedMessage, string> {
  const problem = lines.problem ?? fields.problem;
  if (problem !== undefined) return refuse(problem);
  const { from, to, callId, cseq, headers, contacts } = fields;
  if (from === undefined || to === undefined || callId === undefined || cseq === undefined) {
    return refuse('A mandatory header is missing');
  }
  if (start.kind === 'request' && cseq.method !== start.method) {
    return refuse('CSeq method differs from the method of the request line');
  }
  // RFC 3261 §10.2.2: `*` stands alone, and only in a REGISTER.
  if (fields.contactStar && (cseq.method !== 'REGISTER' || contacts.length > 0)) {
    return refuse('Contact is * outside a REGISTER, or not alone');
  }
  const value = (name: string): string | undefined => headers.find((header) => header.name === name)?.value;
  const contentType = value('Content-Type');
  const body = readBody(afterHeaders, value('Content-Length'), contentType, flow);
  if (!body.ok) return body;
  const vias = fields.viaScans.map((scan) => scan.via);
  const common = {
    headers,
    vias,
    from: from.value,
    to: to.value,
    callId,
    cseq,
    contacts,
    body: body.value,
    contentType,
  };
  return ok({ ...start, ...common });
}

function reject(status: number, problem: string, start: StartLine, fields: Fields): ParseResult {
  if (start.kind === 'response' || start.kind === 'noise') return { kind: 'drop', problem };
  // RFC 3261 §17: an ACK has no response, and one would only make two confused peers talk.
  if (start.method === 'ACK' || fields.cseq?.method === 'ACK') return { kind: 'drop', problem };
  if (fields.vias.length === 0) return { kind: 'drop', problem: fields.problem ?? problem };
  return {
    kind: 'refuse',
    status,
    problem,
    answer: buildRefusal(status, problem, { ...fields, method: start.method }),
  };
}
