import { createSocket } from 'node:dgram';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { header, request, SDP, sip } from './test-support/messages.ts';
import { hurrySipJs } from './test-support/quick-time.ts';
import { Notes, Scene } from './test-support/scene.ts';

const scene = new Scene();
afterEach(() => scene.close());
beforeAll(() => hurrySipJs());

const point = (protocol: 'udp' | 'tcp', host: string, port = 0) => ({ protocol, host, port }) as const;

describe('listening points', () => {
  it('of both families: each call leaves by the one that reaches its target', async () => {
    const us = await scene.party('udp', {
      listen: [
        point('udp', '127.0.0.1'),
        point('udp', '::1'),
        point('tcp', '127.0.0.1'),
        point('tcp', '::1'),
      ],
    });
    const hostPorts = us.sip.listening().map(({ hostPort }) => hostPort);
    for (const [at, protocol, host] of [
      [0, 'udp', '127.0.0.1'],
      [1, 'udp', '::1'],
      [2, 'tcp', '127.0.0.1'],
      [3, 'tcp', '::1'],
    ] as const) {
      const peer = await scene.party(protocol, {}, host);
      const target = `sip:x@${peer.sip.listening()[0]?.hostPort};transport=${protocol}`;
      const notes = new Notes();
      const leg = us.sip.invite({ target, offer: SDP('us'), answerTimeoutMs: 60_000 }, notes.handlers);
      const call = await peer.nextCall();
      expect(call.invite.source).toMatchObject({ transport: protocol, host });
      const invite = peer.trace[0]?.text ?? '';
      expect(header(invite, 'Contact')).toContain(`@${hostPorts[at]}`);
      expect(header(invite, 'Via')).toContain(` ${hostPorts[at]};`);
      call.leg.accept(SDP('peer'));
      await notes.next('answered');
      leg.hangup();
      expect((await notes.next('ended')).end).toMatchObject({ how: 'bye', status: 200 });
    }
    const notes = new Notes();
    us.sip.invite(
      { target: 'sip:x@[::1]:9;transport=tls', offer: SDP('us'), answerTimeoutMs: 9_000 },
      notes.handlers,
    );
    expect((await notes.next('ended')).end).toMatchObject({
      reason: 'there is no listening point for transport=tls',
    });
  });

  it('of both families may share a port, bound to all addresses', async () => {
    const first = await scene.party('udp');
    const { port } = first;
    await first.sip.close();
    const us = await scene.party('udp', {
      listen: [point('udp', '0.0.0.0', port), point('udp', '::', port)],
      advertisedHost: 'sip.example.com',
    });
    expect(us.sip.listening().map(({ hostPort }) => hostPort)).toEqual([
      `sip.example.com:${port}`,
      `sip.example.com:${port}`,
    ]);
  });

  it('behind a NAT tell the address outside, each its own', async () => {
    const us = await scene.party('udp', {
      listen: [
        { ...point('udp', '127.0.0.1'), advertised: { host: '203.0.113.9', port: 15_060 } },
        { ...point('tcp', '127.0.0.1'), advertised: { host: '2001:db8::9' } },
      ],
      advertisedHost: 'sip.example.com',
    });
    const tcpPort = us.sip.local('tcp')?.port;
    expect(us.sip.listening()).toMatchObject([
      { hostPort: '203.0.113.9:15060', transport: 'udp' },
      { hostPort: `[2001:db8::9]:${tcpPort}`, transport: 'tcp' },
    ]);
    const raw = await scene.rawUdp(us.sip.local('udp')?.port ?? 0);
    const target = `sip:x@127.0.0.1:${raw.port}`;
    us.sip.invite({ target, offer: SDP('us'), answerTimeoutMs: 9_000 }, new Notes().handlers);
    const invite = await raw.next('INVITE');
    expect(header(invite, 'Via')).toMatch(/^SIP\/2\.0\/UDP 203\.0\.113\.9:15060;/);
    expect(header(invite, 'Contact')).toBe('<sip:sordino@203.0.113.9:15060>');
  });

  it('write the source of an IPv6 request into its Via, and answer there', async () => {
    const us = await scene.party('udp', {}, '::1');
    const socket = createSocket('udp6');
    await new Promise<void>((resolve) => socket.bind(0, '::1', resolve));
    const answered = new Promise<string>((resolve) => socket.once('message', (raw) => resolve(String(raw))));
    const { port } = socket.address();
    socket.send(
      sip('OPTIONS sip:us@[::1] SIP/2.0', [
        'Via: SIP/2.0/UDP [2001:db8::7]:5999;branch=z9hG4bKsix;rport',
        'From: <sip:a@[2001:db8::7]>;tag=a',
        'To: <sip:us@[::1]>',
        'Call-ID: six',
        'CSeq: 1 OPTIONS',
        'Max-Forwards: 70',
      ]),
      us.port,
      '::1',
    );
    const answer = await answered;
    expect(answer).toMatch(/^SIP\/2\.0 200 /);
    expect(header(answer, 'Via')).toBe(
      `SIP/2.0/UDP [2001:db8::7]:5999;branch=z9hG4bKsix;rport=${port};received=::1`,
    );
    await new Promise<void>((resolve) => socket.close(resolve));
  });
});

describe('an answer over UDP to who asks for no rport (RFC 3261 §18.2.2)', () => {
  it.each([
    ['to a good request', ''],
    ['to one that is refused by the parser', 'CSeq: 2 BYE\r\n'],
  ])('%s goes to the port of its sent-by', async (_, more) => {
    const us = await scene.party();
    const sender = await scene.rawUdp(us.port);
    const listener = await scene.rawUdp(us.port);
    const options = request('OPTIONS', { uri: 'sip:us@h', port: listener.port, callId: 'o' });
    sender.send(options.replace('Max-Forwards', `${more}Max-Forwards`));
    expect(await listener.next('SIP/2.0')).toMatch(more === '' ? /^SIP\/2\.0 200 / : /^SIP\/2\.0 400 /);
    expect(sender.received).toEqual([]);
  });
});
