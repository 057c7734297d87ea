import type { Log, LogFields } from '@sordino/core';
import type { IncomingInvite, Reoffer, SipLeg, SipLegEnd, SipLegHandlers } from '@sordino/interception';
import type { ListenPoint, SipProtocol } from '../../router/transport.ts';
import { TestAuthority } from '../../test-support/certificates.ts';
import type { SipEndpointOptions } from '../endpoint-options.ts';
import { SipEndpoint } from '../sip-endpoint.ts';
import type { SipTraceEntry } from '../trace.ts';
import { quickTime, until } from './quick-time.ts';
import { RawTcpPeer, type RawTls, RawUdpPeer, RawWsPeer } from './raw-peer.ts';

/** What a leg told its handlers, in order. */
export type LegNote =
  | { readonly type: 'progress'; readonly status: number; readonly sdp: string | undefined }
  | { readonly type: 'answered'; readonly sdp: string | undefined }
  | { readonly type: 'acknowledged'; readonly sdp: string | undefined }
  | { readonly type: 'reoffered'; readonly reoffer: Reoffer }
  | { readonly type: 'referred'; readonly referTo: string }
  | { readonly type: 'reanswered'; readonly sdp: string }
  | { readonly type: 'glared' }
  | { readonly type: 'info'; readonly contentType: string; readonly body: Uint8Array }
  | { readonly type: 'ended'; readonly end: SipLegEnd };

type Note<Type extends LegNote['type']> = Extract<LegNote, { type: Type }>;

/** Handlers that write down everything. */
export class Notes {
  readonly all: LegNote[] = [];
  #read = 0;

  readonly handlers: Required<Omit<SipLegHandlers, 'label'>> = {
    progress: (status, sdp) => void this.all.push({ type: 'progress', status, sdp }),
    answered: (sdp) => void this.all.push({ type: 'answered', sdp }),
    acknowledged: (sdp) => void this.all.push({ type: 'acknowledged', sdp }),
    reoffered: (reoffer) => void this.all.push({ type: 'reoffered', reoffer }),
    reanswered: (sdp) => void this.all.push({ type: 'reanswered', sdp }),
    glared: () => void this.all.push({ type: 'glared' }),
    referred: (referTo) => {
      this.all.push({ type: 'referred', referTo });
      return 202;
    },
    refreshed: () => 200,
    info: (contentType, body) => void this.all.push({ type: 'info', contentType, body }),
    ended: (end) => void this.all.push({ type: 'ended', end }),
  };

  get types(): string[] {
    return this.all.map((note) => note.type);
  }

  /** The next note of this type after the last one returned. */
  async next<Type extends LegNote['type']>(type: Type): Promise<Note<Type>> {
    let found = -1;
    await until(
      () => `the leg told ${type} (so far: ${JSON.stringify(this.all)})`,
      () => {
        found = this.all.findIndex((note, index) => index >= this.#read && note.type === type);
        return found >= 0;
      },
    );
    this.#read = found + 1;
    return this.all[found] as Note<Type>;
  }
}

export interface IncomingCall {
  readonly leg: SipLeg;
  readonly invite: IncomingInvite;
  readonly notes: Notes;
}

export interface Party {
  readonly sip: SipEndpoint;
  readonly port: number;
  readonly calls: IncomingCall[];
  readonly trace: SipTraceEntry[];
  readonly log: string[];
  nextCall(): Promise<IncomingCall>;
}

/** Real endpoints and raw peers on loopback; `close` ends them all. */
export class Scene {
  readonly #closers: (() => Promise<void>)[] = [];
  #authority: Promise<TestAuthority> | undefined;

  /** Under TLS everybody of a scene has a certificate of this one authority. */
  authority(): Promise<TestAuthority> {
    this.#authority ??= TestAuthority.make().then((authority) => {
      this.#closers.unshift(async () => authority.remove());
      return authority;
    });
    return this.#authority;
  }

  /** A listening point of this protocol on loopback, and what its owner connects with. */
  async #here(
    protocol: SipProtocol,
    host: string,
  ): Promise<Pick<SipEndpointOptions, 'listen' | 'tlsClient'>> {
    const point: ListenPoint = { protocol, host, port: 0 };
    if (protocol !== 'tls' && protocol !== 'wss') return { listen: [point] };
    const authority = await this.authority();
    const tls = await authority.issue({ names: [`ip:${host}`] });
    return { listen: [{ ...point, tls }], tlsClient: { caFile: authority.caFile } };
  }

  async party(
    protocol: SipProtocol = 'udp',
    options: Partial<SipEndpointOptions> = {},
    host = '127.0.0.1',
  ): Promise<Party> {
    const calls: IncomingCall[] = [];
    const trace: SipTraceEntry[] = [];
    const log: string[] = [];
    const write =
      (level: string) =>
      (message: string, fields: LogFields = {}): void =>
        void log.push(`${level} ${message} ${JSON.stringify(fields)}`);
    const logger: Log = {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
    };
    const sip = await SipEndpoint.open({
      ...(await this.#here(protocol, host)),
      log: logger,
      scheduler: quickTime,
      trace: (entry) => trace.push(entry),
      onInvite: (leg, invite) => {
        const notes = new Notes();
        calls.push({ leg, invite, notes });
        return notes.handlers;
      },
      ...options,
    });
    this.#closers.push(() => sip.close());
    let taken = 0;
    const nextCall = async (): Promise<IncomingCall> => {
      await until(
        () => 'an INVITE came in',
        () => calls.length > taken,
      );
      return calls[taken++] as IncomingCall;
    };
    return { sip, port: sip.local(protocol)?.port ?? 0, calls, trace, log, nextCall };
  }

  async rawUdp(remotePort: number, host?: string, port?: number): Promise<RawUdpPeer> {
    const peer = await RawUdpPeer.open(remotePort, host, port);
    this.#closers.push(() => peer.close());
    return peer;
  }

  async rawTcp(remotePort?: number, protocol: 'tcp' | 'tls' = 'tcp'): Promise<RawTcpPeer> {
    let tls: RawTls | undefined;
    if (protocol === 'tls') {
      const authority = await this.authority();
      tls = { ...(await authority.issue({ names: ['ip:127.0.0.1'] })), caFile: authority.caFile };
    }
    const peer =
      remotePort === undefined ? await RawTcpPeer.listen(tls) : await RawTcpPeer.connect(remotePort, tls);
    this.#closers.push(() => peer.close());
    return peer;
  }

  async rawWs(remotePort: number, secure: boolean): Promise<RawWsPeer> {
    const peer = await RawWsPeer.connect(remotePort, secure ? (await this.authority()).caFile : undefined);
    this.#closers.push(() => peer.close());
    return peer;
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
    this.#authority = undefined;
  }
}

/** Everything is forgotten: legs, dialogs, transactions, timers. */
export async function untilIdle(party: Party): Promise<void> {
  await until(
    () => `all maps are empty, but ${JSON.stringify(party.sip.diagnostics())}`,
    () => Object.values(party.sip.diagnostics()).every((size) => size === 0),
  );
}
