import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { OutgoingInvite } from '@sordino/interception';
import { bodyOf, header, request, response, SDP, tagOf } from '../core/test-support/messages.ts';
import { hurrySipJs } from '../core/test-support/quick-time.ts';
import type { RawUdpPeer } from '../core/test-support/raw-peer.ts';
import { type IncomingCall, Notes, type Party, Scene, untilIdle } from '../core/test-support/scene.ts';

const scene = new Scene();
afterEach(() => scene.close());
beforeAll(() => hurrySipJs());

/** Half of it is one second of the quickened clock. */
const EXPIRES_S = 24;
const TIMING = { minSeS: 6, sessionExpiresS: EXPIRES_S };

interface Dialog {
  readonly us: Party;
  readonly raw: RawUdpPeer;
  readonly ok: string;
  readonly parts: { uri: string; port: number; callId: string; toTag: string };
}

let calls = 0;

/** The raw peer has called us, and is answered. */
async function calledBy(headers: readonly string[]): Promise<Dialog & { readonly call: IncomingCall }> {
  const us = await scene.party('udp', { timing: TIMING });
  const raw = await scene.rawUdp(us.port);
  const parts = { uri: 'sip:tok@127.0.0.1', port: raw.port, callId: `timer-in-${++calls}` };
  raw.send(request('INVITE', { ...parts, headers, sdp: SDP('raw') }));
  const call = await us.nextCall();
  call.leg.accept(SDP('us'));
  const ok = await raw.next('SIP/2.0 200');
  const toTag = tagOf(header(ok, 'To'));
  raw.send(request('ACK', { ...parts, toTag }));
  await call.notes.next('acknowledged');
  return { us, raw, ok, call, parts: { ...parts, toTag } };
}

/** We have called the raw peer, and it has answered with these headers. */
async function calling(
  headers: readonly string[],
  sessionTimer: OutgoingInvite['sessionTimer'] | null = { expiresS: EXPIRES_S, minSeS: 6 },
) {
  const us = await scene.party('udp', { timing: TIMING });
  const raw = await scene.rawUdp(us.port);
  const notes = new Notes();
  const leg = us.sip.invite(
    {
      target: `sip:raw@127.0.0.1:${raw.port}`,
      offer: SDP('us'),
      answerTimeoutMs: 170_000,
      ...(sessionTimer === null ? {} : { sessionTimer }),
    },
    notes.handlers,
  );
  const invite = await raw.next('INVITE');
  const contact = `<sip:raw@127.0.0.1:${raw.port}>`;
  raw.send(response(invite, 200, { contact, headers, sdp: SDP('raw') }));
  await raw.next('ACK');
  return { us, raw, notes, leg, invite, contact };
}

const ALLOW_UPDATE = 'Allow: INVITE, ACK, BYE, CANCEL, UPDATE';
/** From the first refresh to the BYE is a tenth of the interval: the machine may stand still for so long. */
const LONG = ['Supported: timer', 'x: 72;refresher=uas', ALLOW_UPDATE];

describe('the answer to an INVITE (RFC 4028 §9, table 2)', () => {
  it.each([
    ['no timer, nothing asked: we refresh', [], `${EXPIRES_S};refresher=uas`, undefined],
    ['no timer, a proxy asked: we refresh', ['Session-Expires: 30'], '30;refresher=uas', undefined],
    ['timer, who is left open: the caller', ['Supported: timer', 'x: 30'], '30;refresher=uac', 'timer'],
    [
      'timer, the caller',
      ['Supported: Timer', 'Session-Expires: 30 ; refresher=UAC'],
      '30;refresher=uac',
      'timer',
    ],
    ['timer, us', ['Supported: timer', 'Session-Expires: 30;refresher=uas'], '30;refresher=uas', undefined],
    ['timer required', ['Require: timer', 'Session-Expires: 30'], '30;refresher=uac', 'timer'],
    ['a proxy asked for less than our minimum', ['Session-Expires: 2'], '6;refresher=uas', undefined],
    ['what cannot be read', ['Session-Expires: soon'], `${EXPIRES_S};refresher=uas`, undefined],
    ['more than a day', ['k: timer', 'x: 4294967295;refresher=uas'], '86400;refresher=uas', undefined],
    ['their minimum is above ours', ['Supported: timer', 'Min-SE: 60'], '60;refresher=uas', undefined],
  ])('%s', async (_, headers, expires, require) => {
    const { ok } = await calledBy(headers);
    expect(header(ok, 'Session-Expires')).toBe(expires);
    expect(header(ok, 'Require')).toBe(require);
    expect(header(ok, 'Supported')).toBe('timer, 100rel');
  });

  it('422 with our minimum, in the INVITE and later in an UPDATE; the call goes on', async () => {
    const { raw, parts, call } = await calledBy([]);
    const headers = ['Supported: timer', 'Session-Expires: 5'];
    const { uri, port } = parts;
    raw.send(request('INVITE', { uri, port, callId: 'short', headers, sdp: SDP('raw') }));
    expect(header(await raw.next('SIP/2.0 422'), 'Min-SE')).toBe('6');
    raw.send(request('UPDATE', { ...parts, cseq: 2, headers }));
    expect(header(await raw.next('SIP/2.0 422'), 'Min-SE')).toBe('6');
    expect(call.leg.state).toBe('confirmed');
  });
});

describe('a session that came in', () => {
  it('is refreshed by us at half the interval, by UPDATE without SDP where the caller allows it', async () => {
    const { raw, call } = await calledBy(['Supported: timer', 'x: 24;refresher=uas', ALLOW_UPDATE]);
    const begunAt = performance.now();
    for (let round = 0; round < 2; round++) {
      const update = await raw.next('UPDATE');
      expect(header(update, 'Session-Expires')).toBe('24;refresher=uac');
      expect(header(update, 'Min-SE')).toBe('6');
      expect(header(update, 'Contact')).toContain('sip:sordino@127.0.0.1');
      expect(bodyOf(update)).toBe('');
      raw.send(response(update, 200, { headers: ['Session-Expires: 24;refresher=uac'] }));
    }
    expect(performance.now() - begunAt).toBeGreaterThan(1_900);
    expect(call.leg.state).toBe('confirmed');
    expect(call.notes.types).toEqual(['acknowledged']);
  });

  it('by a re-INVITE that changes nothing where it does not; a 405 to UPDATE teaches us that too', async () => {
    const { raw, parts, call } = await calledBy(['Supported: timer', 'x: 24;refresher=uas', ALLOW_UPDATE]);
    raw.send(response(await raw.next('UPDATE'), 405));
    for (let round = 0; round < 2; round++) {
      const invite = await raw.next('INVITE');
      expect(bodyOf(invite)).toBe(SDP('us'));
      expect(header(invite, 'Session-Expires')).toBe('24;refresher=uac');
      const contact = `<sip:raw@127.0.0.1:${raw.port}>`;
      raw.send(response(invite, 200, { contact, headers: ['x: 24;refresher=uac'], sdp: SDP(`raw${round}`) }));
      await raw.next(new RegExp(`^ACK[\\s\\S]*Call-ID: ${parts.callId}`));
      // It is an answer as any other: its keys and its address are new ones.
      expect((await call.notes.next('reanswered')).sdp).toBe(SDP(`raw${round}`));
    }
    expect(raw.count('UPDATE')).toBe(1);
  });

  it.each([
    ['481', 481, 'peer'],
    // RFC 4320 §4.2: a 408 to a request like this is as good as none.
    ['408', 408, 'timeout'],
    ['404 (RFC 5057)', 404, 'peer'],
  ] as const)('ends with BYE when our refresh is answered %s', async (_, status, by) => {
    const { us, raw, call } = await calledBy(['Supported: timer', 'x: 24;refresher=uas', ALLOW_UPDATE]);
    raw.send(response(await raw.next('UPDATE'), status));
    const bye = await raw.next('BYE');
    expect(header(bye, 'Reason')).toBe(`SIP;cause=${status};text="session refresh: ${status}"`);
    raw.send(response(bye, 200));
    const reason = `session refresh: ${status}`;
    expect((await call.notes.next('ended')).end).toEqual({ by, how: 'lost', status, reason });
    await untilIdle(us);
  });

  it('ends with BYE when nobody answers our refresh', async () => {
    const { us, raw, call } = await calledBy(['Supported: timer', 'x: 24;refresher=uas', ALLOW_UPDATE]);
    await raw.next('UPDATE');
    raw.send(response(await raw.next('BYE'), 200));
    expect((await call.notes.next('ended')).end).toMatchObject({ by: 'timeout', how: 'lost' });
    await untilIdle(us);
  });

  it('is refreshed again after a refusal of another kind, and ends when all are refused', async () => {
    const { us, raw, call } = await calledBy(LONG);
    for (const status of [500, 491]) raw.send(response(await raw.next('UPDATE'), status));
    raw.send(response(await raw.next('BYE'), 200));
    expect((await call.notes.next('ended')).end).toMatchObject({
      by: 'timeout',
      how: 'lost',
      reason: 'no session refresh in time',
    });
    await untilIdle(us);
  });

  it('a longer interval that the caller wants in a 422 is taken', async () => {
    const { raw } = await calledBy(LONG);
    raw.send(response(await raw.next('UPDATE'), 422, { headers: ['Min-SE: 90'] }));
    expect(header(await raw.next('UPDATE'), 'Session-Expires')).toBe('90;refresher=uac');
  });

  it('lives on while the caller refreshes, by UPDATE or re-INVITE, and ends a third before the time is over', async () => {
    const { us, raw, call, parts } = await calledBy(['Supported: timer', 'Session-Expires: 24']);
    for (const [cseq, method] of [
      [2, 'UPDATE'],
      [3, 'INVITE'],
    ] as const) {
      await new Promise((resolve) => setTimeout(resolve, 800));
      const headers = ['Supported: timer', 'Session-Expires: 24;refresher=uac'];
      raw.send(
        request(method, { ...parts, cseq, headers, ...(method === 'INVITE' ? { sdp: SDP('raw2') } : {}) }),
      );
      if (method === 'INVITE') (await call.notes.next('reoffered')).reoffer.accept(SDP('us'));
      const ok = await raw.next(new RegExp(`^SIP/2\\.0 200[\\s\\S]*CSeq: ${cseq} ${method}`));
      expect(header(ok, 'Session-Expires')).toBe('24;refresher=uac');
      if (method === 'INVITE') raw.send(request('ACK', { ...parts, cseq }));
    }
    expect(call.leg.state).toBe('confirmed');
    const bye = await raw.next('BYE');
    expect(header(bye, 'Reason')).toBe('SIP;cause=408;text="no session refresh in time"');
    raw.send(response(bye, 200));
    expect((await call.notes.next('ended')).end).toMatchObject({ by: 'timeout', how: 'lost' });
    await untilIdle(us);
  });
});

describe('a session of ours', () => {
  it('asks as it is told, and says nothing of timers otherwise', async () => {
    const { invite } = await calling([]);
    expect(header(invite, 'Supported')).toBe('timer, 100rel');
    expect(header(invite, 'Session-Expires')).toBe('24');
    expect(header(invite, 'Min-SE')).toBe('6');
    const { invite: other } = await calling([], null);
    expect(header(other, 'Session-Expires')).toBeUndefined();
  });

  it('that the peer knows no timers for is refreshed by us', async () => {
    const { raw, contact } = await calling([]);
    const refresh = await raw.next('INVITE');
    expect(bodyOf(refresh)).toBe(SDP('us'));
    expect(header(refresh, 'CSeq')).toBe('2 INVITE');
    raw.send(response(refresh, 200, { contact, sdp: SDP('raw') }));
    await raw.next('ACK');
    expect(header(await raw.next('INVITE'), 'CSeq')).toBe('3 INVITE');
  });

  it('is refreshed by whom the 200 names', async () => {
    const { raw } = await calling([ALLOW_UPDATE, 'Session-Expires: 24;refresher=uac', 'Require: timer']);
    expect(header(await raw.next('UPDATE'), 'Session-Expires')).toBe('24;refresher=uac');
    const theirs = await calling([ALLOW_UPDATE, 'Session-Expires: 24;refresher=uas']);
    theirs.raw.send(response(await theirs.raw.next('BYE'), 200));
    expect((await theirs.notes.next('ended')).end).toMatchObject({ by: 'timeout', how: 'lost' });
    expect(theirs.raw.count('UPDATE')).toBe(0);
    await untilIdle(theirs.us);
  });

  it('an interval that the peer put in where we asked for none is honoured', async () => {
    const { raw } = await calling([ALLOW_UPDATE, 'Session-Expires: 24;refresher=uac'], null);
    expect(header(await raw.next('UPDATE'), 'Session-Expires')).toBe('24;refresher=uac');
  });

  it('is lost when our re-INVITE is answered 481', async () => {
    const { us, raw, notes } = await calling([]);
    raw.send(response(await raw.next('INVITE'), 481));
    raw.send(response(await raw.next('BYE'), 481));
    expect((await notes.next('ended')).end).toEqual({
      by: 'peer',
      how: 'lost',
      status: 481,
      reason: 're-INVITE: 481',
    });
    await untilIdle(us);
  });

  it('422 to the INVITE: once more with the minimum of the peer, a new branch and the next CSeq, three times at most', async () => {
    const us = await scene.party('udp', { timing: TIMING });
    const raw = await scene.rawUdp(us.port);
    const notes = new Notes();
    us.sip.invite(
      {
        target: `sip:raw@127.0.0.1:${raw.port}`,
        offer: SDP('us'),
        answerTimeoutMs: 170_000,
        sessionTimer: { expiresS: 24, minSeS: 6 },
      },
      notes.handlers,
    );
    let before = await raw.next('INVITE');
    for (const minSe of [30, 40, 50]) {
      raw.send(response(before, 422, { headers: [`Min-SE: ${minSe}`] }));
      const again = await raw.next(new RegExp(`^INVITE[\\s\\S]*Session-Expires: ${minSe}\\r`));
      expect(header(again, 'Min-SE')).toBe(String(minSe));
      for (const name of ['Call-ID', 'From']) expect(header(again, name)).toBe(header(before, name));
      expect(Number.parseInt(header(again, 'CSeq') ?? '', 10)).toBe(
        Number.parseInt(header(before, 'CSeq') ?? '', 10) + 1,
      );
      expect(header(again, 'Via')).not.toBe(header(before, 'Via'));
      before = again;
    }
    raw.send(response(before, 422, { headers: ['Min-SE: 60'] }));
    expect((await notes.next('ended')).end).toMatchObject({ by: 'peer', how: 'rejected', status: 422 });
    await untilIdle(us);
  });

  it('a 422 that does not say what would do is a refusal', async () => {
    const us = await scene.party('udp', { timing: TIMING });
    const raw = await scene.rawUdp(us.port);
    const notes = new Notes();
    us.sip.invite(
      {
        target: `sip:raw@127.0.0.1:${raw.port}`,
        offer: SDP('us'),
        answerTimeoutMs: 170_000,
        sessionTimer: { expiresS: 24, minSeS: 6 },
      },
      notes.handlers,
    );
    raw.send(response(await raw.next('INVITE'), 422));
    expect((await notes.next('ended')).end).toMatchObject({ how: 'rejected', status: 422 });
  });
});
