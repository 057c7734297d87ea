import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SipEndpoint } from './sip-endpoint.ts';
import { bodyOf, header, request, response, SDP, tagOf } from './test-support/messages.ts';
import { hurrySipJs } from './test-support/quick-time.ts';
import type { RawUdpPeer } from './test-support/raw-peer.ts';
import { Notes, type Party, Scene } from './test-support/scene.ts';

const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, REFER, UPDATE, PRACK, NOTIFY';

const scene = new Scene();
afterEach(() => scene.close());
beforeAll(() => hurrySipJs());

async function stage(options: Parameters<Scene['party']>[1] = {}): Promise<{ us: Party; raw: RawUdpPeer }> {
  const us = await scene.party('udp', options);
  return { us, raw: await scene.rawUdp(us.port) };
}

describe('a request outside a dialog', () => {
  it.each<
    [what: string, method: string, headers: string[], status: number, expected: Record<string, string>]
  >([
    ['OPTIONS', 'OPTIONS', [], 200, { Allow: ALLOW, Accept: 'application/sdp', Supported: 'timer, 100rel' }],
    ['an unknown method', 'FLY', [], 405, { Allow: ALLOW }],
    ['UPDATE', 'UPDATE', [], 481, {}],
    ['REGISTER', 'REGISTER', [], 405, {}],
    ['SUBSCRIBE', 'SUBSCRIBE', [], 405, {}],
    [
      'a required extension',
      'INVITE',
      ['Require: 100rel, nothingSupportsThis'],
      420,
      { Unsupported: 'nothingSupportsThis' },
    ],
    ['a required extension of OPTIONS', 'OPTIONS', ['Require: x'], 420, { Unsupported: 'x' }],
    ['BYE', 'BYE', [], 481, {}],
    ['INFO', 'INFO', [], 481, {}],
    ['REFER', 'REFER', ['Refer-To: <sip:a@b>'], 603, {}],
    ['CANCEL of nothing', 'CANCEL', [], 481, {}],
  ])('%s', async (_, method, headers, status, expected) => {
    const { us, raw } = await stage();
    raw.send(request(method, { uri: 'sip:a@127.0.0.1', port: raw.port, callId: 'out', headers }));
    const answer = await raw.next('SIP/2.0 ');
    expect(answer).toMatch(new RegExp(`^SIP/2\\.0 ${status} `));
    for (const [name, value] of Object.entries(expected)) expect(header(answer, name)).toBe(value);
    expect(tagOf(header(answer, 'To'))).not.toBe('');
    expect(us.calls).toEqual([]);
  });

  it('INVITE with Max-Forwards 0: 483, since leg 7 would be a hop; OPTIONS with it: 200', async () => {
    const { us, raw } = await stage();
    for (const [method, status] of [
      ['INVITE', 483],
      ['OPTIONS', 200],
    ] as const) {
      raw.send(
        request(method, { uri: 'sip:a@127.0.0.1', port: raw.port, callId: method }).replace(
          'Max-Forwards: 70',
          'Max-Forwards: 0',
        ),
      );
      await raw.next(`SIP/2.0 ${status}`);
    }
    expect(us.calls).toEqual([]);
  });

  it.each([
    ['no Contact', '', 'x', 400],
    ['a Contact that is no sip URI', 'Contact: <mailto:a@b>', 'x', 400],
  ])('INVITE with %s: 400', async (_, contact) => {
    const { us, raw } = await stage();
    const invite = request('INVITE', {
      uri: 'sip:a@127.0.0.1',
      port: raw.port,
      callId: 'contact',
      sdp: SDP('raw'),
    });
    raw.send(invite.replace(/Contact: [^\r]*\r\n/, contact === '' ? '' : `${contact}\r\n`));
    await raw.next('SIP/2.0 400');
    expect(us.calls).toEqual([]);
  });

  it.each([
    ['text', ['Content-Type: text/plain'], { Accept: 'application/sdp' }],
    [
      'an encoded body',
      ['Content-Type: application/sdp', 'Content-Encoding: gzip'],
      { 'Accept-Encoding': 'identity' },
    ],
    ['a multipart without SDP', ['Content-Type: multipart/mixed;boundary=b'], { Accept: 'application/sdp' }],
  ])('INVITE with %s: 415', async (_, headers, expected) => {
    const { raw } = await stage();
    raw.send(
      request('INVITE', { uri: 'sip:a@127.0.0.1', port: raw.port, callId: 'body', headers, body: 'hello' }),
    );
    const answer = await raw.next('SIP/2.0 415');
    for (const [name, value] of Object.entries(expected)) expect(header(answer, name)).toBe(value);
  });

  it('INVITE with a multipart body: its SDP part is the offer', async () => {
    const { us, raw } = await stage();
    const body = [
      '--cut',
      'Content-Type: application/isup;version=x',
      '',
      '\x01\x02',
      '--cut',
      'content-type: application/sdp',
      '',
      `${SDP('raw')}`,
      '--cut--',
      '',
    ].join('\r\n');
    const headers = ['Content-Type: multipart/mixed; boundary="cut"'];
    raw.send(request('INVITE', { uri: 'sip:a@127.0.0.1', port: raw.port, callId: 'multi', headers, body }));
    const call = await us.nextCall();
    expect(call.invite.sdp).toBe(SDP('raw'));
    call.leg.accept(SDP('us'));
    expect(bodyOf(await raw.next('SIP/2.0 200'))).toBe(SDP('us'));
  });

  it('INVITE with a body that may be ignored: a call without an offer', async () => {
    const { us, raw } = await stage();
    const headers = ['Content-Type: text/plain', 'Content-Disposition: render;handling=optional'];
    raw.send(
      request('INVITE', {
        uri: 'sip:a@127.0.0.1',
        port: raw.port,
        callId: 'optional',
        headers,
        body: 'hello',
      }),
    );
    expect((await us.nextCall()).invite.sdp).toBeUndefined();
  });

  it('the same INVITE by two ways: 482 for the second (RFC 3261 §8.2.2.2)', async () => {
    const { us, raw } = await stage();
    const parts = { uri: 'sip:a@127.0.0.1', port: raw.port, callId: 'merged', sdp: SDP('raw') };
    raw.send(request('INVITE', { ...parts, branch: 'z9hG4bKone' }));
    const call = await us.nextCall();
    raw.send(request('INVITE', { ...parts, branch: 'z9hG4bKtwo' }));
    expect(header(await raw.next('SIP/2.0 482'), 'Via')).toContain('z9hG4bKtwo');
    expect(us.calls).toHaveLength(1);
    call.leg.reject(486);
    expect(header(await raw.next('SIP/2.0 486'), 'Via')).toContain('z9hG4bKone');
  });

  it('two peers with the same branch are two transactions', async () => {
    const { us, raw } = await stage();
    const other = await scene.rawUdp(us.port);
    for (const [index, peer] of [raw, other].entries()) {
      peer.send(
        request('INVITE', {
          uri: 'sip:a@127.0.0.1',
          port: peer.port,
          callId: `same${index}`,
          branch: 'z9hG4bKsame',
          sdp: SDP('raw'),
        }),
      );
    }
    const [first, second] = [await us.nextCall(), await us.nextCall()];
    expect(first.leg.callId).not.toBe(second.leg.callId);
  });

  it('OPTIONS says 503 when we are told to, with our headers', async () => {
    const { raw } = await stage({ onOptions: () => ({ status: 503, headers: [['Retry-After', '30']] }) });
    raw.send(request('OPTIONS', { uri: 'sip:a@127.0.0.1', port: raw.port, callId: 'drain' }));
    expect(header(await raw.next('SIP/2.0 503'), 'Retry-After')).toBe('30');
  });

  it('more legs than we hold: 503 with Retry-After', async () => {
    const { us, raw } = await stage({ limits: { legs: 1 } });
    for (const callId of ['one', 'two']) {
      raw.send(request('INVITE', { uri: 'sip:a@127.0.0.1', port: raw.port, callId, sdp: SDP('raw') }));
    }
    expect(header(await raw.next('SIP/2.0 503'), 'Retry-After')).toBe('5');
    expect(us.calls).toHaveLength(1);
    const notes = new Notes();
    us.sip.invite(
      { target: `sip:raw@127.0.0.1:${raw.port}`, offer: SDP('us'), answerTimeoutMs: 1000 },
      notes.handlers,
    );
    expect((await notes.next('ended')).end).toMatchObject({
      by: 'transport',
      how: 'lost',
      reason: 'too many legs',
    });
  });

  it('answers go to the source port when the client asks for it (RFC 3581), else to sent-by', async () => {
    const { us, raw } = await stage();
    const elsewhere = await scene.rawUdp(us.port);
    const options = request('OPTIONS', { uri: 'sip:a@127.0.0.1', port: elsewhere.port, callId: 'route' });
    raw.send(options);
    await elsewhere.next('SIP/2.0 200');
    raw.send(options.replace(/(branch=\S+)/, '$1x;rport'));
    expect(header(await raw.next('SIP/2.0 200'), 'Via')).toContain(`rport=${raw.port}`);
  });

  it('over TCP answers use the connection, and our requests in the dialog too', async () => {
    const us = await scene.party('tcp');
    const raw = await scene.rawTcp(us.port);
    raw.send(
      request('INVITE', {
        uri: 'sip:a@127.0.0.1',
        port: 9,
        callId: 'tcp',
        transport: 'TCP',
        sdp: SDP('raw'),
        contact: `<sip:raw@127.0.0.1:${raw.port};transport=tcp>`,
      }),
    );
    const call = await us.nextCall();
    call.leg.accept(SDP('us'));
    const ok = await raw.next('SIP/2.0 200');
    expect(header(ok, 'Contact')).toBe(`<sip:sordino@127.0.0.1:${us.port};transport=tcp>`);
    raw.send(
      request('ACK', {
        uri: 'sip:a@127.0.0.1',
        port: 9,
        callId: 'tcp',
        transport: 'TCP',
        toTag: tagOf(header(ok, 'To')),
      }),
    );
    await call.notes.next('acknowledged');
    call.leg.hangup();
    raw.send(response(await raw.next('BYE'), 200));
    await call.notes.next('ended');
  });
});

describe('opening an endpoint', () => {
  const log = { debug() {}, info() {}, warn() {}, error() {} };

  it('needs a listening point, an address of ours, and a name for a wildcard', async () => {
    await expect(SipEndpoint.open({ listen: [], log })).rejects.toThrow('at least one');
    await expect(
      SipEndpoint.open({ listen: [{ protocol: 'udp', host: '192.0.2.1', port: 0 }], log }),
    ).rejects.toThrow('Cannot listen');
    await expect(
      SipEndpoint.open({ listen: [{ protocol: 'udp', host: '0.0.0.0', port: 0 }], log }),
    ).rejects.toThrow('advertisedHost');
    await expect(
      SipEndpoint.open({
        listen: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }],
        advertisedHost: 'a b',
        log,
      }),
    ).rejects.toThrow('Contact');
  });

  it('writes advertisedHost, fixedContactUser and userAgent', async () => {
    const us = await scene.party('udp', {
      advertisedHost: 'sip.example.net',
      fixedContactUser: 'edge-1',
      userAgent: 'Test/1',
    });
    const raw = await scene.rawUdp(us.port);
    us.sip.invite(
      { target: `sip:raw@127.0.0.1:${raw.port}`, offer: SDP('us'), answerTimeoutMs: 1000 },
      new Notes().handlers,
    );
    const invite = await raw.next('INVITE');
    expect(header(invite, 'Contact')).toBe(`<sip:edge-1@sip.example.net:${us.port}>`);
    expect(header(invite, 'Via')).toContain(`SIP/2.0/UDP sip.example.net:${us.port};branch=z9hG4bK`);
    expect(header(invite, 'User-Agent')).toBe('Test/1');
  });
});
