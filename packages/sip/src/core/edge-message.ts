import { IncomingRequestMessage, IncomingResponseMessage, NameAddrHeader } from 'sip.js/lib/core/index.js';
import { challengesOf } from '../admission/digest/challenge.ts';
import type { ParsedNameAddr, ParsedRequest, ParsedResponse } from '../ingress/parse-result.ts';
import { isSipScheme } from '../ingress/uri.ts';
import { DEFAULT_PORTS, DEFAULT_SIP_PORT, routeResponse } from '../router/response-route.ts';
import type { Flow, SipAddress } from '../router/transport.ts';
import { type SessionPart, sessionPart } from './session-body.ts';
import { BRANCH_COOKIE } from './tokens.ts';
import { WireUri } from './wire-uri.ts';

type SipJsMessage = IncomingRequestMessage | IncomingResponseMessage;

/** Where sip.js looks for what has to be answered. */
const CHALLENGE_HEADERS = {
  Authorization: 'WWW-Authenticate',
  'Proxy-Authorization': 'Proxy-Authenticate',
} as const;

/** Smaller typed arrays live on the garbage-collected heap, which copies them at will. */
const OFF_HEAP_BYTES = 256;

/**
 * Our parser's request in the shape that sip.js reads. Only the headers it needs are handed over, each already parsed, so
 * that its own grammar (125 us a line, and it deletes what it cannot read) never runs on a peer's text.
 */
export class EdgeRequest extends IncomingRequestMessage {
  readonly parsed: ParsedRequest;
  readonly flow: Flow;
  readonly part: SessionPart;
  override readonly ruri: WireUri;
  /** The platforms that the sender may be. Undefined: nobody asks. */
  admittedAs: readonly string[] | undefined;

  constructor(parsed: ParsedRequest, flow: Flow) {
    super();
    this.parsed = parsed;
    this.flow = flow;
    this.part = sessionPart(parsed.contentType, parsed.body);
    this.method = parsed.method;
    this.ruri = WireUri.asTarget(parsed.requestUri);
    this.viaBranch = serverKey(parsed);
    fill(this, parsed, this.part);
    for (const contact of parsed.contacts) putContact(this, contact);
    const standIn = parsed.contacts.length === 0 ? remoteContact(parsed) : undefined;
    if (standIn !== undefined) putContact(this, standIn);
  }

  get sdp(): string | undefined {
    return this.part.kind === 'sdp' ? this.part.sdp : undefined;
  }

  /** sip.js' key of the dialog that the request names. */
  get dialogId(): string {
    return this.callId + this.toTag + this.fromTag;
  }

  get contactUri(): WireUri | undefined {
    return contactOf(this);
  }

  /** RFC 3261 §18.2.2: on a stream the connection that the request came on, and when that is gone, sent-by. */
  get wayBack(): { readonly address: SipAddress; readonly fallback: SipAddress | undefined } {
    const { protocol, remote } = this.flow;
    const [via] = this.parsed.vias;
    if (via === undefined) return { address: remote, fallback: undefined };
    if (protocol === 'udp') return { address: routeResponse(via).address, fallback: undefined };
    // RFC 7118 §5.2.2: nobody listens at the sent-by of a WebSocket client.
    if (protocol === 'ws' || protocol === 'wss') return { address: remote, fallback: undefined };
    const sentByPort = via.port ?? DEFAULT_PORTS[protocol];
    const fallback =
      sentByPort === remote.port ? undefined : { host: remote.host, port: sentByPort, name: via.host };
    return { address: remote, fallback };
  }

  /**
   * The body of an INFO, once: it can hold a key press, and the transaction keeps this request for 32 s. So the octets here
   * are zeroed, and the copy lies outside the garbage-collected heap, where its taker can zero it too.
   */
  takeBody(): Uint8Array {
    const { body } = this.parsed;
    const copy = new Uint8Array(Math.max(body.length, OFF_HEAP_BYTES)).subarray(0, body.length);
    copy.set(body);
    body.fill(0);
    return copy;
  }

  value(name: string): string | undefined {
    return firstValue(this.parsed, name);
  }

  values(name: string): string[] {
    return this.parsed.headers.filter((header) => header.name === name).map((header) => header.value);
  }

  /** Whether a list header (Require, Supported, Allow) has this token. */
  has(name: string, token: string): boolean {
    return hasToken(this.parsed, name, token);
  }
}

export class EdgeResponse extends IncomingResponseMessage {
  readonly parsed: ParsedResponse;
  readonly part: SessionPart;
  /** RFC 3262 §4: number of a provisional response that wants a PRACK. */
  readonly rseq: number | undefined;

  /** `requestTarget` stands in for a Contact that the peer left out or that is no `sip:` URI. */
  constructor(parsed: ParsedResponse, requestTarget: WireUri | undefined) {
    super();
    this.parsed = parsed;
    this.part = sessionPart(parsed.contentType, parsed.body);
    this.method = parsed.cseq.method;
    this.statusCode = parsed.status;
    this.reasonPhrase = parsed.reason;
    this.viaBranch = parsed.vias[0]?.branch ?? '';
    fill(this, parsed, this.part);
    const asked = challengesOf(parsed.status, parsed.headers);
    // All of them as one: sip.js looks at the last header only, and knows MD5 only.
    if (asked !== undefined) put(this, CHALLENGE_HEADERS[asked.header], '', asked);
    const contact = parsed.contacts[0];
    if (contact !== undefined && isSipScheme(contact.uri.scheme)) putContact(this, contact);
    // A 1xx or 2xx without Contact is against RFC 3261 §12.1.1 and common; sip.js drops it, and the call hangs.
    else if (requestTarget !== undefined) put(this, 'Contact', '', new NameAddrHeader(requestTarget, '', {}));
    this.rseq = reliableNumber(parsed);
    if (this.rseq !== undefined) {
      // sip.js keeps the order of reliable provisional responses by these two.
      put(this, 'Require', '100rel', undefined);
      put(this, 'RSeq', String(this.rseq), undefined);
    }
  }

  get sdp(): string | undefined {
    return this.part.kind === 'sdp' ? this.part.sdp : undefined;
  }

  get contactUri(): WireUri | undefined {
    return contactOf(this);
  }

  value(name: string): string | undefined {
    return firstValue(this.parsed, name);
  }

  has(name: string, token: string): boolean {
    return hasToken(this.parsed, name, token);
  }

  /** What the peer said of why: its Reason (RFC 3326), else the reason phrase. */
  get explanation(): string {
    return this.value('Reason') ?? this.parsed.reason;
  }
}

function contactOf(message: SipJsMessage): WireUri | undefined {
  const uri: unknown = message.parseHeader('contact')?.uri;
  return uri instanceof WireUri ? uri : undefined;
}

const firstValue = ({ headers }: ParsedRequest | ParsedResponse, name: string): string | undefined =>
  headers.find((header) => header.name === name)?.value;

function reliableNumber(parsed: ParsedResponse): number | undefined {
  if (parsed.status <= 100 || parsed.status >= 200 || !hasToken(parsed, 'Require', '100rel'))
    return undefined;
  const rseq = firstValue(parsed, 'RSeq');
  return rseq !== undefined && /^\d{1,10}$/.test(rseq) ? Number(rseq) : undefined;
}

/** Option tags and methods are tokens; peers that write `Timer` mean `timer`. */
const hasToken = ({ headers }: ParsedRequest | ParsedResponse, name: string, token: string): boolean =>
  headers.some((header) => header.name === name && header.value.toLowerCase() === token.toLowerCase());

/** Where the dialog of an INVITE goes. RFC 2543 §6.13 wants no Contact: without one its From is called back. */
export function remoteContact({ contacts, vias, from, method }: ParsedRequest): ParsedNameAddr | undefined {
  const [contact] = contacts;
  const isOld = method === 'INVITE' && vias[0]?.branch?.startsWith(BRANCH_COOKIE) !== true;
  return contact ?? (isOld ? from : undefined);
}

/**
 * RFC 3261 §17.2.3: branch, sent-by and method (an ACK or CANCEL has that of its INVITE); sip.js compares the branch only.
 * Without the cookie the request is of RFC 2543, which had other rules: all the fields that a repetition would share.
 */
function serverKey(parsed: ParsedRequest): string {
  const via = parsed.vias[0];
  const method = parsed.method === 'ACK' || parsed.method === 'CANCEL' ? 'INVITE' : parsed.method;
  const sentBy = `${via?.host}:${via?.port ?? DEFAULT_SIP_PORT}`.toLowerCase();
  if (via?.branch?.startsWith(BRANCH_COOKIE) === true) return `${via.branch}|${sentBy}|${method}`;
  const { callId, cseq, from, requestUri } = parsed;
  return `2543|${callId}|${cseq.number}|${from.params.get('tag')}|${requestUri.text}|${sentBy}|${method}`;
}

function fill(message: SipJsMessage, parsed: ParsedRequest | ParsedResponse, part: SessionPart): void {
  message.callId = parsed.callId;
  message.cseq = parsed.cseq.number;
  message.from = nameAddr(parsed.from);
  message.fromTag = parsed.from.params.get('tag') ?? '';
  message.to = nameAddr(parsed.to);
  message.toTag = parsed.to.params.get('tag') ?? '';
  for (const { name, value } of parsed.headers) {
    if (name === 'Via' || name === 'Record-Route') put(message, name, value, undefined);
    else if (name === 'From') put(message, name, value, message.from);
    else if (name === 'To') put(message, name, value, message.to);
  }
  if (part.kind === 'sdp') {
    message.body = part.sdp;
    put(message, 'Content-Type', 'application/sdp', 'application/sdp');
    put(message, 'Content-Disposition', 'session', { type: 'session' });
  }
}

function put(message: SipJsMessage, name: string, raw: string, parsed: unknown): void {
  const values = message.headers[name] ?? [];
  values.push(parsed === undefined ? { raw } : { raw, parsed });
  message.headers[name] = values;
}

const putContact = (message: SipJsMessage, contact: ParsedNameAddr): void =>
  put(message, 'Contact', contact.uri.text, new NameAddrHeader(WireUri.asTarget(contact.uri), '', {}));

function nameAddr(parsed: ParsedNameAddr): NameAddrHeader {
  const tag = parsed.params.get('tag');
  return new NameAddrHeader(WireUri.asWritten(parsed.uri), '', tag === undefined ? {} : { tag });
}
