import {
  type Grammar,
  type IncomingMessage,
  IncomingRequestMessage,
  IncomingResponseMessage,
  LoggerFactory,
  type NameAddrHeader,
  Parser,
} from 'sip.js/lib/core/index.js';
import type { MessageParser } from './parse-message.ts';
import type { ParsedHeader, ParsedNameAddr, ParsedUri, ParsedVia } from './parse-result.ts';

type SipJsUri = NonNullable<ReturnType<typeof Grammar.URIParse>>;

const utf8 = new TextDecoder();
const encoder = new TextEncoder();
const loggers = new LoggerFactory();
loggers.builtinEnabled = false;
const logger = loggers.getLogger('sip.parser');

/**
 * sip.js' own parser, untouched, in the place of ours: what the benchmark measures ours against, and nothing else. It must never
 * face a network: it checks little, and some messages make it throw.
 */
export const parseWithSipJs: MessageParser = (raw) => {
  const message = Parser.parseMessage(utf8.decode(raw), logger);
  if (message === undefined) return { kind: 'drop', problem: 'sip.js cannot read it' };
  const headers = Object.entries(message.headers).flatMap(([name, values]) =>
    values.map((value): ParsedHeader => ({ name, value: value.raw })),
  );
  const common = {
    headers,
    vias: [viaOf(message)],
    from: nameAddr(message.from),
    to: nameAddr(message.to),
    callId: message.callId,
    contacts: (message.headers.Contact ?? []).map(({ parsed }) => nameAddr(parsed as NameAddrHeader)),
    body: encoder.encode(message.body),
    contentType: message.getHeader('content-type'),
  };
  const { method } = message;
  if (message instanceof IncomingRequestMessage && message.ruri !== undefined) {
    const cseq = { number: message.cseq, method };
    return {
      kind: 'message',
      message: { kind: 'request', method, requestUri: uriOf(message.ruri), cseq, ...common },
    };
  }
  if (message instanceof IncomingResponseMessage && message.statusCode !== undefined) {
    const cseq = { number: message.cseq, method };
    const { statusCode: status, reasonPhrase: reason = '' } = message;
    return { kind: 'message', message: { kind: 'response', status, reason, cseq, ...common } };
  }
  return { kind: 'drop', problem: 'sip.js cannot read its first line' };
};

function viaOf({ via }: IncomingMessage): ParsedVia {
  const read = via as unknown as { transport: string; host: string; port?: number; branch?: string };
  return {
    transport: read.transport,
    host: read.host,
    port: read.port,
    branch: read.branch,
    params: new Map(),
  };
}

function nameAddr(address: NameAddrHeader): ParsedNameAddr {
  const tag: unknown = address.getParam('tag');
  return {
    displayName: address.displayName,
    uri: uriOf(address.uri),
    params: typeof tag === 'string' ? new Map([['tag', tag]]) : new Map(),
  };
}

const uriOf = (uri: SipJsUri): ParsedUri => ({
  scheme: uri.scheme,
  rawUser: uri.user,
  host: uri.host,
  port: uri.port,
  params: new Map(),
  text: uri.toString(),
});
