import {
  type IncomingRequestMessage,
  type IncomingResponseMessage,
  type InviteUserAgentServer,
  LoggerFactory,
  type OutgoingRequestMessage,
  ReInviteUserAgentServer,
  type ResponseOptions,
  type Transport,
  UserAgentCore,
} from 'sip.js/lib/core/index.js';
import type { Authorizations } from '../admission/digest/authorizations.ts';
import type { Asked } from '../admission/digest/call-credentials.ts';
import type { ChallengeSet } from '../admission/digest/challenge.ts';
import type { ParsedResponse } from '../ingress/parse-result.ts';
import type { SipProtocol } from '../router/transport.ts';
import { serveBeside, takeAsAcknowledged } from './dialog-requests.ts';
import { type EdgeRequest, EdgeResponse } from './edge-message.ts';
import { countInDialog, sipJsAuthentication } from './library-internals.ts';
import { OPTION_TAGS, type Refusal } from './screening.ts';
import { ServerTransactions } from './server-transactions.ts';
import type { SessionIdentity } from './session-identity.ts';
import { statelessTag } from './tokens.ts';
import { WireUri } from './wire-uri.ts';

/** Sends one message and rejects when it cannot; never throws (C10). */
export type Send = (message: string) => Promise<void>;

/** How the responses to one request leave. */
export interface WayBack {
  /** Of a transaction: over UDP a refused INVITE is repeated until its ACK. */
  readonly ofTransaction: Send;
  /** RFC 3261 §8.2.7: an answer without a transaction is never repeated, or a forged source would be sent ten of each. */
  readonly once: Send;
}

/** What the responses of one transaction need; `last`: what went out, and the line that was added to it. */
interface Reply {
  readonly send: Send;
  readonly callId: string;
  last?: { readonly response: string; readonly line: string | undefined };
}

/** `request`: how requests of one transaction leave. */
interface EdgeTransport extends Transport {
  readonly request: Send;
}

export interface EdgeCoreOptions {
  /** Who we are in each call, when a peer asks. */
  readonly authorizations: Authorizations;
  readonly protocol: SipProtocol;
  /** As in a URI. */
  readonly uriTransport: string;
  /** `host:port` that peers reach us at: Via sent-by and Contact. */
  readonly sentBy: string;
  readonly contactUser: string;
  readonly userAgent: string;
  /** Requests of ours, routed by their Route or Request-URI. */
  readonly sendRequest: Send;
  readonly onInvite: (uas: InviteUserAgentServer, request: EdgeRequest) => void;
}

/** sip.js' core of one listening point: its transactions and dialogs, with our ingress in front and our router behind. */
export class EdgeCore extends UserAgentCore {
  readonly protocol: SipProtocol;
  /** `sip:user@host:port;transport=tcp` */
  readonly contactUri: string;
  readonly servers: ServerTransactions;
  /** Session-ID (RFC 7989) of each leg, by Call-ID: written into all of its messages, learnt from all of the peer's. */
  readonly identities = new Map<string, SessionIdentity>();
  readonly #authorizations: Authorizations;
  readonly #sendRequest: Send;
  #wayOut: Send | undefined;
  /** Set while a request is being served: its transaction keeps the way back that it came by. */
  #reply: Reply | undefined;

  constructor(options: EdgeCoreOptions) {
    /*
     * Under TLS too a `sip:` URI, with `;transport=tls`. RFC 5630 §3.1.3: a sips Contact promises TLS on every hop to the user,
     * which we cannot answer for beyond the platform; and many platforms refuse sips while all know transport=tls, which
     * RFC 3261 §26.2.2 deprecates.
     */
    const transport = options.protocol === 'udp' ? '' : `;transport=${options.uriTransport}`;
    const contactUri = `sip:${options.contactUser}@${options.sentBy}${transport}`;
    const contact = WireUri.parse(contactUri);
    if (contact === undefined) {
      throw new TypeError(`${contactUri} is no usable Contact: check advertisedHost and fixedContactUser`);
    }
    const loggerFactory = new LoggerFactory();
    // sip.js would print to the console, and its lines hold Call-IDs and header values: nothing of it is kept.
    loggerFactory.builtinEnabled = false;
    super({
      aor: contact,
      contact: { pubGruu: undefined, tempGruu: undefined, uri: contact, toString: () => `<${contactUri}>` },
      displayName: '',
      loggerFactory,
      hackViaTcp: false,
      routeSet: [],
      sipjsId: '',
      supportedOptionTags: [...OPTION_TAGS],
      supportedOptionTagsResponse: [...OPTION_TAGS],
      userAgentHeaderFieldValue: options.userAgent,
      viaForceRport: true,
      viaHost: options.sentBy,
      authenticationFactory: () => sipJsAuthentication((message, asked) => this.#authorize(message, asked)),
      transportAccessor: () => undefined,
    });
    this.#authorizations = options.authorizations;
    this.protocol = options.protocol;
    this.contactUri = contactUri;
    this.#sendRequest = options.sendRequest;
    this.servers = new ServerTransactions();
    this.userAgentServers = this.servers;
    this.delegate = {
      onInvite: (uas) => {
        const server = uas as InviteUserAgentServer;
        options.onInvite(server, server.message as EdgeRequest);
      },
    };
  }

  get contactLine(): string {
    return `Contact: <${this.contactUri}>`;
  }

  /** Each transaction takes its own when it begins: its way back, and its way out. */
  override get transport(): EdgeTransport {
    const reply = this.#reply;
    const sendRequest = this.#wayOut ?? this.#sendRequest;
    return {
      protocol: this.protocol.toUpperCase(),
      request: sendRequest,
      send: (message) => {
        if (message.startsWith('SIP/2.0 ') && reply !== undefined) {
          return reply.send(this.#identified(message, reply));
        }
        return message.startsWith('CANCEL ') ? this.#wayOfInvite(message)(message) : sendRequest(message);
      },
    };
  }

  /** Transactions that `run` begins go out by `send`, with all that belongs to them: the address was chosen for them. */
  sendingBy<Result>(send: Send, run: () => Result): Result {
    this.#wayOut = send;
    try {
      return run();
    } finally {
      this.#wayOut = undefined;
    }
  }

  /** RFC 3261 §9.1: a CANCEL goes where its INVITE went, and has its branch. */
  #wayOfInvite(cancel: string): Send {
    const branch = /;branch=([^;\r\n]+)/.exec(cancel)?.[1];
    return this.#wayOf(`${branch}INVITE`) ?? this.#sendRequest;
  }

  #wayOf(client: string): Send | undefined {
    const transport = this.userAgentClients.get(client)?.transaction.transport;
    return (transport as EdgeTransport | undefined)?.request;
  }

  override makeOutgoingRequestMessage(
    ...[method, target, from, to, options, extraHeaders, body]: Parameters<
      UserAgentCore['makeOutgoingRequestMessage']
    >
  ): OutgoingRequestMessage {
    const line = this.identities.get(options.callId ?? '')?.line;
    const lines = line === undefined ? extraHeaders : [...(extraHeaders ?? []), line];
    const message = super.makeOutgoingRequestMessage(method, target, from, to, options, lines, body);
    const credentials = this.#authorizations.of(message.callId)?.unasked(askedOf(message));
    if (credentials !== undefined) message.setHeader(credentials.header, credentials.value);
    return message;
  }

  override receiveIncomingResponseFromTransport(response: IncomingResponseMessage): void {
    if (response instanceof EdgeResponse) {
      this.identities.get(response.callId)?.learn(response.value('Session-ID'));
      this.#learn(response.parsed);
    }
    // A challenged request is sent again by sip.js, within this: where it was challenged (RFC 3261 §8.1.3.5).
    const { statusCode, viaBranch, method } = response;
    const challenged = statusCode === 401 || statusCode === 407;
    const way = challenged ? this.#wayOf(`${viaBranch}${method}`) : undefined;
    if (way === undefined) super.receiveIncomingResponseFromTransport(response);
    else this.sendingBy(way, () => super.receiveIncomingResponseFromTransport(response));
  }

  /** Gives a screened request to sip.js. `back` takes the responses of the transaction that it starts, if it starts one. */
  serve(request: EdgeRequest, back: WayBack): void {
    // sip.js answers 404 to any user part but its own; ours are one-time tokens.
    this.configuration.aor = request.ruri;
    const server = this.servers.get(request.viaBranch);
    this.identities.get(request.callId)?.learn(request.value('Session-ID'));
    this.#withReply(back.ofTransaction, request.callId, () => {
      if (serveBeside(this, request)) return;
      if (request.method === 'INVITE' && request.toTag !== '') takeAsAcknowledged(this, request);
      this.receiveIncomingRequestFromTransport(request);
    });
    // sip.js answers the CANCEL of a re-INVITE and then forgets to tell anyone.
    if (request.method === 'CANCEL' && server instanceof ReInviteUserAgentServer)
      server.receiveCancel(request);
  }

  /** A final answer without a transaction (RFC 3261 §8.2.7). */
  refuse(request: EdgeRequest, back: WayBack, refusal: Refusal): void {
    const options: ResponseOptions = {
      statusCode: refusal.status,
      toTag: statelessTag(request.viaBranch),
      extraHeaders: [...(refusal.lines ?? [])],
    };
    if (refusal.reason !== undefined) options.reasonPhrase = refusal.reason;
    this.#withReply(back.once, request.callId, () => this.replyStateless(request, options));
  }

  override replyStateless(
    message: IncomingRequestMessage,
    options: ResponseOptions,
  ): ReturnType<UserAgentCore['replyStateless']> {
    return super.replyStateless(message, {
      ...options,
      toTag: options.toTag ?? statelessTag(message.viaBranch),
    });
  }

  /** A request of ours was challenged. Undefined: it stays refused. */
  #authorize(message: OutgoingRequestMessage, asked: ChallengeSet): string | undefined {
    const refused = message.getHeader(asked.header);
    const credentials = this.#authorizations.of(message.callId)?.answer(asked, askedOf(message), refused);
    if (credentials !== undefined) countInDialog(this, message);
    return credentials?.value;
  }

  /** RFC 7616 §3.5: the nonce for the next request may come with the answer to this one. */
  #learn({ callId, headers }: ParsedResponse): void {
    const credentials = this.#authorizations.of(callId);
    if (credentials === undefined) return;
    for (const { name, value } of headers) {
      if (name === 'Authentication-Info' || name === 'Proxy-Authentication-Info') credentials.learn(value);
    }
  }

  /** Sizes of sip.js' maps: all 0 when nothing is going on. */
  sizes(): { clients: number; servers: number; dialogs: number } {
    return {
      clients: this.userAgentClients.size,
      servers: this.userAgentServers.size,
      dialogs: this.dialogs.size,
    };
  }

  /** One line more, behind the status line. RFC 3261 §17.2.1: a response that is repeated is the same, though its leg may be gone by then. */
  #identified(response: string, reply: Reply): string {
    if (reply.last?.response !== response)
      reply.last = { response, line: this.identities.get(reply.callId)?.line };
    const { line } = reply.last;
    return line === undefined ? response : response.replace('\r\n', `\r\n${line}\r\n`);
  }

  #withReply(send: Send, callId: string, run: () => void): void {
    const outer = this.#reply;
    this.#reply = { send, callId };
    try {
      run();
    } finally {
      this.#reply = outer;
    }
  }
}

const askedOf = ({ method, ruri, body }: OutgoingRequestMessage): Asked => ({
  method,
  uri: ruri.toRaw(),
  body: typeof body === 'string' ? body : (body?.body ?? ''),
});
