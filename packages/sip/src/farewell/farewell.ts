import type { Log, Scheduler } from '@sordino/core';
import type { Edge } from '../core/edge.ts';
import { type NextHop, nextHopOf } from '../core/next-hop.ts';
import { chooseEdge } from '../core/sending.ts';
import { TimerSet } from '../core/timer-set.ts';
import { parseSipMessage } from '../ingress/parse-message.ts';
import type { ParsedRequest, ParsedResponse } from '../ingress/parse-result.ts';
import { parseVia } from '../ingress/via.ts';
import { DEFAULT_PORTS, routeResponse } from '../router/response-route.ts';
import type { Flow, SipAddress } from '../router/transport.ts';
import { givingBackOf, readNotify } from './giving-back.ts';
import { answerTo, refusalOf } from './messages.ts';
import { openEdges } from './open-edges.ts';
import { Parting, type PartingPorts } from './parting.ts';
import type { StoredDialogs } from './read-dialog-file.ts';
import { isLeg5, type StoredLeg } from './stored-leg.ts';

/** The platform closes leg 7 itself when it has taken the customer back, which takes it some hundred milliseconds. */
const LEG7_GRACE_MS = 1_000;

/** Nobody tells of our REFER although the platform has closed leg 7: a final NOTIFY comes within some hundred milliseconds too. */
const NOTIFY_GRACE_MS = 1_000;

/** Leg 5 may never be answered, or never be taken back; nobody waits longer for it in silence. */
const WAIT_MAX_MS = 3_000;

/** Who has not answered four repetitions by then is not there; and the next process wants its ports. */
const FAREWELL_LIMIT_MS = 5_000;

export interface FarewellOptions {
  readonly dialogs: StoredDialogs;
  readonly scheduler: Scheduler;
  readonly log: Log;
  /** Default 5 s. */
  readonly limitMs?: number;
  /** From any free port: those of the dead process are in use again. */
  readonly elsewhere?: boolean;
}

export interface FarewellReport {
  /** `SipLegLabel.call` of each call whose leg 5 is over and which goes on without us. */
  readonly handedBack: readonly string[];
  /** Nobody answered for these. */
  readonly unanswered: readonly StoredLeg[];
}

/**
 * Ends, in place of a process that is dead, every leg that it had: 503 to an INVITE that waits, CANCEL of our own, BYE in each dialog,
 * leg 5 before leg 7. Where it had taken the customer itself, a BYE alone would end the call: REFER with Replaces comes before it. Sent
 * from the ports of the dead process, for there its peers' answers go. Whatever they send, this returns.
 */
export async function sayFarewell(options: FarewellOptions): Promise<FarewellReport> {
  const { endpoint, legs } = options.dialogs;
  if (endpoint === undefined || legs.length === 0) return { handedBack: [], unanswered: [] };
  const timers = new TimerSet(options.scheduler);
  const received: { by?: Farewell } = {};
  const edges = await openEdges(endpoint, {
    anyPort: options.elsewhere === true,
    scheduler: timers,
    log: options.log,
    onMessage: (raw, flow, edge) => received.by?.receive(raw, flow, edge),
  });
  try {
    const farewell = new Farewell(legs, edges, timers, options.log);
    received.by = farewell;
    return await farewell.say(options.limitMs ?? FAREWELL_LIMIT_MS);
  } finally {
    timers.clear();
    for (const edge of edges.values()) edge.repetitions?.stop();
    await Promise.all([...edges.values()].map((edge) => edge.transport.close()));
  }
}

class Farewell {
  /** By place in `StoredEndpoint.listen`. */
  readonly #edges: ReadonlyMap<number, Edge>;
  readonly #timers: TimerSet;
  readonly #log: Log;
  readonly #partings: readonly Parting[];
  /** Who waits for the answer to a request of ours, by branch and method. */
  readonly #asked = new Map<string, (response: ParsedResponse) => void>();
  /** Strangers get no answer from us: whether they may call is not for us to say. */
  readonly #peers: ReadonlySet<string>;
  #allGone: () => void = () => {};

  constructor(legs: readonly StoredLeg[], edges: ReadonlyMap<number, Edge>, timers: TimerSet, log: Log) {
    this.#edges = edges;
    this.#timers = timers;
    this.#log = log;
    this.#peers = new Set(legs.map(({ address }) => address.host));
    this.#partings = legs.map((leg) => this.#partingOf(leg, legs));
  }

  async say(limitMs: number): Promise<FarewellReport> {
    const over = new Promise<void>((resolve) => {
      this.#allGone = resolve;
      this.#timers.after(limitMs, resolve);
    });
    this.#timers.after(WAIT_MAX_MS, () => {
      for (const parting of this.#partings) parting.due();
    });
    // Leg 5 first: it is what brings the customer back.
    const legs5 = this.#partings.filter(({ leg }) => isLeg5(leg));
    for (const parting of legs5) parting.begin();
    for (const parting of this.#partings) if (!legs5.includes(parting)) parting.begin();
    this.#timers.after(LEG7_GRACE_MS, () => this.#closeLeg7sWithout5());
    await over;
    return {
      handedBack: [...new Set(legs5.flatMap(callThatIsBack))],
      unanswered: this.#partings.filter(({ state }) => state !== 'gone').map(({ leg }) => leg),
    };
  }

  receive(raw: Uint8Array, flow: Flow, edge: Edge): void {
    const result = parseSipMessage(raw, flow);
    if (result.kind !== 'message') return;
    edge.repetitions?.received(result.message);
    if (result.message.kind === 'request') this.#request(result.message, flow, edge);
    else {
      const { vias, cseq } = result.message;
      this.#asked.get(`${vias[0]?.branch}|${cseq.method}`)?.(result.message);
    }
  }

  #partingOf(leg: StoredLeg, all: readonly StoredLeg[]): Parting {
    const ports: PartingPorts = {
      viaOf: (of) => {
        const edge = this.#edgeOf(of);
        return `${edge?.transport.protocol.toUpperCase()} ${edge?.sentBy}`;
      },
      contactOf: (of) => {
        const edge = this.#edgeOf(of);
        const transport = edge?.transport.protocol === 'udp' ? '' : `;transport=${edge?.uriTransport}`;
        return `sip:sordino@${edge?.sentBy}${transport}`;
      },
      inDialog: (of, { text, branch, method }, answered) => {
        if (answered !== undefined) this.#asked.set(`${branch}|${method}`, answered);
        this.#sendInDialog(of, text);
      },
      likeInvite: (of, text) => this.#deliver(this.#edges.get(of.point)?.send(text, of.address)),
      answer: (of, text) => this.#answer(of, text),
      notTakenBack: ({ label }, why) =>
        this.#log.error('a customer whom a dead service had taken was not taken back: the call is ended', {
          session: label?.call ?? null,
          why,
        }),
      gone: (of) => this.#gone(of),
    };
    const parting = new Parting(leg, ports, givingBackOf(leg, all));
    const branch = leg.role === 'uac' ? branchOf(leg.vias[0]) : undefined;
    if (branch !== undefined) {
      this.#asked.set(`${branch}|INVITE`, (response) => parting.inviteAnswered(response));
      this.#asked.set(`${branch}|CANCEL`, (response) => parting.cancelAnswered(response));
    }
    return parting;
  }

  #request(request: ParsedRequest, flow: Flow, edge: Edge): void {
    const { method, callId, to, from } = request;
    const toTag = to.params.get('tag') ?? '';
    const fromTag = from.params.get('tag') ?? '';
    const parting = this.#partings.find(
      ({ leg }) =>
        leg.callId === callId && (toTag === '' ? leg.remoteTag === fromTag : leg.localTag === toTag),
    );
    // Who knows Call-ID and tag of a dialog is in it, from wherever it speaks: a NOTIFY need not come from where the INVITE went.
    if (parting === undefined && !this.#peers.has(flow.remote.host)) return;
    if (method === 'ACK') {
      // The ACK of a 2xx has a branch of its own: that one says that the dialog is there, and the BYE goes on.
      if (parting !== undefined && branchOf(parting.leg.vias[0]) === request.vias[0]?.branch)
        parting.acknowledged();
      return;
    }
    const answer = (text: string): Promise<void> =>
      this.#deliver(edge.answerOnce(text, wayBack(request, flow), undefined));
    if (parting === undefined) {
      // Somebody else's new INVITE or OPTIONS: in a moment. A dialog that we know nothing of is gone.
      answer(answerTo(request, toTag === '' && method !== 'CANCEL' ? UNAVAILABLE : GONE));
    } else if (method === 'BYE' || method === 'CANCEL') {
      answer(answerTo(request, '200 OK'));
      if (method === 'BYE') this.#hungUp(parting);
    } else if (method === 'NOTIFY' && parting.leg.label?.giveBackTo !== undefined) {
      // The BYE that a final NOTIFY sets off must not overtake its answer.
      const notify = readNotify(request);
      void answer(notify.answer).then(() => notify.news && parting.notified(notify.news));
    } else if (method === 'INVITE' && toTag === '') {
      answer(refusalOf(parting.leg));
    } else {
      // RFC 3261 §14.2: the session stays as it was, until the BYE that is on its way.
      answer(answerTo(request, UNAVAILABLE));
    }
  }

  #hungUp(parting: Parting): void {
    parting.hungUp();
    if (isLeg5(parting.leg)) return;
    const call = parting.leg.label?.call;
    const leg5 = this.#partings.find(({ leg }) => isLeg5(leg) && leg.label?.call === call);
    leg5?.leg7Closed();
    this.#timers.after(NOTIFY_GRACE_MS, () => leg5?.settled());
  }

  #gone(leg: StoredLeg): void {
    if (isLeg5(leg)) this.#timers.after(LEG7_GRACE_MS, () => this.#closeLeg7sWithout5());
    if (this.#partings.every(({ state }) => state === 'gone')) this.#allGone();
  }

  /** Leg 7 goes when leg 5 is gone, or was not there any more. */
  #closeLeg7sWithout5(): void {
    const waiting = new Set(
      this.#partings
        .filter(({ leg, state }) => isLeg5(leg) && state !== 'gone')
        .map(({ leg }) => leg.label?.call),
    );
    for (const parting of this.#partings) {
      if (parting.state === 'lingering' && !waiting.has(parting.leg.label?.call)) parting.due();
    }
  }

  #sendInDialog(leg: StoredLeg, text: string): void {
    const edge = this.#edgeOf(leg);
    const hop = hopOf(leg);
    if (edge === undefined) return;
    const port = hop?.port ?? DEFAULT_PORTS[edge.transport.protocol];
    const sending =
      hop === undefined
        ? Promise.reject(new Error('no next hop'))
        : edge.send(text, { host: hop.host, port, name: hop.host });
    // A name that nobody can resolve now, or an address that the peer has left: where it last spoke to us from.
    this.#deliver(sending.catch(() => edge.send(text, leg.address)));
  }

  /** As the dead process chose it. */
  #edgeOf(leg: StoredLeg): Edge | undefined {
    const own = this.#edges.get(leg.point);
    const hop = hopOf(leg);
    return (hop && chooseEdge([...this.#edges.values()], hop, own)) ?? own;
  }

  #answer(leg: StoredLeg, text: string): void {
    const edge = this.#edges.get(leg.point);
    const via = parseVia(leg.vias[0] ?? '');
    if (edge === undefined || !via.ok) return;
    const { address, fallback } = routeResponse(via.value.via);
    // RFC 3261 §18.2.2: the connection that the INVITE came on has died with the process; on a stream it is the port of sent-by.
    this.#deliver(edge.answer(text, fallback ?? address, undefined));
  }

  /** Resolves when it has left, or cannot leave. */
  async #deliver(sending: Promise<void> | undefined): Promise<void> {
    try {
      await sending;
    } catch (error) {
      this.#log.warn('a farewell could not be sent', {
        error: error instanceof Error ? error.message : 'unknown',
      });
    }
  }
}

const hopOf = ({ target, routes }: StoredLeg): NextHop | undefined =>
  nextHopOf(`BYE ${target} SIP/2.0\r\n${routes.map((route) => `Route: ${route}\r\n`).join('')}\r\n`);

const callThatIsBack = ({ leg: { label }, isBack }: Parting): string[] =>
  isBack && label !== null ? [label.call] : [];

const UNAVAILABLE = '503 Service Unavailable';
const GONE = '481 Call/Transaction Does Not Exist';

function branchOf(via: string | undefined): string | undefined {
  const parsed = parseVia(via ?? '');
  return parsed.ok ? parsed.value.via.branch : undefined;
}

function wayBack({ vias }: ParsedRequest, flow: Flow): SipAddress {
  const [via] = vias;
  return via === undefined || flow.protocol !== 'udp' ? flow.remote : routeResponse(via).address;
}
