import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DnsServer } from './test-support/dns-server.ts';
import { header, response, SDP } from './test-support/messages.ts';
import { hurrySipJs } from './test-support/quick-time.ts';
import { Notes, type Party, Scene, untilIdle } from './test-support/scene.ts';

const scene = new Scene();
let dns: DnsServer;
afterEach(async () => {
  await scene.close();
  await dns.close();
});
beforeAll(() => hurrySipJs());

const LOOPBACK = [
  { protocol: 'udp', host: '127.0.0.1', port: 0 },
  { protocol: 'tcp', host: '127.0.0.1', port: 0 },
] as const;

/** In real time two seconds, as in life: a busy machine is no dead DNS. */
const timing = { lookupMs: 24_000 };

async function caller(): Promise<Party> {
  dns = await DnsServer.open();
  return scene.party('udp', { listen: LOOPBACK, dnsServers: [dns.address], timing });
}

function call(from: Party, target: string): { notes: Notes; leg: ReturnType<Party['sip']['invite']> } {
  const notes = new Notes();
  const leg = from.sip.invite({ target, offer: SDP('a'), answerTimeoutMs: 60_000 }, notes.handlers);
  return { notes, leg };
}

describe('a call to a name', () => {
  it('goes where NAPTR, SRV and A lead, over the protocol they name, and so does its BYE', async () => {
    const alice = await caller();
    const bob = await scene.party('tcp');
    dns
      .naptr('example.com', 'SIP+D2T', '_sip._tcp.example.com')
      .srv('_sip._tcp.example.com', 'sbc.example.com', bob.port)
      .a('sbc.example.com', '127.0.0.1');
    const { notes, leg } = call(alice, 'sip:tok@example.com');
    const incoming = await bob.nextCall();
    expect(incoming.invite).toMatchObject({
      requestUri: 'sip:tok@example.com',
      source: { transport: 'tcp' },
    });
    incoming.leg.accept(SDP('b'));
    await notes.next('answered');
    expect(header(bob.trace[0]?.text ?? '', 'Contact')).toContain(';transport=tcp>');
    expect(dns.asked).toEqual(['NAPTR example.com', 'SRV _sip._tcp.example.com', 'A sbc.example.com']);
    leg.hangup();
    expect((await notes.next('ended')).end).toMatchObject({ how: 'bye', status: 200 });
    await untilIdle(alice);
  });

  it('asks the DNS once for several calls', async () => {
    const alice = await caller();
    const bob = await scene.party('udp');
    dns.a('sbc.example.com', '127.0.0.1');
    for (const _ of [1, 2, 3]) {
      const { notes } = call(alice, `sip:tok@sbc.example.com:${bob.port}`);
      (await bob.nextCall()).leg.reject(486);
      expect((await notes.next('ended')).end).toMatchObject({ how: 'rejected', status: 486 });
    }
    expect(dns.asked).toEqual(['A sbc.example.com']);
  });

  it('that nobody knows ends at once, with the reason', async () => {
    const alice = await caller();
    const { notes } = call(alice, 'sip:tok@nowhere.example.com');
    expect((await notes.next('ended')).end).toMatchObject({
      by: 'transport',
      how: 'lost',
      reason: 'nowhere.example.com cannot be reached over udp: the DNS knows no address of it',
    });
    expect(alice.trace).toEqual([]);
    await untilIdle(alice);
  });

  it('gives up on a DNS that is silent', async () => {
    const alice = await caller();
    dns.silent = true;
    const { notes } = call(alice, 'sip:tok@example.com:5060');
    expect((await notes.next('ended')).end).toMatchObject({
      by: 'transport',
      reason: expect.stringMatching(/^example\.com cannot be reached.*DNS.*no answer/),
    });
    await untilIdle(alice);
  });

  it('that is hung up on while the DNS is asked sends nothing', async () => {
    const alice = await caller();
    dns.a('sbc.example.com', '127.0.0.1');
    const { notes, leg } = call(alice, 'sip:tok@sbc.example.com:5999');
    leg.hangup();
    expect((await notes.next('ended')).end).toMatchObject({ by: 'us', how: 'canceled' });
    expect(alice.trace).toEqual([]);
    await untilIdle(alice);
  });
});

describe('a call to a name with two addresses', () => {
  /** The first takes no calls, in a way of its own; the second is bob. */
  async function two(first: number, protocol: 'udp' | 'tcp'): Promise<{ alice: Party; bob: Party }> {
    const alice = await caller();
    const bob = await scene.party(protocol);
    dns
      .srv(`_sip._${protocol}.example.com`, 'one.example.com', first, 1)
      .srv(`_sip._${protocol}.example.com`, 'two.example.com', bob.port, 2)
      .a('one.example.com', '127.0.0.1')
      .a('two.example.com', '127.0.0.1');
    return { alice, bob };
  }

  const viaOf = (message: string): string => header(message, 'Via') ?? '';

  it.each(['transport error', '503', 'silence'])('goes to the second after %s of the first', async (how) => {
    const protocol = how === 'transport error' ? 'tcp' : 'udp';
    const closed = await scene.rawTcp();
    await closed.close();
    const silent = await scene.rawUdp(0);
    const first = how === 'transport error' ? closed : silent;
    const { alice, bob } = await two(first.port, protocol);
    const { notes, leg } = call(alice, `sip:tok@example.com;transport=${protocol}`);
    let refused = '';
    if (how === '503') {
      refused = await silent.next('INVITE');
      silent.send(response(refused, 503), alice.sip.local('udp')?.port);
    }
    const incoming = await bob.nextCall();
    incoming.leg.accept(SDP('b'));
    await notes.next('answered');
    const taken = bob.trace[0]?.text ?? '';
    if (how === '503') {
      // RFC 3263 §4.3: the same request in another transaction; and the ACK of the 503 goes where the 503 came from.
      expect(header(taken, 'Call-ID')).toBe(header(refused, 'Call-ID'));
      expect(header(taken, 'CSeq')).toBe(header(refused, 'CSeq'));
      expect(viaOf(taken)).not.toBe(viaOf(refused));
      expect(viaOf(await silent.next('ACK'))).toBe(viaOf(refused));
    }
    leg.hangup();
    expect((await notes.next('ended')).end).toMatchObject({ how: 'bye', status: 200 });
    expect(notes.types).toEqual(['answered', 'ended']);
    await untilIdle(alice);
  });

  it('cancels the first when it rings too late, and ends it when it answers too late', async () => {
    const slow = await scene.rawUdp(0);
    const { alice, bob } = await two(slow.port, 'udp');
    const { notes, leg } = call(alice, 'sip:tok@example.com;transport=udp');
    const invite = await slow.next('INVITE');
    const incoming = await bob.nextCall();
    const us = alice.sip.local('udp')?.port ?? 0;
    slow.send(response(invite, 180, { toTag: 'slow' }), us);
    const cancel = await slow.next('CANCEL');
    expect(viaOf(cancel)).toBe(viaOf(invite));
    const contact = `<sip:slow@127.0.0.1:${slow.port}>`;
    slow.send(response(invite, 200, { toTag: 'slow', contact, sdp: SDP('slow') }), us);
    await slow.next('ACK');
    slow.send(response(await slow.next('BYE'), 200), us);
    slow.send(response(cancel, 200), us);
    incoming.leg.accept(SDP('b'));
    await notes.next('answered');
    leg.hangup();
    expect((await notes.next('ended')).end).toMatchObject({ how: 'bye', status: 200 });
    await untilIdle(alice);
  });

  it('proves who we are where that was asked', async () => {
    dns = await DnsServer.open();
    const outbound = { username: 'us', password: 'secret', realm: undefined, algorithms: ['MD5'] } as const;
    const platform = { id: 'plt_a', allow: [], tlsNames: [], callHosts: ['example.com'], outbound };
    const admission = { platforms: [platform] };
    const us = await scene.party('udp', { listen: LOOPBACK, dnsServers: [dns.address], admission, timing });
    const [first, second] = [await scene.rawUdp(us.port), await scene.rawUdp(us.port)];
    dns
      .srv('_sip._udp.example.com', 'one.example.com', first.port, 1)
      .srv('_sip._udp.example.com', 'two.example.com', second.port, 2)
      .a('one.example.com', '127.0.0.1')
      .a('two.example.com', '127.0.0.1');
    const notes = new Notes();
    const target = 'sip:tok@example.com;transport=udp';
    us.sip.invite({ target, offer: SDP('us'), answerTimeoutMs: 60_000, platform: 'plt_a' }, notes.handlers);
    first.send(response(await first.next('INVITE'), 503));
    const challenge = 'WWW-Authenticate: Digest realm="pbx", nonce="n", algorithm=MD5, qop="auth"';
    second.send(response(await second.next('INVITE'), 401, { headers: [challenge] }));
    const proven = await second.next((text) => text.includes('\r\nAuthorization: '));
    second.send(response(proven, 486));
    expect((await notes.next('ended')).end).toMatchObject({ how: 'rejected', status: 486 });
    expect(first.count('INVITE')).toBe(1);
  });

  it('ends with the refusal of the last', async () => {
    const first = await scene.rawUdp(0);
    const { alice, bob } = await two(first.port, 'udp');
    const { notes } = call(alice, 'sip:tok@example.com;transport=udp');
    first.send(response(await first.next('INVITE'), 503), alice.sip.local('udp')?.port);
    (await bob.nextCall()).leg.reject(503);
    expect((await notes.next('ended')).end).toMatchObject({ by: 'peer', how: 'rejected', status: 503 });
  });

  it.each([486, 603, 404])('takes a %i of the first for the answer', async (status) => {
    const first = await scene.rawUdp(0);
    const { alice, bob } = await two(first.port, 'udp');
    const { notes } = call(alice, 'sip:tok@example.com;transport=udp');
    first.send(response(await first.next('INVITE'), status), alice.sip.local('udp')?.port);
    expect((await notes.next('ended')).end).toMatchObject({ how: 'rejected', status });
    expect(bob.calls).toEqual([]);
  });
});
