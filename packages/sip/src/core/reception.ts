import type { Log } from '@sordino/core';
import type { SipHeaders } from '@sordino/interception';
import { TransactionState } from 'sip.js/lib/core/index.js';
import type { Admission, Caller } from '../admission/admission.ts';
import type { MessageParser } from '../ingress/parse-message.ts';
import type { ParsedRequest, ParsedResponse, ParseLimits } from '../ingress/parse-result.ts';
import type { Leg } from '../legs/leg.ts';
import type { LegBook } from '../legs/leg-book.ts';
import { readNotification } from '../refer/notification.ts';
import type { Subscriptions } from '../refer/subscription.ts';
import { readOutgoing } from '../router/outgoing-message.ts';
import { routeResponse } from '../router/response-route.ts';
import type { Flow, SipAddress } from '../router/transport.ts';
import type { Edge } from './edge.ts';
import type { WayBack } from './edge-core.ts';
import { EdgeRequest, EdgeResponse } from './edge-message.ts';
import { headerLines } from './header-lines.ts';
import { ACCEPT_LINE, ALLOW_LINE, type Refusal, screen } from './screening.ts';
import { WireUri } from './wire-uri.ts';

export interface ReceptionOptions {
  readonly log: Log;
  /** Undefined: anybody may speak to us. */
  readonly admission: Admission | undefined;
  readonly parse: MessageParser;
  readonly parseLimits: ParseLimits;
  readonly edges: readonly Edge[];
  readonly book: LegBook | undefined;
  /** Legs whose BYE is out, by dialog id. */
  readonly mortal: ReadonlyMap<string, Leg>;
  /** Shortest session interval that is taken (RFC 4028 §5), s. */
  readonly minSeS: number;
  /** Extensions that the application takes, lower case. */
  readonly optionTags: readonly string[];
  readonly subscriptions: Subscriptions;
  readonly onOptions: () => { readonly status: 200 | 503; readonly headers?: SipHeaders };
}

/**
 * The way of a message from the socket to sip.js: parse, screen, find the owner. Whatever a peer sends, this returns; what
 * sip.js throws all the same is answered 500 and told to the log.
 */
export class Reception {
  readonly #options: ReceptionOptions;

  constructor(options: ReceptionOptions) {
    this.#options = options;
  }

  receive(raw: Uint8Array, flow: Flow, edge: Edge): void {
    const { log, parse, parseLimits, admission } = this.#options;
    const caller = admission?.hear(flow);
    if (caller === 'over_limit') return;
    if (caller === 'stranger') {
      // No answer whatever it says, not even that it says it wrong: a scanner must not learn that somebody is here.
      flow.close?.();
      return;
    }
    const result = parse(raw, flow, parseLimits);
    edge.traceIncoming(flow.remote, raw);
    switch (result.kind) {
      case 'drop':
        log.debug('SIP message dropped', { problem: result.problem, from: flow.remote.host });
        return;
      case 'refuse':
        if (caller?.platforms.length === 0) return;
        log.info('SIP request refused', {
          status: result.status,
          problem: result.problem,
          from: flow.remote.host,
        });
        this.#deliver(edge.answerOnce(result.answer, wayOfRefusal(result.answer, flow), undefined));
        return;
      case 'message':
        edge.received(result.message);
        this.#options.book?.heard(result.message);
        if (result.message.kind === 'request') this.#request(result.message, flow, edge, caller);
        else this.#response(result.message, edge, flow);
    }
  }

  #request(parsed: ParsedRequest, flow: Flow, edge: Edge, caller: Caller | undefined): void {
    const request = new EdgeRequest(parsed, flow);
    const { address, fallback } = request.wayBack;
    const back: WayBack = {
      ofTransaction: (message) => edge.answer(message, address, fallback),
      once: (message) => edge.answerOnce(message, address, fallback),
    };
    try {
      this.#dispatch(request, back, edge, caller);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#options.log.error('SIP request could not be served', { method: request.method, error: message });
      if (request.method !== 'ACK') edge.core.refuse(request, back, { status: 500 });
    }
  }

  #dispatch(request: EdgeRequest, back: WayBack, edge: Edge, caller: Caller | undefined): void {
    const { method } = request;
    const holder = this.#holderOf(request, edge);
    const owner = this.#options.edges.find((candidate) => candidate.core.dialogs.has(request.dialogId));
    const server = holder.core.servers.get(request.viaBranch);
    owner?.heard.note(request.dialogId, edge, request.flow);
    if (method === 'ACK' && owner !== undefined && server?.transaction.state === TransactionState.Accepted) {
      // RFC 3261 §13.2.2.4: the ACK of a 2xx has a branch of its own. Peers that use the INVITE's again mean the dialog.
      request.viaBranch += '|ACK';
      owner.core.serve(request, back);
    } else if (method === 'CANCEL' || server !== undefined) {
      holder.core.serve(request, back);
    } else if (method === 'ACK') {
      owner?.core.serve(request, back);
    } else if (request.toTag !== '' || this.#mayStart(request, back, edge, caller)) {
      const refusal = screen(request, this.#options.minSeS, this.#options.optionTags);
      if (refusal !== undefined) edge.core.refuse(request, back, refusal);
      else if (request.toTag === '') this.#outsideDialog(request, back, edge);
      else this.#inDialog(request, back, edge, owner);
    }
  }

  /** False: it has been answered, or is not to be. */
  #mayStart(request: EdgeRequest, back: WayBack, edge: Edge, caller: Caller | undefined): boolean {
    const { admission } = this.#options;
    if (admission === undefined || caller === undefined) return true;
    const verdict = admission.admit(request.parsed, request.flow, caller);
    if (verdict === 'silence') return false;
    if ('refusal' in verdict) {
      edge.core.refuse(request, back, verdict.refusal);
      return false;
    }
    request.admittedAs = verdict.platforms;
    return true;
  }

  #outsideDialog(request: EdgeRequest, back: WayBack, edge: Edge): void {
    const { core } = edge;
    switch (request.method) {
      case 'OPTIONS': {
        const { status, headers } = this.#options.onOptions();
        core.refuse(request, back, { status, lines: [ALLOW_LINE, ACCEPT_LINE, ...headerLines(headers)] });
        return;
      }
      case 'INVITE':
        if (core.servers.holdsOtherCopyOf(request)) core.refuse(request, back, { status: 482 });
        else core.serve(request, back);
        return;
      case 'REFER':
        // Understood, and declined: only a call that we are in can be referred.
        core.refuse(request, back, { status: 603 });
        return;
      default:
        // RFC 3261 §15.1.2, RFC 6086 §4.2, RFC 6665 §4.1.3: BYE, INFO and NOTIFY live in a dialog only.
        core.refuse(request, back, { status: 481 });
    }
  }

  #inDialog(request: EdgeRequest, back: WayBack, edge: Edge, owner: Edge | undefined): void {
    if (request.method === 'NOTIFY') {
      edge.core.refuse(request, back, this.#notify(request));
    } else if (owner === undefined) {
      const leg = this.#options.mortal.get(request.dialogId);
      if (leg !== undefined && request.method === 'BYE') {
        // RFC 5407 §3.1.6: two BYEs that cross are both answered 200.
        edge.core.refuse(request, back, { status: 200 });
        leg.byeCrossed();
      } else {
        edge.core.refuse(request, back, { status: 481 });
      }
    } else if (request.method === 'OPTIONS') {
      edge.core.refuse(request, back, { status: 200, lines: [ALLOW_LINE, ACCEPT_LINE] });
    } else {
      owner.core.serve(request, back);
    }
  }

  /** RFC 3515 §2.4.4. Idempotent, so that it needs no transaction. */
  #notify(request: EdgeRequest): Refusal {
    const news = readNotification({
      value: (name) => request.value(name),
      contentType: request.parsed.contentType,
      body: request.parsed.body,
    });
    if (!news.ok) return news.problem;
    const { callId, toTag, cseq, fromTag } = request;
    const found = this.#options.subscriptions.find(callId, toTag, news.value.referCSeq);
    return found.ok ? found.value.notified({ cseq, remoteTag: fromTag }, news.value) : found.problem;
  }

  #response(parsed: ParsedResponse, edge: Edge, flow: Flow): void {
    const key = `${parsed.vias[0]?.branch}${parsed.cseq.method}`;
    // A request that left by another listening point than its dialog's is answered there.
    const owner = this.#options.edges.find((candidate) => candidate.core.userAgentClients.has(key)) ?? edge;
    const target = owner.core.userAgentClients.get(key)?.message.ruri;
    try {
      const response = new EdgeResponse(parsed, target instanceof WireUri ? target : undefined);
      owner.heard.note(response.callId + response.fromTag + response.toTag, edge, flow);
      owner.core.receiveIncomingResponseFromTransport(response);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#options.log.error('SIP response could not be used', { status: parsed.status, error: message });
    }
  }

  /** The core that has this transaction: a repetition, an ACK or a CANCEL comes by the listening point of its request. */
  #holderOf(request: EdgeRequest, edge: Edge): Edge {
    return this.#options.edges.find((candidate) => candidate.core.servers.has(request.viaBranch)) ?? edge;
  }

  #deliver(sending: Promise<void>): void {
    sending.catch((error: unknown) => {
      this.#options.log.warn('SIP answer could not be sent', { error: String(error) });
    });
  }
}

/** RFC 3261 §18.2.2: over UDP to `rport`, else to the port of sent-by, which need not be the one that the request came from. */
function wayOfRefusal(answer: string, { protocol, remote }: Flow): SipAddress {
  const via = protocol === 'udp' ? readOutgoing(answer)?.topVia : undefined;
  return via === undefined ? remote : routeResponse(via).address;
}
