import { ok, type Result, refuse } from '@sordino/core';
import type { Flow } from '../router/transport.ts';
import { readBody } from './body.ts';
import { type Fields, readFields } from './fields.ts';
import { type HeaderLines, readHeaderLines } from './header-lines.ts';
import { DEFAULT_PARSE_LIMITS } from './parse-limits.ts';
import type { ParsedMessage, ParseLimits, ParseResult } from './parse-result.ts';
import { buildRefusal } from './refusal.ts';
import { parseStartLine, type StartLine } from './start-line.ts';

export { DEFAULT_PARSE_LIMITS };

export type MessageParser = (raw: Uint8Array, flow: Flow, limits?: ParseLimits) => ParseResult;

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
    answer: buildRefusal(status, problem, start.method, fields),
  };
}
