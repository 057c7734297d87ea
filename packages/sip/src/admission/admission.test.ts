import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Scheduler } from '@sordino/core';
import { header, request, response, SDP, tagOf } from '../core/test-support/messages.ts';
import { hurrySipJs, quickTime, until } from '../core/test-support/quick-time.ts';
import type { RawUdpPeer } from '../core/test-support/raw-peer.ts';
import { Notes, type Party, Scene } from '../core/test-support/scene.ts';
import { WireUri } from '../core/wire-uri.ts';
import type { AdmissionOptions, PlatformAdmission } from './admission-options.ts';
import { CallTargets } from './call-targets.ts';

/** On Linux all of 127.0.0.0/8 is loopback: each address stands for another host. */
const PLATFORM = '127.0.0.2';
const OTHER_PLATFORM = '127.0.0.3';
const STRANGER = '127.0.0.9';

const scene = new Scene();
afterEach(() => scene.close());
beforeAll(() => hurrySipJs());

/** No allowance comes back. */
const STANDING_STILL: Scheduler = { ...quickTime, monotonicMs: () => 0 };

const platform = (over: Partial<PlatformAdmission> = {}): PlatformAdmission => ({
  id: 'plt_a',
  allow: [PLATFORM],
  tlsNames: [],
  callHosts: [PLATFORM],
  ...over,
});

async function us(
  options: Partial<AdmissionOptions> = {},
  protocol: 'udp' | 'tcp' = 'udp',
  scheduler = quickTime,
): Promise<Party> {
  return scene.party(protocol, {
    scheduler,
    listen: [{ protocol, host: '0.0.0.0', port: 0 }],
    advertisedHost: '127.0.0.1',
    admission: { platforms: [platform()], ...options },
  });
}

const ask = (method: string, from: RawUdpPeer, callId: string, headers: readonly string[] = []): string =>
  request(method, {
    uri: 'sip:token@127.0.0.1',
    port: from.port,
    host: from.host,
    callId,
    headers,
    ...(method === 'INVITE' ? { sdp: SDP('p') } : {}),
  });

/** Waits until everything that `peer` sent has been looked at: the platform's OPTIONS behind it is answered. */
async function settled(known: RawUdpPeer): Promise<void> {
  known.send(ask('OPTIONS', known, `after-${Math.random()}`));
  await known.next('SIP/2.0 200');
}

describe('a stranger', () => {
  it.each<[what: string, text: (peer: RawUdpPeer) => string]>([
    ['INVITE', (peer) => ask('INVITE', peer, 's1')],
    ['OPTIONS', (peer) => ask('OPTIONS', peer, 's2')],
    ['OPTIONS of a known scanner', (peer) => ask('OPTIONS', peer, 's3', ['User-Agent: friendly-scanner'])],
    ['REGISTER', (peer) => ask('REGISTER', peer, 's4')],
    ['an unknown method', (peer) => ask('FLY', peer, 's5')],
    ['BYE of nothing', (peer) => ask('BYE', peer, 's6')],
    ['a malformed request', (peer) => ask('OPTIONS', peer, 's7').replace('CSeq: 1', 'CSeq: x')],
    ['garbage', () => 'hello, is anybody there?\r\n\r\n'],
    ['a keep-alive', () => '\r\n\r\n'],
  ])('gets no answer to %s over UDP', async (_what, text) => {
    const party = await us();
    const stranger = await scene.rawUdp(party.port, STRANGER);
    const known = await scene.rawUdp(party.port, PLATFORM);
    stranger.send(text(stranger));
    await settled(known);
    expect(stranger.received).toEqual([]);
    expect(party.trace.filter(({ flow }) => flow.remote.host === STRANGER)).toEqual([]);
    expect(party.calls).toEqual([]);
  });

  it('finds the connection closed over TCP, before it has said a word', async () => {
    const party = await us({}, 'tcp');
    const socket = connect({ port: party.port, host: '127.0.0.1', localAddress: STRANGER });
    const octets: Buffer[] = [];
    socket.on('data', (chunk) => octets.push(chunk));
    socket.on('error', () => {});
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
    expect(octets).toEqual([]);
  });

  it('is told to the log at once, and then once a minute', async () => {
    const party = await us();
    const stranger = await scene.rawUdp(party.port, STRANGER);
    const known = await scene.rawUdp(party.port, PLATFORM);
    for (let i = 0; i < 50; i++) stranger.send(ask('OPTIONS', stranger, `n${i}`));
    await settled(known);
    const lines = party.log.filter((line) => line.includes('no platform allows this source'));
    expect(lines).toEqual([
      'warn SIP ignored: no platform allows this source {"source":"127.0.0.9","times":1}',
    ]);
  });

  it('cannot touch a call of the platform', async () => {
    const party = await us();
    const known = await scene.rawUdp(party.port, PLATFORM);
    const stranger = await scene.rawUdp(party.port, STRANGER);
    known.send(ask('INVITE', known, 'call'));
    const { leg, notes } = await party.nextCall();
    leg.accept(SDP('us'));
    const toTag = tagOf(header(await known.next('SIP/2.0 200'), 'To'));
    const inDialog = { uri: 'sip:token@127.0.0.1', callId: 'call', toTag };
    known.send(request('ACK', { ...inDialog, port: known.port, host: PLATFORM }));
    await notes.next('acknowledged');
    stranger.send(request('BYE', { ...inDialog, port: stranger.port, host: STRANGER, cseq: 2 }));
    await settled(known);
    expect(leg.state).toBe('confirmed');
    expect(stranger.received).toEqual([]);
    // Of the platform itself, from another of its sockets, it is taken.
    const elsewhere = await scene.rawUdp(party.port, PLATFORM);
    elsewhere.send(request('BYE', { ...inDialog, port: elsewhere.port, host: PLATFORM, cseq: 3 }));
    await notes.next('ended');
    await elsewhere.next('SIP/2.0 200');
  });
});

describe('a platform', () => {
  it.each<[what: string, from: string, platforms: readonly PlatformAdmission[], expected: readonly string[]]>(
    [
      ['its address', PLATFORM, [platform()], ['plt_a']],
      ['its block', OTHER_PLATFORM, [platform({ allow: ['192.0.2.7', '127.0.0.2/31'] })], ['plt_a']],
      ['an address of two', PLATFORM, [platform(), platform({ id: 'plt_b' })], ['plt_a', 'plt_b']],
      [
        'its own and not the other one',
        OTHER_PLATFORM,
        [platform(), platform({ id: 'plt_b', allow: [OTHER_PLATFORM] })],
        ['plt_b'],
      ],
      ['this machine, when nothing is configured', PLATFORM, [platform({ allow: [] })], ['plt_a']],
    ],
  )('is known by %s', async (_what, from, platforms, expected) => {
    const party = await us({ platforms });
    const known = await scene.rawUdp(party.port, from);
    known.send(ask('INVITE', known, 'known'));
    const { leg, invite } = await party.nextCall();
    expect(invite.platforms).toEqual(expected);
    leg.reject(404);
  });

  it('is told what is wrong with its messages, as ever', async () => {
    const party = await us();
    const known = await scene.rawUdp(party.port, PLATFORM);
    known.send(ask('OPTIONS', known, 'bad').replace('CSeq: 1', 'CSeq: x'));
    await known.next('SIP/2.0 400');
  });
});

describe('a platform that is known by its client certificate', () => {
  async function secured(platforms: readonly PlatformAdmission[]): Promise<{
    party: Party;
    dial: (names: readonly string[]) => Promise<TLSSocket>;
  }> {
    const authority = await scene.authority();
    const tls = await authority.issue({ names: ['ip:127.0.0.1'] });
    const party = await scene.party('tls', {
      listen: [
        {
          ...{ protocol: 'tls', host: '127.0.0.1', port: 0 },
          tls: { ...tls, caFile: authority.caFile, clientCertificates: 'optional' },
        },
      ],
      admission: { platforms },
    });
    const dial = async (names: readonly string[]): Promise<TLSSocket> => {
      const own = names.length === 0 ? undefined : await authority.issue({ names });
      return connectTls({
        ...{ host: '127.0.0.1', port: party.port, ca: readFileSync(authority.caFile) },
        ...(own && { cert: readFileSync(own.certFile), key: readFileSync(own.keyFile) }),
      }).on('error', () => {});
    };
    return { party, dial };
  }

  const hello = (callId: string): string =>
    request('INVITE', { uri: 'sips:t@127.0.0.1', port: 1, callId, transport: 'TLS', sdp: SDP('p') });

  it('is told apart from others at the same address', async () => {
    const { party, dial } = await secured([
      platform({ id: 'plt_cert', allow: [], tlsNames: ['SBC.example.com'] }),
      platform({ id: 'plt_here', allow: ['127.0.0.1'] }),
    ]);
    (await dial(['dns:other.example.com', 'dns:sbc.example.com'])).write(hello('named'));
    expect((await party.nextCall()).invite.platforms).toEqual(['plt_cert', 'plt_here']);
    (await dial(['dns:evil.example.com'])).write(hello('other'));
    expect((await party.nextCall()).invite.platforms).toEqual(['plt_here']);
  });

  it.each<[what: string, names: readonly string[], allow: readonly string[]]>([
    ['no certificate', [], []],
    ['a certificate of another name', ['dns:evil.example.com'], []],
    ['the right certificate from the wrong address', ['dns:sbc.example.com'], ['192.0.2.1']],
  ])('is a stranger with %s: no answer, and the connection is closed', async (_what, names, allow) => {
    const { party, dial } = await secured([platform({ allow, tlsNames: ['sbc.example.com'] })]);
    const socket = await dial(names);
    const octets: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => octets.push(chunk));
    socket.write(hello('unproven'));
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
    expect(octets).toEqual([]);
    expect(party.calls).toEqual([]);
  });
});

describe('a call of ours', () => {
  it('is answered by a host that may be called and may not call', async () => {
    const party = await us({ platforms: [platform({ allow: ['192.0.2.1'] })] });
    const callee = await scene.rawUdp(party.port, PLATFORM);
    callee.send(ask('OPTIONS', callee, 'early'));
    const notes = new Notes();
    const target = `sip:agent@${PLATFORM}:${callee.port}`;
    party.sip.invite({ target, offer: SDP('us'), answerTimeoutMs: 20_000 }, notes.handlers);
    const invite = await callee.next('INVITE');
    // In between it says what it wants: nothing but its answers and its dialog is heard.
    callee.send(ask('OPTIONS', callee, 'late'));
    callee.send('OPTIONS bad\r\n\r\n');
    const contact = `<sip:agent@${PLATFORM}:${callee.port}>`;
    callee.send(response(invite, 200, { contact, sdp: SDP('callee') }));
    await notes.next('answered');
    await callee.next('ACK');
    callee.send(
      request('BYE', {
        uri: 'sip:sordino@127.0.0.1',
        port: callee.port,
        host: PLATFORM,
        callId: header(invite, 'Call-ID') ?? '',
        toTag: tagOf(header(invite, 'From')),
        fromTag: 'rawtag',
      }),
    );
    await notes.next('ended');
    await callee.next((message) => message.startsWith('SIP/2.0 200') && message.includes('BYE'));
    expect(callee.received.filter((message) => /CSeq: \d+ OPTIONS/.test(message))).toEqual([]);
  });

  it.each<[what: string, host: string, of: string | undefined]>([
    ['a foreign host', STRANGER, undefined],
    ['a foreign host in the name of a platform', STRANGER, 'plt_a'],
    ["another platform's host", OTHER_PLATFORM, 'plt_a'],
    ['the host of a platform that nobody knows', PLATFORM, 'plt_x'],
    ['another port than the one that is named', '127.0.0.4', 'plt_a'],
  ])('does not go to %s', async (_what, host, of) => {
    const other = platform({ id: 'plt_b', callHosts: [OTHER_PLATFORM] });
    const main = platform({ callHosts: [PLATFORM, '127.0.0.4:1'] });
    const party = await us({ platforms: [main, other] });
    const victim = await scene.rawUdp(party.port, host);
    const notes = new Notes();
    const call = { target: `sip:premium@${host}:${victim.port}`, offer: SDP('us'), answerTimeoutMs: 20_000 };
    party.sip.invite({ ...call, ...(of === undefined ? {} : { platform: of }) }, notes.handlers);
    expect((await notes.next('ended')).end).toMatchObject({ by: 'transport', how: 'lost' });
    expect(party.trace).toEqual([]);
    expect(victim.received).toEqual([]);
  });
});

describe('where calls may go', () => {
  const targets = new CallTargets([
    platform({
      callHosts: ['pbx.example.com', '[2001:db8::7]', 'sbc.example.com:5070', '[2001:db8::8]:5070'],
    }),
  ]);
  it.each<[uri: string, expected: boolean]>([
    ['sip:a@pbx.example.com', true],
    ['sip:a@PBX.example.com.:5062;transport=tcp', true],
    ['sip:a@[2001:db8::7]:5062', true],
    ['sip:a@sbc.example.com:5070', true],
    ['sip:a@[2001:db8::8]:5070', true],
    ['sip:a@sbc.example.com', false],
    ['sip:a@[2001:db8::8]', false],
    ['sip:a@pbx.example.com.evil.example', false],
    ['sip:pbx.example.com@evil.example', false],
    ['sip:a@pbx.example.com;maddr=192.0.2.1', false],
    ['sip:a@203.0.113.1', false],
  ])('%s: %p', (uri, expected) => {
    const target = WireUri.parse(uri);
    expect(target !== undefined && targets.has(target, 'plt_a')).toBe(expected);
  });
});

describe('a source over its limits', () => {
  it('gets 503 once for its INVITEs, then silence, and its calls go on', async () => {
    const party = await us({ limits: { invitesPerS: 3 } }, 'udp', STANDING_STILL);
    const known = await scene.rawUdp(party.port, PLATFORM);
    for (let i = 0; i < 20; i++) known.send(ask('INVITE', known, `burst-${i}`));
    await until(
      () => 'three calls came in',
      () => party.calls.length === 3,
    );
    const busy = await known.next('SIP/2.0 503');
    expect(header(busy, 'Retry-After')).toBe('2');
    await settled(known);
    expect(known.count('SIP/2.0 503')).toBe(1);
    expect(party.calls).toHaveLength(3);
    expect(party.log.filter((line) => line.includes('over its limits'))).toHaveLength(1);
  });

  it('is not read any more, and others are', async () => {
    const party = await us(
      {
        platforms: [platform({ allow: ['127.0.0.2/31'] })],
        limits: { messagesPerS: 10 },
      },
      'udp',
      STANDING_STILL,
    );
    const flood = await scene.rawUdp(party.port, PLATFORM);
    const other = await scene.rawUdp(party.port, OTHER_PLATFORM);
    for (let i = 0; i < 200; i++) flood.send(ask('OPTIONS', flood, `flood-${i}`));
    await settled(other);
    expect(flood.received.length).toBeLessThanOrEqual(10);
  });

  it('has no more connections, and gets new ones when old ones are closed', async () => {
    const party = await us({ limits: { connections: 2 } }, 'tcp');
    const dial = () =>
      connect({ port: party.port, host: '127.0.0.1', localAddress: PLATFORM }).on('error', () => {});
    const opened = (socket: ReturnType<typeof dial>): Promise<boolean> =>
      new Promise((resolve) => {
        socket.once('close', () => resolve(false));
        socket.once('data', () => resolve(true));
        socket.write('\r\n\r\n');
      });
    const first = dial();
    expect(await opened(first)).toBe(true);
    const second = dial();
    expect(await opened(second)).toBe(true);
    expect(await opened(dial())).toBe(false);
    first.destroy();
    let again = false;
    while (!again) {
      const socket = dial();
      again = await opened(socket);
      socket.destroy();
    }
    second.destroy();
  });
});
