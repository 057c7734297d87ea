import type { Flow } from '../router/transport.ts';
import { isListHeader, isSingleHeader } from './header-names.ts';
import { parseNameAddr } from './name-addr.ts';
import type { ParsedHeader, ParsedNameAddr, ParseLimits } from './parse-result.ts';
import { withSource } from './received-via.ts';
import type { Party, Salvage } from './refusal.ts';
import { isTooLong, parseCSeq, scalarProblem } from './scalars.ts';
import { isToken, splitList } from './scan.ts';
import { parseVia, type ViaScan } from './via.ts';

/** All that could be read of the headers, and the first thing that could not. */
export interface Fields extends Salvage {
  readonly headers: readonly ParsedHeader[];
  readonly viaScans: readonly ViaScan[];
  readonly contacts: readonly ParsedNameAddr[];
  /** `Contact: *` was there. */
  readonly contactStar: boolean;
  readonly problem: string | undefined;
}

/** RFC 3261 §8.1.1, less Max-Forwards, which RFC 2543 did not have. */
const MANDATORY = ['Via', 'From', 'To', 'Call-ID', 'CSeq'];

/** `flow` is given for requests: their top Via learns where it came from. */
export function readFields(
  lines: readonly ParsedHeader[],
  flow: Flow | undefined,
  limits: ParseLimits,
): Fields {
  const reader = new FieldReader(flow, limits);
  for (const line of lines) reader.read(line);
  return reader.finish();
}

class FieldReader {
  readonly #flow: Flow | undefined;
  readonly #limits: ParseLimits;
  readonly #headers: ParsedHeader[] = [];
  readonly #viaScans: ViaScan[] = [];
  readonly #contacts: ParsedNameAddr[] = [];
  /** First value of each header, lists still whole. */
  readonly #first = new Map<string, string>();
  #contactStar = false;
  #topViaIsBroken = false;
  #problem: string | undefined;

  constructor(flow: Flow | undefined, limits: ParseLimits) {
    this.#flow = flow;
    this.#limits = limits;
  }

  read({ name, value }: ParsedHeader): void {
    if (isSingleHeader(name) && this.#first.has(name)) this.#note(`${name} occurs more than once`);
    if (!this.#first.has(name)) this.#first.set(name, value);
    const problem = scalarProblem(name, value);
    if (problem !== undefined) this.#note(problem);
    if (isListHeader(name)) this.#readList(name, value);
    else this.#headers.push({ name, value });
  }

  finish(): Fields {
    const cseqText = this.#first.get('CSeq');
    const cseq = cseqText === undefined ? undefined : parseCSeq(cseqText);
    const from = this.#party('From');
    const to = this.#party('To');
    if (cseqText && cseq === undefined) this.#note('CSeq is not a number below 2**31 and a method');
    for (const name of MANDATORY) if (!this.#first.get(name)) this.#note(`${name} is missing`);
    // Without a readable top Via nobody can be answered, whatever stands below it.
    const answerable = this.#topViaIsBroken ? [] : this.#viaScans.slice(0, this.#limits.vias);
    return {
      vias: answerable.map((scan) => scan.text),
      from,
      to,
      callId: this.#first.get('Call-ID') || undefined,
      cseq,
      headers: this.#headers,
      viaScans: this.#viaScans,
      contacts: this.#contacts,
      contactStar: this.#contactStar,
      problem: this.#problem,
    };
  }

  #note(problem: string): void {
    this.#problem ??= problem;
  }

  #readList(name: string, value: string): void {
    const items = splitList(value, this.#limits.listItems);
    if (!items.ok) {
      this.#note(`${name} ${items.problem}`);
      return;
    }
    for (const item of items.value) {
      if (name === 'Via') this.#readVia(item);
      else if (name === 'Contact' || name === 'Route' || name === 'Record-Route')
        this.#readAddress(name, item);
      // `Allow: INVITE,,BYE` is seen and means nothing; `Supported:` alone is legal.
      else if (item !== '' || items.value.length === 1) this.#headers.push({ name, value: item });
    }
  }

  #readVia(item: string): void {
    const via = parseVia(item);
    const isTop = this.#viaScans.length === 0 && !this.#topViaIsBroken;
    if (!via.ok) {
      this.#topViaIsBroken ||= isTop;
      this.#note(`Via ${via.problem}`);
      return;
    }
    const scan = isTop && this.#flow !== undefined ? withSource(via.value, this.#flow) : via.value;
    this.#viaScans.push(scan);
    this.#headers.push({ name: 'Via', value: scan.text });
    if (scan.problem !== undefined) this.#note(`Via ${scan.problem}`);
    if (this.#viaScans.length > this.#limits.vias) this.#note('Via has too many elements');
  }

  #readAddress(name: 'Contact' | 'Route' | 'Record-Route', item: string): void {
    this.#headers.push({ name, value: item });
    if (name === 'Contact' && item === '*') {
      this.#contactStar = true;
      return;
    }
    const address = parseNameAddr(item);
    if (!address.ok) this.#note(`${name} ${address.problem}`);
    else if (name === 'Contact') {
      this.#contacts.push(address.value);
      if (isTooLong(address.value.params.get('expires')))
        this.#note('Contact has an expires above 2**32 - 1');
    }
  }

  #party(name: 'From' | 'To'): Party | undefined {
    const text = this.#first.get(name);
    if (!text) return undefined;
    const value = parseNameAddr(text);
    if (!value.ok) {
      this.#note(`${name} ${value.problem}`);
      return undefined;
    }
    const { params } = value.value;
    if (params.has('tag') && !isToken(params.get('tag') ?? '')) {
      this.#note(`${name} has a malformed tag`);
      return undefined;
    }
    return { text, value: value.value };
  }
}
