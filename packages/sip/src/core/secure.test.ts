import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { header, request, SDP } from './test-support/messages.ts';
import { hurrySipJs, until } from './test-support/quick-time.ts';
import { Notes, Scene, untilIdle } from './test-support/scene.ts';

const scene = new Scene();
afterEach(() => scene.close());
beforeAll(() => hurrySipJs());

describe('sips', () => {
  it('a call to a sips URI goes over TLS, and our Contact says transport=tls', async () => {
    const [alice, bob] = [await scene.party('tls'), await scene.party('tls')];
    const notes = new Notes();
    const leg = alice.sip.invite(
      { target: `sips:tok@127.0.0.1:${bob.port}`, offer: SDP('a'), answerTimeoutMs: 60_000 },
      notes.handlers,
    );
    const call = await bob.nextCall();
    expect(call.invite).toMatchObject({
      requestUri: `sips:tok@127.0.0.1:${bob.port}`,
      source: { transport: 'tls' },
    });
    call.leg.accept(SDP('b'));
    await notes.next('answered');
    const invite = bob.trace[0]?.text ?? '';
    expect(header(invite, 'Via')).toMatch(new RegExp(`^SIP/2.0/TLS 127.0.0.1:${alice.port};`));
    expect(header(invite, 'Contact')).toBe(`<sip:sordino@127.0.0.1:${alice.port};transport=tls>`);
    leg.hangup();
    await notes.next('ended');
    await untilIdle(bob);
  });

  it('an INVITE with a sips Contact is taken over TLS, and its BYE goes to that URI', async () => {
    const us = await scene.party('tls');
    const peer = await scene.party('tls');
    const authority = await scene.authority();
    const socket = connect({ host: '127.0.0.1', port: us.port, ca: readFileSync(authority.caFile) });
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    const parts = { port: socket.localPort ?? 0, callId: 'sips', transport: 'TLS' };
    const uri = `sips:tok@127.0.0.1:${us.port}`;
    const contact = `<sips:peer@127.0.0.1:${peer.port}>`;
    socket.write(request('INVITE', { ...parts, uri, contact, sdp: SDP('raw') }));
    let answers = '';
    socket.on('data', (chunk) => {
      answers += chunk.toString();
    });
    const call = await us.nextCall();
    call.leg.accept(SDP('us'));
    await until(
      () => '200 came',
      () => answers.includes('SIP/2.0 200'),
    );
    const toTag = /To:[^\r\n]*;tag=([^\r\n;]+)/.exec(answers)?.[1] ?? '';
    socket.write(request('ACK', { ...parts, uri, toTag }));
    await call.notes.next('acknowledged');
    call.leg.hangup();
    // `peer` knows no such dialog: what counts is that the BYE came to it.
    expect((await call.notes.next('ended')).end).toMatchObject({ by: 'us', status: 481 });
    expect(peer.trace[0]?.text).toMatch(new RegExp(`^BYE sips:peer@127.0.0.1:${peer.port} SIP/2.0`));
    socket.destroy();
  });

  it('a peer that does not prove its name gets nothing, and the log says why', async () => {
    const alice = await scene.party('tls');
    const authority = await scene.authority();
    const tls = await authority.issue({ names: ['dns:sbc.example.com'] });
    const bob = await scene.party('tls', { listen: [{ protocol: 'tls', host: '127.0.0.1', port: 0, tls }] });
    const notes = new Notes();
    const target = `sip:tok@127.0.0.1:${bob.port};transport=tls`;
    alice.sip.invite({ target, offer: SDP('a'), answerTimeoutMs: 60_000 }, notes.handlers);
    expect((await notes.next('ended')).end).toMatchObject({ by: 'transport', how: 'lost' });
    expect(bob.trace).toEqual([]);
    expect(alice.log).toContainEqual(
      expect.stringMatching(/^warn SIP request could not be sent .*does not prove that it is 127\.0\.0\.1/),
    );
    await untilIdle(alice);
  });

  it('a sips URI over UDP is 416: it was promised TLS', async () => {
    const us = await scene.party();
    const raw = await scene.rawUdp(us.port);
    raw.send(request('INVITE', { uri: 'sips:tok@127.0.0.1', port: raw.port, callId: 'x', sdp: SDP('raw') }));
    expect(await raw.next('SIP/2.0')).toMatch(/^SIP\/2.0 416 /);
  });

  it('a call that would need TLS fails at once where we have none', async () => {
    const alice = await scene.party();
    const notes = new Notes();
    alice.sip.invite(
      { target: 'sips:tok@127.0.0.1:9', offer: SDP('a'), answerTimeoutMs: 60_000 },
      notes.handlers,
    );
    expect((await notes.next('ended')).end).toMatchObject({
      by: 'transport',
      reason: 'there is no listening point for transport=tls',
    });
  });
});

describe('listening', () => {
  it.each([
    ['without a certificate', {}, /needs a certificate/],
    [
      'client certificates of no authority',
      { tls: { certFile: 'x', keyFile: 'x', clientCertificates: 'required' } },
      /authority/,
    ],
    [
      'a file that is not there',
      { tls: { certFile: '/nowhere', keyFile: '/nowhere' } },
      /nowhere: cannot be/,
    ],
  ] as const)('on TLS %s is refused, with the point named', async (_, tls, why) => {
    const point = { protocol: 'tls', host: '127.0.0.1', port: 0, ...tls } as const;
    await expect(scene.party('udp', { listen: [point] })).rejects.toThrow(why);
    await expect(scene.party('udp', { listen: [point] })).rejects.toThrow(/listen tls 127.0.0.1:0: /);
  });
});
