import type { EventEnvelope, EventType, LegMedia, PlatformObject } from '@sordino/core';
import type { CallSeen } from './conformance-call.ts';
import type { WireMessage } from './wire-record.ts';

/** What the rules look at. */
export interface Seen {
  readonly platform: PlatformObject;
  readonly call: CallView;
  /** A call whose INVITE 5 was left without a final answer; only with `--slow`. */
  readonly held: CallView | undefined;
  /** A call in which our media stopped; only with `--slow`. */
  readonly silent: CallView | undefined;
  readonly holdMs: number;
  readonly lossMs: number;
  /** When our media stopped, Unix ms. */
  readonly silentSinceMs: number | undefined;
}

/** One call, asked in the words of its legs. */
export class CallView {
  readonly seen: CallSeen;
  readonly #leg5: readonly WireMessage[];
  readonly #leg7: readonly WireMessage[];

  constructor(seen: CallSeen) {
    this.seen = seen;
    const of = (role: string): readonly WireMessage[] => {
      const callId = seen.legs.find((leg) => leg.role === role)?.sip?.call_id;
      return callId === undefined ? [] : seen.wire.filter((message) => message.callId === callId);
    };
    this.#leg5 = of('leg5_in');
    this.#leg7 = of('leg7_out');
  }

  /** The INVITE that was matched to the session. */
  get invite5(): WireMessage | undefined {
    return this.#leg5.find(isRequest('in', 'INVITE'));
  }

  get invite7(): WireMessage | undefined {
    return this.#leg7.find(isRequest('out', 'INVITE'));
  }

  /** The platform's final answer to INVITE 7. */
  get answer7(): WireMessage | undefined {
    const cseq = this.invite7?.cseq;
    return this.#leg7.find(
      ({ direction, method, status = 0, cseq: own }) =>
        direction === 'in' && method === 'INVITE' && status >= 200 && own === cseq,
    );
  }

  /** Our final answer to INVITE 5. */
  get answer5(): WireMessage | undefined {
    const cseq = this.invite5?.cseq;
    return this.#leg5.find(
      ({ direction, method, status = 0, cseq: own }) =>
        direction === 'out' && method === 'INVITE' && status >= 200 && own === cseq,
    );
  }

  /** Requests of one method on one leg, each once however often it was repeated. */
  requests(leg: 5 | 7, direction: 'in' | 'out', method: string): readonly WireMessage[] {
    const all = (leg === 5 ? this.#leg5 : this.#leg7).filter(isRequest(direction, method));
    return all.filter(({ cseq }, index) => all.findIndex((other) => other.cseq === cseq) === index);
  }

  /** Descriptions of the platform's side on one leg, in order. */
  descriptions(leg: 5 | 7): readonly string[] {
    return (leg === 5 ? this.#leg5 : this.#leg7).flatMap(({ direction, sdp }) =>
      direction === 'in' && sdp !== undefined ? [sdp] : [],
    );
  }

  /** INVITEs that came and were matched to no session. */
  get strayInvites(): readonly { readonly invite: WireMessage; readonly status: number | undefined }[] {
    const matched = this.invite5?.callId;
    const strays = this.seen.wire.filter(
      (message) => isRequest('in', 'INVITE')(message) && !message.inDialog && message.callId !== matched,
    );
    return strays
      .filter(({ callId }, index) => strays.findIndex((other) => other.callId === callId) === index)
      .map((invite) => ({
        invite,
        status: this.seen.wire.find(
          ({ callId, direction, method, status = 0 }) =>
            callId === invite.callId && direction === 'out' && method === 'INVITE' && status >= 200,
        )?.status,
      }));
  }

  /** Media of our own legs, as counted when the call was over. */
  media(role: 'leg6_media' | 'leg7_out'): LegMedia | undefined {
    return this.seen.legs.find((leg) => leg.role === role)?.media ?? undefined;
  }

  event(type: EventType): EventEnvelope | undefined {
    return this.seen.events.find((event) => event.type === type);
  }

  get ready(): boolean {
    return this.event('session.ready') !== undefined;
  }

  get failureCode(): string | undefined {
    return this.seen.session.result.failure_code ?? undefined;
  }
}

const isRequest =
  (direction: 'in' | 'out', method: string) =>
  (message: WireMessage): boolean =>
    message.direction === direction && message.method === method && message.status === undefined;

/** What a description says of its audio, as far as the rules need it; undefined where there is none. */
export interface AudioSeen {
  /** `c=` of the media, else of the session. */
  readonly host: string;
  readonly port: string;
  /** `RTP/AVP`, `RTP/SAVP` … */
  readonly profile: string;
  /** Encoding names as written, static payload types named. */
  readonly codecs: readonly string[];
  readonly hasEvents: boolean;
  /** `a=record:` of RFC 7866. */
  readonly record: string | undefined;
}

/** RFC 3551 §6: payload types that need no rtpmap. */
const STATIC: Readonly<Record<string, string>> = { 0: 'PCMU', 8: 'PCMA', 9: 'G722', 18: 'G729' };

export function audioOf(sdp: string | undefined): AudioSeen | undefined {
  const line = /^m=audio (\d+)(?:\/\d+)? (\S+) (.*?)\r?$/m.exec(sdp ?? '');
  if (sdp === undefined || line === null) return undefined;
  const [, port = '', profile = '', formats = ''] = line;
  const media = sdp.slice(line.index);
  const hosts = [/^c=IN IP[46] (\S+)/m.exec(media)?.[1], /^c=IN IP[46] (\S+)/m.exec(sdp)?.[1]];
  const mapped = new Map(
    [...media.matchAll(/^a=rtpmap:(\d+) ([^\s/]+)/gm)].map(([, type = '', name = '']) => [type, name]),
  );
  const names = formats.split(' ').map((type) => mapped.get(type) ?? STATIC[type] ?? type);
  return {
    host: hosts.find((host) => host !== undefined) ?? '',
    port,
    profile,
    codecs: names.filter((name) => name.toLowerCase() !== 'telephone-event'),
    hasEvents: names.some((name) => name.toLowerCase() === 'telephone-event'),
    record: /^a=record:(\S+)/m.exec(sdp)?.[1],
  };
}
