import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { SipLeg } from '@sordino/interception';
import { directive, isRight } from '../core/test-support/digest-by-hand.ts';
import { bodyOf, header, request, response, SDP, tagOf } from '../core/test-support/messages.ts';
import { hurrySipJs, until } from '../core/test-support/quick-time.ts';
import type { RawUdpPeer } from '../core/test-support/raw-peer.ts';
import { Notes, type Party, Scene, untilIdle } from '../core/test-support/scene.ts';
import type { OutboundAccount } from './digest/call-credentials.ts';

const PASSWORD = 'open "sesame"';

const scene = new Scene();
afterEach(() => scene.close());
beforeAll(() => hurrySipJs());

const account: OutboundAccount = {
  username: 'sordino',
  password: PASSWORD,
  realm: undefined,
  algorithms: ['SHA-256', 'MD5'],
};

async function stage(outbound: OutboundAccount | 'none' = account): Promise<{ us: Party; raw: RawUdpPeer }> {
  const platform = { id: 'plt_a', allow: [], tlsNames: [], callHosts: ['127.0.0.1'] };
  const signedUp = outbound === 'none' ? platform : { ...platform, outbound };
  const us = await scene.party('udp', { admission: { platforms: [signedUp] } });
  return { us, raw: await scene.rawUdp(us.port) };
}

function call(us: Party, raw: RawUdpPeer, platform = 'plt_a'): { leg: SipLeg; notes: Notes } {
  const notes = new Notes();
  const target = `sip:agent@127.0.0.1:${raw.port}`;
  const leg = us.sip.invite({ target, offer: SDP('us'), answerTimeoutMs: 60_000, platform }, notes.handlers);
  return { leg, notes };
}

/** Answers a request with a challenge, and returns the request that comes then. */
async function challenge(
  raw: RawUdpPeer,
  to: string,
  challenges: readonly string[],
  status = 401,
): Promise<string> {
  const name = status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate';
  raw.send(response(to, status, { headers: challenges.map((value) => `${name}: ${value}`) }));
  // Not a repetition of the one before: that has the same CSeq.
  const method = to.split(' ', 1)[0] ?? '';
  return raw.next((text) => text.startsWith(method) && header(text, 'CSeq') !== header(to, 'CSeq'));
}

const sha = 'Digest realm="pbx", nonce="n-1", algorithm=SHA-256, qop="auth"';
const md5 = 'Digest realm="pbx", nonce="n-2", algorithm=MD5, qop="auth"';
const credentialsOf = (message: string, name = 'Authorization'): string => header(message, name) ?? '';

describe('a challenge to our INVITE', () => {
  it.each<[what: string, challenges: readonly string[], algorithm: string]>([
    ['SHA-256 before MD5', [sha, md5], 'SHA-256'],
    ['MD5 before SHA-256', [md5, sha], 'SHA-256'],
    ['MD5 alone', [md5], 'MD5'],
    ['an algorithm of tomorrow before MD5', [sha.replace('SHA-256', 'SHA3-512'), md5], 'MD5'],
    ['another scheme before MD5', ['Bearer realm="pbx"', md5], 'MD5'],
    ['protection of the body', [sha.replace('"auth"', '"auth-int"')], 'SHA-256'],
    ['no algorithm and no protection, as in RFC 2069', ['Digest realm="pbx", nonce="n-3"'], ''],
  ])('is answered: %s', async (_what, challenges, algorithm) => {
    const { us, raw } = await stage();
    const { notes } = call(us, raw);
    const first = await raw.next('INVITE ');
    expect(first).not.toContain('uthorization');
    const second = await challenge(raw, first, challenges);
    const credentials = credentialsOf(second);
    expect(directive(credentials, 'algorithm')).toBe(algorithm);
    expect(directive(credentials, 'uri')).toBe(second.split(' ')[1]);
    expect(isRight(credentials, 'INVITE', PASSWORD, bodyOf(second))).toBe(true);
    expect(header(second, 'CSeq')).toBe('2 INVITE');
    expect(header(second, 'Call-ID')).toBe(header(first, 'Call-ID'));
    expect(second).not.toContain('sesame');
    raw.send(response(second, 486));
    expect((await notes.next('ended')).end).toMatchObject({ how: 'rejected', status: 486 });
  });

  it('of a proxy is answered in a header of its own, and keeps the opaque and an awkward realm', async () => {
    const { us, raw } = await stage();
    call(us, raw);
    const asked = 'Digest realm="the \\"pbx\\"", nonce="n", opaque="o p", algorithm=SHA-256, qop="auth"';
    const second = await challenge(raw, await raw.next('INVITE '), [asked], 407);
    const credentials = credentialsOf(second, 'Proxy-Authorization');
    expect(credentials).toContain('realm="the \\"pbx\\""');
    expect(credentials).toContain('opaque="o p"');
    expect(second).not.toContain('\r\nAuthorization');
    raw.send(response(second, 486));
  });

  it.each<[what: string, account: OutboundAccount | 'none', challenges: readonly string[], of?: string]>([
    ['we have no account', 'none', [sha]],
    ['the account is of another realm', { ...account, realm: 'sbc' }, [sha]],
    ['the account takes no MD5', { ...account, algorithms: ['SHA-256'] }, [md5]],
    ['nothing is asked that we speak', account, ['Digest realm="pbx", nonce="n", algorithm=AKAv2-MD5']],
    ['the challenge cannot be read', account, ['Digest realm="pbx']],
    ['nothing is asked', account, []],
    ['the call is of no platform', account, [sha], 'plt_none'],
  ])('ends the leg with 401 where %s', async (_what, outbound, challenges, of = 'plt_a') => {
    const { us, raw } = await stage(outbound);
    if (of !== 'plt_a') {
      const outcome = us.sip.options({ target: `sip:127.0.0.1:${raw.port}`, timeoutMs: 20_000 });
      raw.send(response(await raw.next('OPTIONS '), 401, { headers: [`WWW-Authenticate: ${sha}`] }));
      expect(await outcome).toMatchObject({ answered: true, status: 401 });
      return;
    }
    const { notes } = call(us, raw);
    const invite = await raw.next('INVITE ');
    raw.send(response(invite, 401, { headers: challenges.map((value) => `WWW-Authenticate: ${value}`) }));
    await raw.next('ACK ');
    expect((await notes.next('ended')).end).toMatchObject({ by: 'peer', how: 'rejected', status: 401 });
    expect(raw.count('INVITE ')).toBe(1);
  });

  it.each<[what: string, again: string]>([
    ['the same nonce', sha],
    ['another nonce', sha.replace('n-1', 'n-9')],
  ])('is not answered a second time with %s: the password is wrong', async (_what, again) => {
    const { us, raw } = await stage();
    const { notes } = call(us, raw);
    const second = await challenge(raw, await raw.next('INVITE '), [sha]);
    raw.send(response(second, 401, { headers: [`WWW-Authenticate: ${again}`] }));
    expect((await notes.next('ended')).end).toMatchObject({ how: 'rejected', status: 401 });
    expect(raw.count('INVITE ')).toBe(2);
    expect(us.log.join()).not.toContain('sesame');
  });

  it('is answered a second time where we were only late', async () => {
    const { us, raw } = await stage();
    const { notes } = call(us, raw);
    const second = await challenge(raw, await raw.next('INVITE '), [sha]);
    const third = await challenge(raw, second, [`${sha.replace('n-1', 'n-9')}, stale=TRUE`]);
    expect(directive(credentialsOf(third), 'nonce')).toBe('n-9');
    expect(directive(credentialsOf(third), 'nc')).toBe('00000001');
    expect(isRight(credentialsOf(third), 'INVITE', PASSWORD)).toBe(true);
    expect(header(third, 'CSeq')).toBe('3 INVITE');
    raw.send(response(third, 486));
    await notes.next('ended');
  });
});

describe('the requests of a call', () => {
  /** A call that was let in after a challenge. */
  async function up(
    info?: string,
  ): Promise<{ us: Party; raw: RawUdpPeer; leg: SipLeg; notes: Notes; invite: string }> {
    const { us, raw } = await stage();
    const { leg, notes } = call(us, raw);
    const invite = await challenge(raw, await raw.next('INVITE '), [sha]);
    const headers = info === undefined ? [] : [`Authentication-Info: ${info}`];
    const contact = `<sip:agent@127.0.0.1:${raw.port}>`;
    raw.send(response(invite, 200, { contact, headers, sdp: SDP('agent') }));
    await notes.next('answered');
    return { us, raw, leg, notes, invite };
  }

  it('carry credentials unasked: the ACK those of its INVITE, others the next count', async () => {
    const { us, raw, leg, notes, invite } = await up();
    const ack = await raw.next(/^ACK .*CSeq: 2 ACK/s);
    expect(credentialsOf(ack)).toBe(credentialsOf(invite));
    leg.hangup();
    const bye = await raw.next('BYE ');
    expect(directive(credentialsOf(bye), 'nc')).toBe('00000002');
    expect(isRight(credentialsOf(bye), 'BYE', PASSWORD)).toBe(true);
    raw.send(response(bye, 200));
    await notes.next('ended');
    await untilIdle(us);
  });

  it('take the nonce that the last answer brought', async () => {
    const { raw, leg } = await up('nextnonce="n-next", qop=auth');
    leg.hangup();
    const bye = await raw.next('BYE ');
    expect([directive(credentialsOf(bye), 'nonce'), directive(credentialsOf(bye), 'nc')]).toEqual([
      'n-next',
      '00000001',
    ]);
    raw.send(response(bye, 200));
  });

  it('are challenged each for itself, and the CSeq goes on', async () => {
    const { raw, leg, notes } = await up();
    await raw.next(/^ACK .*CSeq: 2 ACK/s);
    const late = (nonce: string): string[] => [`${sha.replace('n-1', nonce)}, stale=true`];
    const changing = leg.reoffer(SDP('new'));
    const reinvite = await challenge(raw, await raw.next('INVITE '), late('r-1'));
    expect(header(reinvite, 'CSeq')).toBe('4 INVITE');
    expect(isRight(credentialsOf(reinvite), 'INVITE', PASSWORD)).toBe(true);
    const contact = `<sip:agent@127.0.0.1:${raw.port}>`;
    raw.send(response(reinvite, 200, { contact, sdp: SDP('agent') }));
    expect(await changing).toMatchObject({ ok: true });
    const ack = await raw.next(/^ACK .*CSeq: 4 ACK/s);
    expect(credentialsOf(ack)).toBe(credentialsOf(reinvite));
    leg.hangup();
    const bye = await challenge(raw, await raw.next('BYE '), late('b-1'));
    expect(header(bye, 'CSeq')).toBe('6 BYE');
    expect(directive(credentialsOf(bye), 'nonce')).toBe('b-1');
    raw.send(response(bye, 200));
    expect((await notes.next('ended')).end).toMatchObject({ by: 'us', how: 'bye', status: 200 });
  });

  it('have no credentials in a CANCEL', async () => {
    const { us, raw } = await stage();
    const { leg } = call(us, raw);
    const invite = await challenge(raw, await raw.next('INVITE '), [sha]);
    raw.send(response(invite, 180));
    leg.hangup();
    const cancel = await raw.next('CANCEL ');
    expect(cancel).not.toContain('uthorization');
    expect(header(cancel, 'CSeq')).toBe('2 CANCEL');
    raw.send(response(cancel, 200));
    raw.send(response(invite, 487));
    await raw.next(/^ACK .*CSeq: 2 ACK/s);
  });

  it('are signed on the leg that came in, too: its BYE is answered for', async () => {
    const { us, raw } = await stage();
    raw.send(request('INVITE', { uri: 'sip:t@127.0.0.1', port: raw.port, callId: 'in', sdp: SDP('p') }));
    const { leg, notes } = await us.nextCall();
    leg.accept(SDP('us'));
    const toTag = tagOf(header(await raw.next('SIP/2.0 200'), 'To'));
    raw.send(request('ACK', { uri: 'sip:t@127.0.0.1', port: raw.port, callId: 'in', toTag }));
    await notes.next('acknowledged');
    leg.hangup();
    const bye = await challenge(raw, await raw.next('BYE '), [md5]);
    expect(isRight(credentialsOf(bye), 'BYE', PASSWORD)).toBe(true);
    raw.send(response(bye, 200));
    await notes.next('ended');
    await untilIdle(us);
  });

  it('may be a REFER outside a dialog: its NOTIFY then names the CSeq that was let in', async () => {
    const { us, raw } = await stage();
    const ended: unknown[] = [];
    us.sip.refer(
      {
        ...{ target: `sip:pbx@127.0.0.1:${raw.port}`, referTo: 'sip:tok@127.0.0.1', platform: 'plt_a' },
        notifyTimeoutMs: 20_000,
      },
      { ended: (outcome) => ended.push(outcome) },
    );
    const refer = await challenge(raw, await raw.next('REFER '), [sha]);
    expect(isRight(credentialsOf(refer), 'REFER', PASSWORD)).toBe(true);
    raw.send(response(refer, 202, { contact: `<sip:pbx@127.0.0.1:${raw.port}>` }));
    const cseq = Number(/\d+/.exec(header(refer, 'CSeq') ?? '')?.[0]);
    raw.send(
      request('NOTIFY', {
        ...{ uri: 'sip:sordino@127.0.0.1', port: raw.port, callId: header(refer, 'Call-ID') ?? '' },
        toTag: tagOf(header(refer, 'From')),
        headers: [
          `Event: refer;id=${cseq}`,
          'Subscription-State: terminated;reason=noresource',
          'Content-Type: message/sipfrag',
        ],
        body: 'SIP/2.0 200 OK\r\n',
      }),
    );
    await raw.next(/^SIP\/2.0 200.*NOTIFY/s);
    await until(
      () => 'the REFER came to its end',
      () => ended.length === 1,
    );
    expect(ended).toMatchObject([{ how: 'succeeded', status: 200 }]);
  });

  it('are forgotten with it', async () => {
    const { us, raw } = await stage();
    const outcome = us.sip.options({
      target: `sip:127.0.0.1:${raw.port}`,
      platform: 'plt_a',
      timeoutMs: 20_000,
    });
    const second = await challenge(raw, await raw.next('OPTIONS '), [sha]);
    expect(isRight(credentialsOf(second), 'OPTIONS', PASSWORD)).toBe(true);
    raw.send(response(second, 200));
    expect(await outcome).toMatchObject({ answered: true, status: 200 });
    await untilIdle(us);
    call(us, raw);
    expect(await raw.next('INVITE ')).not.toContain('uthorization');
  });
});
