import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Scheduler } from '@sordino/core';
import { authorization, directive } from '../core/test-support/digest-by-hand.ts';
import { header, request, SDP, tagOf } from '../core/test-support/messages.ts';
import { hurrySipJs, quickTime } from '../core/test-support/quick-time.ts';
import type { RawUdpPeer } from '../core/test-support/raw-peer.ts';
import { type Party, Scene } from '../core/test-support/scene.ts';
import type { PlatformAdmission, SourceLimits } from './admission-options.ts';
import { type DigestAlgorithm, digestHa1 } from './digest/digest.ts';

const URI = 'sip:token@127.0.0.1';
const USER = 'sbc-7';
const PASSWORD = 'correct horse';

const scene = new Scene();
afterEach(() => scene.close());
beforeAll(() => hurrySipJs());

function platform(over: Partial<PlatformAdmission> = {}, algorithms: DigestAlgorithm[] = ['SHA-256', 'MD5']) {
  const secrets = algorithms.map((name) => [name, digestHa1(name, USER, 'sordino', PASSWORD)] as const);
  const inbound = { username: USER, realm: 'sordino', ha1: new Map(secrets) };
  return { id: 'plt_a', allow: [], tlsNames: [], callHosts: [], inbound, ...over };
}

async function stage(
  platforms: readonly PlatformAdmission[] = [platform()],
  more: { limits?: Partial<SourceLimits>; scheduler?: Scheduler } = {},
): Promise<{ us: Party; raw: RawUdpPeer }> {
  const { limits = {}, scheduler = quickTime } = more;
  const us = await scene.party('udp', { admission: { platforms, limits }, scheduler });
  return { us, raw: await scene.rawUdp(us.port) };
}

const ask = (raw: RawUdpPeer, callId: string, credentials?: string, method = 'INVITE'): string =>
  request(method, {
    ...{ uri: URI, port: raw.port, callId, cseq: credentials === undefined ? 1 : 2 },
    headers: credentials === undefined ? [] : [`Authorization: ${credentials}`],
    ...(method === 'INVITE' ? { sdp: SDP('p') } : {}),
  });

const challenges = (answer: string): string[] =>
  [...answer.matchAll(/\r\nWWW-Authenticate: ([^\r\n]*)/g)].map(([, value = '']) => value);

/** A fresh challenge of this algorithm. */
async function challenged(raw: RawUdpPeer, algorithm = 'SHA-256'): Promise<string> {
  raw.send(ask(raw, `ask-${Math.random()}`));
  const answer = await raw.next('SIP/2.0 401');
  return challenges(answer).find((value) => directive(value, 'algorithm') === algorithm) ?? '';
}

const right = { method: 'INVITE', uri: URI, username: USER, password: PASSWORD };

describe('a platform that signs in', () => {
  it('is asked with the best algorithm first, and by nothing that is kept', async () => {
    const { us, raw } = await stage();
    raw.send(ask(raw, 'first'));
    const answer = await raw.next('SIP/2.0 401');
    const asked = challenges(answer);
    expect(asked.map((value) => directive(value, 'algorithm'))).toEqual(['SHA-256', 'MD5']);
    for (const value of asked) {
      expect(value).toMatch(/^Digest realm="sordino", nonce="[\w-]{46}", algorithm=[\w-]+, qop="auth"$/);
    }
    raw.send(
      request('ACK', { uri: URI, port: raw.port, callId: 'first', toTag: tagOf(header(answer, 'To')) }),
    );
    raw.send(ask(raw, 'second', undefined, 'OPTIONS'));
    await raw.next('SIP/2.0 401');
    expect(us.sip.diagnostics()).toMatchObject({ servers: 0, dialogs: 0, legs: 0 });
  });

  it.each<DigestAlgorithm>(['SHA-256', 'SHA-512-256', 'MD5'])('gets in with %s', async (algorithm) => {
    const { us, raw } = await stage([platform({}, [algorithm])]);
    const challenge = await challenged(raw, algorithm);
    raw.send(ask(raw, 'in', authorization({ ...right, challenge })));
    const { invite, leg } = await us.nextCall();
    expect(invite.platforms).toEqual(['plt_a']);
    leg.reject(404);
  });

  it('is let in again with the same nonce and the next count, by OPTIONS too', async () => {
    const { us, raw } = await stage();
    const challenge = await challenged(raw);
    for (const nc of [1, 2, 3]) {
      raw.send(ask(raw, `call-${nc}`, authorization({ ...right, challenge, nc })));
      (await us.nextCall()).leg.reject(404);
    }
    const options = { ...right, method: 'OPTIONS', challenge, nc: 4 };
    raw.send(ask(raw, 'ping', authorization(options), 'OPTIONS'));
    await raw.next('SIP/2.0 200');
  });

  it('is not asked again in its dialog, and its repetitions, ACK and CANCEL are never asked', async () => {
    const { us, raw } = await stage();
    const invite = ask(raw, 'call', authorization({ ...right, challenge: await challenged(raw) }));
    raw.send(invite);
    raw.send(invite);
    const { leg, notes } = await us.nextCall();
    leg.ring(180);
    leg.accept(SDP('us'));
    const toTag = tagOf(header(await raw.next('SIP/2.0 200'), 'To'));
    const inDialog = { uri: URI, port: raw.port, callId: 'call', toTag };
    raw.send(request('ACK', { ...inDialog, cseq: 2 }));
    await notes.next('acknowledged');
    raw.send(request('INVITE', { ...inDialog, cseq: 3, sdp: SDP('again') }));
    const { reoffer } = await notes.next('reoffered');
    reoffer.accept(SDP('us again'));
    await raw.next(/^SIP\/2.0 200.*CSeq: 3 INVITE/s);
    raw.send(request('ACK', { ...inDialog, cseq: 3 }));
    raw.send(request('BYE', { ...inDialog, cseq: 4 }));
    await raw.next(/^SIP\/2.0 200.*CSeq: 4 BYE/s);
    raw.send(request('CANCEL', { uri: URI, port: raw.port, callId: 'none' }));
    await raw.next('SIP/2.0 481');
    expect(us.calls).toHaveLength(1);
    expect(raw.count('SIP/2.0 401')).toBe(1);
  });

  it.each<[what: string, alter: (credentials: string) => string]>([
    ['a wrong response', (text) => text.replace(/response="./, 'response="_')],
    ['a short response', (text) => text.replace(/response="[^"]*"/, 'response="00"')],
    ['another user', (text) => text.replace(USER, 'sbc-8')],
    ['another count than was signed', (text) => text.replace('nc=00000001', 'nc=00000002')],
    ['a count that is no number', (text) => text.replace('nc=00000001', 'nc=1')],
    ['no count', (text) => text.replace(', nc=00000001', '')],
    ['no client nonce', (text) => text.replace(', cnonce="c0ffee"', '')],
    ['no protection', (text) => text.replace('qop=auth, ', '')],
    ['an algorithm that was not offered', (text) => text.replace('SHA-256', 'SHA-512-256')],
    ['an unknown algorithm', (text) => text.replace('SHA-256', 'SHA-256-sess')],
    ['another realm', (text) => text.replace('realm="sordino"', 'realm="elsewhere"')],
    ['another scheme', () => 'Basic c2JjLTc6Y29ycmVjdA=='],
    ['half a header', (text) => text.slice(0, 60)],
    ['nothing', () => ''],
  ])('is asked once more, and not for being late, with %s', async (_what, alter) => {
    const { us, raw } = await stage();
    const challenge = await challenged(raw);
    raw.send(ask(raw, 'wrong', alter(authorization({ ...right, challenge }))));
    const answer = await raw.next('SIP/2.0 401');
    expect(answer).not.toContain('stale');
    expect(answer).not.toContain(PASSWORD);
    expect(us.calls).toEqual([]);
  });

  it.each<[what: string, nonceOf: (challenge: string) => string, nc: number]>([
    ['the same count again', (challenge) => challenge, 1],
    ['a nonce that nobody gave out', (challenge) => challenge.replace(/nonce="./, 'nonce="_'), 2],
  ])('is told that it is late, not wrong, with %s', async (_what, alter, nc) => {
    const { us, raw } = await stage();
    const challenge = await challenged(raw);
    raw.send(ask(raw, 'once', authorization({ ...right, challenge })));
    (await us.nextCall()).leg.reject(404);
    raw.send(ask(raw, 'twice', authorization({ ...right, challenge: alter(challenge), nc })));
    const answer = await raw.next('SIP/2.0 401');
    expect(challenges(answer).every((value) => value.endsWith(', stale=true'))).toBe(true);
    // And with what it is told it gets in.
    const next = challenges(answer)[0] ?? '';
    raw.send(ask(raw, 'third', authorization({ ...right, challenge: next })));
    await us.nextCall();
  });

  it('cannot sign in with the credentials of another request', async () => {
    const { us, raw } = await stage();
    const options = authorization({ ...right, method: 'OPTIONS', challenge: await challenged(raw) });
    raw.send(ask(raw, 'other', options));
    await raw.next('SIP/2.0 401');
    expect(us.calls).toEqual([]);
  });

  it('needs its address as well, where both are asked for', async () => {
    const { us } = await stage([platform({ allow: ['127.0.0.2'] })]);
    const elsewhere = await scene.rawUdp(us.port, '127.0.0.3');
    const right = await scene.rawUdp(us.port, '127.0.0.2');
    elsewhere.send(ask(elsewhere, 'elsewhere'));
    right.send(ask(right, 'here'));
    await right.next('SIP/2.0 401');
    expect(elsewhere.received).toEqual([]);
  });

  it('gets no answer to what is malformed before it has signed in', async () => {
    const { raw } = await stage();
    raw.send(ask(raw, 'bad').replace('CSeq: 1', 'CSeq: x'));
    await challenged(raw);
    expect(raw.received).toHaveLength(1);
  });

  it('is one of several by its name, each with a realm or a user of its own', async () => {
    const b = {
      username: 'b',
      realm: 'sordino',
      ha1: new Map([['MD5', digestHa1('MD5', 'b', 'sordino', 'pw-b')]] as const),
    };
    const { us, raw } = await stage([platform(), platform({ id: 'plt_b', inbound: b })]);
    const challenge = await challenged(raw, 'MD5');
    raw.send(ask(raw, 'b', authorization({ ...right, challenge, username: 'b', password: 'pw-b' })));
    expect((await us.nextCall()).invite.platforms).toEqual(['plt_b']);
    raw.send(ask(raw, 'mixed', authorization({ ...right, challenge, username: 'b' })));
    await raw.next('SIP/2.0 401');
  });
});

describe('a source that guesses', () => {
  const still: Scheduler = { ...quickTime, monotonicMs: () => 0 };

  it('passwords, is not answered any more', async () => {
    const { us, raw } = await stage([platform()], { limits: { wrongPerMin: 5 }, scheduler: still });
    const challenge = await challenged(raw);
    for (let nc = 1; nc <= 5; nc++) {
      raw.send(ask(raw, `guess-${nc}`, authorization({ ...right, challenge, nc, password: `guess ${nc}` })));
      await raw.next('SIP/2.0 401');
    }
    raw.send(ask(raw, 'right at last', authorization({ ...right, challenge, nc: 6 })));
    const other = await scene.rawUdp(us.port, '127.0.0.5');
    expect(await challenged(other)).not.toBe('');
    expect(raw.count('SIP/2.0 401')).toBe(6);
    expect(us.calls).toEqual([]);
    expect(us.log.filter((line) => line.includes('wrong passwords'))).toHaveLength(1);
  });

  it('with the nonce of somebody else, does not bring that one into trouble', async () => {
    const { us, raw } = await stage([platform()], { limits: { wrongPerMin: 5 }, scheduler: still });
    const other = await scene.rawUdp(us.port, '127.0.0.5');
    const challenge = await challenged(other);
    for (let nc = 1; nc <= 20; nc++) {
      raw.send(ask(raw, `forged-${nc}`, authorization({ ...right, challenge, nc, password: 'x' })));
      await raw.next('SIP/2.0 401');
    }
    raw.send(ask(raw, 'honest', authorization({ ...right, challenge: await challenged(raw) })));
    expect((await us.nextCall()).invite.callId).toBe('honest');
  });

  it('calls that nobody waits for, is told no whatever it asks, and its call that is up goes on', async () => {
    const asked: string[] = [];
    const us = await scene.party('udp', {
      admission: { platforms: [{ ...platform(), inbound: undefined }], limits: { wrongPerMin: 20 } },
      scheduler: still,
      onInvite: (leg, invite) => {
        asked.push(invite.callId);
        if (invite.callId === 'real') leg.accept(SDP('us'));
        else leg.reject(404);
        return { ended: () => {} };
      },
    });
    const raw = await scene.rawUdp(us.port);
    raw.send(ask(raw, 'real'));
    const toTag = tagOf(header(await raw.next('SIP/2.0 200'), 'To'));
    raw.send(request('ACK', { uri: URI, port: raw.port, callId: 'real', toTag }));
    for (let i = 0; i < 30; i++) raw.send(ask(raw, `guess-${i}`));
    raw.send(request('BYE', { uri: URI, port: raw.port, callId: 'real', toTag, cseq: 2 }));
    await raw.next(/^SIP\/2.0 200.*BYE/s);
    const refused = raw.received.filter((text) => text.startsWith('SIP/2.0 404'));
    expect(new Set(refused.map((text) => header(text, 'Call-ID'))).size).toBe(30);
    // The last ten were not even looked at.
    expect(asked).toHaveLength(21);
    raw.send(ask(raw, 'ping', undefined, 'OPTIONS'));
    await raw.next(/^SIP\/2.0 200.*OPTIONS/s);
  });
});
