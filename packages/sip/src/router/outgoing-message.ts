import type { ParsedVia } from '../ingress/parse-result.ts';
import { splitList } from '../ingress/scan.ts';
import { parseVia } from '../ingress/via.ts';

/** What routing and retransmission need to know of a message that is about to leave. */
export interface OutgoingMessage {
  /** `request`: the method of the request line; `response`: the status. */
  readonly start:
    | { readonly kind: 'request'; readonly method: string }
    | { readonly kind: 'response'; readonly status: number };
  readonly topVia: ParsedVia;
  readonly cseqMethod: string;
}

/** Reads a message of our own making (long header names, no folding). Undefined: it is not one. */
export function readOutgoing(message: string): OutgoingMessage | undefined {
  const end = message.indexOf('\r\n\r\n');
  const head = end < 0 ? message : message.slice(0, end);
  const [first = '', ...lines] = head.split('\r\n');
  const viaText = headerValue(lines, 'via:');
  const cseqMethod = headerValue(lines, 'cseq:')?.split(/[ \t]+/)[1];
  const viaItems = viaText === undefined ? undefined : splitList(viaText, VIAS_PER_LINE_MAX);
  const via = viaItems?.ok ? parseVia(viaItems.value[0] ?? '') : undefined;
  if (cseqMethod === undefined || via === undefined || !via.ok) return undefined;
  const status = /^SIP\/2\.0 ([1-6][0-9]{2}) /i.exec(first)?.[1];
  return {
    start:
      status === undefined
        ? { kind: 'request', method: first.slice(0, first.indexOf(' ')) }
        : { kind: 'response', status: Number(status) },
    topVia: via.value.via,
    cseqMethod,
  };
}

/** Elements of one Via line; the parser let no longer line in. */
const VIAS_PER_LINE_MAX = 64;

function headerValue(lines: readonly string[], nameAndColon: string): string | undefined {
  const line = lines.find(
    (candidate) => candidate.slice(0, nameAndColon.length).toLowerCase() === nameAndColon,
  );
  return line?.slice(nameAndColon.length).trim();
}
