import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLog } from '@sordino/core';
import type { SipEndpointOptions } from '../core/endpoint-options.ts';
import { SipEndpoint } from '../core/sip-endpoint.ts';
import { bodyOf, header, request, response, SDP, tagOf } from '../core/test-support/messages.ts';
import { hurrySipJs } from '../core/test-support/quick-time.ts';
import type { RawUdpPeer } from '../core/test-support/raw-peer.ts';
import { Notes, type Party, Scene, untilIdle } from '../core/test-support/scene.ts';

const scene = new Scene();
afterEach(() => scene.close());
beforeAll(() => hurrySipJs());

let callIds = 0;

interface Incoming {
  readonly us: Party;
  readonly raw: RawUdpPeer;
  readonly callId: string;
  readonly invite: string;
}

/** The raw peer calls us. */
async function rawCaller(
  parts: { readonly sdp?: string; readonly headers?: readonly string[] } = { sdp: SDP('raw') },
  options: Partial<SipEndpointOptions> = {},
): Promise<Incoming> {
  const us = await scene.party('udp', options);
  const raw = await scene.rawUdp(us.port);
  const callId = `endings-${++callIds}`;
  const invite = request('INVITE', {
    uri: 'sip:tok@127.0.0.1',
    port: raw.port,
    callId,
    branch: `z9hG4bK${callId}`,
    ...parts,
  });
  raw.send(invite);
  await raw.next('SIP/2.0 100');
  return { us, raw, callId, invite };
}

/** We call the raw peer. */
async function rawCallee(offer: string | undefined, answerTimeoutMs = 170_000) {
  const us = await scene.party();
  const raw = await scene.rawUdp(us.port);
  const notes = new Notes();
  const leg = us.sip.invite(
    { target: `sip:raw@127.0.0.1:${raw.port}`, offer, answerTimeoutMs },
    notes.handlers,
  );
  const invite = await raw.next('INVITE');
  return { us, raw, notes, leg, invite, contact: `<sip:raw@127.0.0.1:${raw.port}>` };
}

describe('a leg that came in', () => {
  it('answered, and the ACK never comes: 200 repeated for 64*T1, then BYE, then no_ack', async () => {
    const { us, raw } = await rawCaller();
    const call = await us.nextCall();
    call.leg.accept(SDP('us'));
    raw.send(response(await raw.next('BYE'), 200));
    expect((await call.notes.next('ended')).end).toMatchObject({ by: 'timeout', how: 'no_ack', status: 200 });
    expect(raw.count('SIP/2.0 200')).toBeGreaterThan(5);
    expect(call.notes.types).toEqual(['ended']);
    await untilIdle(us);
  });

  it('hung up before the ACK: the BYE waits for it (RFC 3261 §15)', async () => {
    const { us, raw, callId } = await rawCaller();
    const call = await us.nextCall();
    call.leg.accept(SDP('us'));
    const ok = await raw.next('SIP/2.0 200');
    call.leg.hangup({ protocol: 'Q.850', cause: 16, text: 'bye' });
    expect(call.leg.state).toBe('ending');
    // A later message on the same socket: were the BYE out, it would have come before.
    await raw.next('SIP/2.0 200');
    expect(raw.count('BYE')).toBe(0);
    raw.send(
      request('ACK', {
        uri: 'sip:sordino@127.0.0.1',
        port: raw.port,
        callId,
        toTag: tagOf(header(ok, 'To')),
      }),
    );
    const bye = await raw.next('BYE');
    expect(header(bye, 'Reason')).toBe('Q.850;cause=16;text="bye"');
    raw.send(response(bye, 200));
    expect((await call.notes.next('ended')).end).toMatchObject({ by: 'us', how: 'bye', reason: 'bye' });
    expect(call.notes.types).toEqual(['ended']);
  });

  it('takes an ACK that has the branch of its INVITE', async () => {
    const { us, raw, callId } = await rawCaller();
    const call = await us.nextCall();
    call.leg.accept(SDP('us'));
    const toTag = tagOf(header(await raw.next('SIP/2.0 200'), 'To'));
    const branch = `z9hG4bK${callId}`;
    raw.send(request('ACK', { uri: 'sip:sordino@127.0.0.1', port: raw.port, callId, toTag, branch }));
    await call.notes.next('acknowledged');
  });

  it('is ended by a BYE that overtakes the ACK', async () => {
    const { us, raw, callId } = await rawCaller();
    const call = await us.nextCall();
    call.leg.accept(SDP('us'));
    const toTag = tagOf(header(await raw.next('SIP/2.0 200'), 'To'));
    raw.send(request('BYE', { uri: 'sip:sordino@127.0.0.1', port: raw.port, callId, toTag, cseq: 2 }));
    await raw.next(/^SIP\/2\.0 200[\s\S]*CSeq: 2 BYE/);
    expect((await call.notes.next('ended')).end).toMatchObject({ by: 'peer', how: 'bye' });
    raw.send(request('ACK', { uri: 'sip:sordino@127.0.0.1', port: raw.port, callId, toTag }));
    await untilIdle(us);
    expect(call.notes.types).toEqual(['ended']);
  });

  it('is cancelled before anything was said: 200, 487, ended', async () => {
    const { us, raw, callId, invite } = await rawCaller();
    const call = await us.nextCall();
    const branch = `z9hG4bK${callId}`;
    raw.send(request('CANCEL', { uri: 'sip:tok@127.0.0.1', port: raw.port, callId, branch }));
    await raw.next(/^SIP\/2\.0 200[\s\S]*CANCEL/);
    const final = await raw.next('SIP/2.0 487');
    raw.send(
      request('ACK', {
        uri: 'sip:tok@127.0.0.1',
        port: raw.port,
        callId,
        branch,
        toTag: tagOf(header(final, 'To')),
      }),
    );
    expect((await call.notes.next('ended')).end).toMatchObject({ by: 'peer', how: 'canceled', status: 487 });
    expect(invite).toContain(branch);
    await untilIdle(us);
  });

  it('is not cancelled any more once it is answered', async () => {
    const { us, raw, callId } = await rawCaller();
    const call = await us.nextCall();
    call.leg.accept(SDP('us'));
    await raw.next('SIP/2.0 200');
    raw.send(
      request('CANCEL', { uri: 'sip:tok@127.0.0.1', port: raw.port, callId, branch: `z9hG4bK${callId}` }),
    );
    await raw.next(/^SIP\/2\.0 200[\s\S]*CANCEL/);
    expect(call.leg.state).toBe('accepted');
  });

  it('is ended by a BYE while it rings: the INVITE gets 487', async () => {
    const { us, raw, callId } = await rawCaller();
    const call = await us.nextCall();
    call.leg.ring(180);
    const toTag = tagOf(header(await raw.next('SIP/2.0 180'), 'To'));
    raw.send(request('BYE', { uri: 'sip:sordino@127.0.0.1', port: raw.port, callId, toTag, cseq: 2 }));
    await raw.next('SIP/2.0 487');
    expect((await call.notes.next('ended')).end).toMatchObject({ by: 'peer', how: 'canceled' });
  });

  it('is never answered by the application: 480', async () => {
    const { us, raw } = await rawCaller(undefined, { timing: { offeredMs: 3000 } });
    const call = await us.nextCall();
    await raw.next('SIP/2.0 480');
    expect((await call.notes.next('ended')).end).toMatchObject({
      by: 'timeout',
      how: 'no_answer',
      status: 480,
    });
  });

  it('is answered 480 where no application listens, and 500 when it throws', async () => {
    const deaf = await SipEndpoint.open({
      listen: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }],
      log: silentLog,
    });
    const caller = await scene.rawUdp(deaf.local('udp')?.port ?? 0);
    caller.send(
      request('INVITE', { uri: 'sip:a@127.0.0.1', port: caller.port, callId: 'deaf', sdp: SDP('raw') }),
    );
    await caller.next('SIP/2.0 480');
    await deaf.close();

    const broken = await scene.party('udp', {
      onInvite: () => {
        throw new Error('no such thing');
      },
    });
    const raw = await scene.rawUdp(broken.port);
    raw.send(
      request('INVITE', { uri: 'sip:tok@127.0.0.1', port: raw.port, callId: 'throws', sdp: SDP('raw') }),
    );
    await raw.next('SIP/2.0 500');
    expect(broken.log.join()).toContain('no such thing');
    expect(broken.sip.diagnostics()).toMatchObject({ legs: 0 });
  });

  it('two BYEs that cross are both answered 200 (RFC 5407 §3.1.6)', async () => {
    const { us, raw, callId } = await rawCaller();
    const call = await us.nextCall();
    call.leg.accept(SDP('us'));
    const toTag = tagOf(header(await raw.next('SIP/2.0 200'), 'To'));
    raw.send(request('ACK', { uri: 'sip:sordino@127.0.0.1', port: raw.port, callId, toTag }));
    await call.notes.next('acknowledged');
    call.leg.hangup();
    const ours = await raw.next('BYE');
    raw.send(request('BYE', { uri: 'sip:sordino@127.0.0.1', port: raw.port, callId, toTag, cseq: 2 }));
    await raw.next(/^SIP\/2\.0 200[\s\S]*CSeq: 2 BYE/);
    expect((await call.notes.next('ended')).end).toMatchObject({ by: 'us', how: 'bye' });
    raw.send(response(ours, 200));
    await untilIdle(us);
  });

  it('delayed offer: our offer in the 200, the answer in the ACK', async () => {
    const { us, raw, callId } = await rawCaller({});
    const call = await us.nextCall();
    expect(call.invite.sdp).toBeUndefined();
    call.leg.accept(SDP('us'));
    const ok = await raw.next('SIP/2.0 200');
    expect(bodyOf(ok)).toBe(SDP('us'));
    const toTag = tagOf(header(ok, 'To'));
    raw.send(
      request('ACK', { uri: 'sip:sordino@127.0.0.1', port: raw.port, callId, toTag, sdp: SDP('customer') }),
    );
    expect(await call.notes.next('acknowledged')).toMatchObject({ sdp: SDP('customer') });
  });
});

describe('a leg that went out', () => {
  it('nobody answers in time: no_answer at once, CANCEL, and the 487 is acknowledged', async () => {
    const { us, raw, notes, invite, leg } = await rawCallee(SDP('us'), 2000);
    raw.send(response(invite, 100));
    expect((await notes.next('ended')).end).toMatchObject({ by: 'timeout', how: 'no_answer' });
    expect(leg.state).toBe('ended');
    raw.send(response(await raw.next('CANCEL'), 200));
    raw.send(response(invite, 487));
    await raw.next('ACK');
    await untilIdle(us);
  });

  it('the peer says nothing at all: INVITE repeated, no CANCEL (RFC 3261 §9.1), nothing left', async () => {
    const { us, raw, notes } = await rawCallee(SDP('us'), 2000);
    expect((await notes.next('ended')).end).toMatchObject({ by: 'timeout', how: 'no_answer' });
    await untilIdle(us);
    expect(raw.count('CANCEL')).toBe(0);
    expect(raw.count('INVITE')).toBeGreaterThan(2);
  });

  it('a 200 that crosses the CANCEL is acknowledged and closed', async () => {
    const { us, raw, notes, invite, leg, contact } = await rawCallee(SDP('us'));
    raw.send(response(invite, 180, { contact }));
    await notes.next('progress');
    leg.hangup();
    await raw.next('CANCEL');
    raw.send(response(invite, 200, { contact, sdp: SDP('raw') }));
    await raw.next('ACK');
    raw.send(response(await raw.next('BYE'), 200));
    expect((await notes.next('ended')).end).toMatchObject({ by: 'us', how: 'canceled' });
    expect(notes.types).toEqual(['progress', 'ended']);
    await untilIdle(us);
  });

  it('a forked INVITE: the second 200 is acknowledged and closed, the first call goes on', async () => {
    const { raw, notes, invite, leg, contact } = await rawCallee(SDP('us'));
    raw.send(response(invite, 200, { contact, sdp: SDP('one'), toTag: 'one' }));
    await raw.next(/^ACK[\s\S]*tag=one/);
    raw.send(response(invite, 200, { contact, sdp: SDP('two'), toTag: 'two' }));
    await raw.next(/^ACK[\s\S]*tag=two/);
    raw.send(response(await raw.next('BYE'), 200));
    expect(raw.received.find((text) => text.startsWith('BYE'))).toContain('tag=two');
    expect(leg.state).toBe('confirmed');
    expect(notes.types).toEqual(['answered']);
  });

  it('the target is that of the 200, not of the 180, and that of the last re-INVITE', async () => {
    const { us, raw, notes, invite, leg, contact } = await rawCallee(SDP('us'));
    const [second, third] = [await scene.rawUdp(us.port), await scene.rawUdp(us.port)];
    raw.send(response(invite, 180, { contact }));
    await notes.next('progress');
    raw.send(response(invite, 200, { sdp: SDP('raw'), contact: `<sip:raw@127.0.0.1:${second.port}>` }));
    await second.next('ACK');
    const outcome = leg.reoffer(SDP('us2'));
    const reinvite = await second.next('INVITE');
    second.send(response(reinvite, 200, { sdp: SDP('raw2'), contact: `<sip:raw@127.0.0.1:${third.port}>` }));
    await third.next('ACK');
    await outcome;
    leg.hangup();
    third.send(response(await third.next('BYE'), 200));
    await notes.next('ended');
    expect([raw.count('BYE'), second.count('BYE')]).toEqual([0, 0]);
  });

  it('a 180 and a 200 without Contact still make a call', async () => {
    const { raw, notes, invite, leg } = await rawCallee(SDP('us'));
    raw.send(response(invite, 180));
    expect(await notes.next('progress')).toMatchObject({ status: 180 });
    raw.send(response(invite, 200, { sdp: SDP('raw') }));
    await raw.next('ACK');
    leg.hangup();
    raw.send(response(await raw.next('BYE'), 200));
    await notes.next('ended');
  });

  it('183 with early media is told with its description', async () => {
    const { raw, notes, invite, contact } = await rawCallee(SDP('us'));
    raw.send(response(invite, 183, { contact, sdp: SDP('early') }));
    expect(await notes.next('progress')).toMatchObject({ status: 183, sdp: SDP('early') });
  });

  it('an offer in the 200 that we never answer: refused streams in the ACK, then BYE (RFC 3261 §13.2.2.4)', async () => {
    const { raw, notes, invite, contact } = await rawCallee(undefined);
    raw.send(response(invite, 200, { contact, sdp: SDP('raw') }));
    await notes.next('answered');
    expect(bodyOf(await raw.next('ACK'))).toContain('m=audio 0 RTP/AVP 0');
    raw.send(response(await raw.next('BYE'), 200));
    expect((await notes.next('ended')).end).toMatchObject({ by: 'us', how: 'bye' });
  });

  it.each([
    [302, 'rejected'],
    [486, 'rejected'],
    [503, 'rejected'],
    [603, 'rejected'],
    [401, 'rejected'],
  ] as const)('%i ends it', async (status, how) => {
    const { us, raw, notes, invite } = await rawCallee(SDP('us'));
    raw.send(
      response(invite, status, {
        headers: status === 401 ? ['WWW-Authenticate: Digest realm="x", nonce="y"'] : [],
      }),
    );
    expect((await notes.next('ended')).end).toEqual({ by: 'peer', how, status, reason: `Status ${status}` });
    await raw.next('ACK');
    await untilIdle(us);
  });

  it('a peer that does not answer our BYE: ended after 4 s, the BYE goes on being repeated', async () => {
    const { us, raw, notes, invite, leg, contact } = await rawCallee(SDP('us'));
    raw.send(response(invite, 200, { contact, sdp: SDP('raw') }));
    await raw.next('ACK');
    leg.hangup();
    expect((await notes.next('ended')).end).toMatchObject({ by: 'us', how: 'bye', status: undefined });
    await untilIdle(us);
    expect(raw.count('BYE')).toBeGreaterThan(3);
  });

  it('closing the endpoint ends every leg and frees the socket', async () => {
    const { us, raw, notes, invite, contact } = await rawCallee(SDP('us'));
    raw.send(response(invite, 200, { contact, sdp: SDP('raw') }));
    await raw.next('ACK');
    const closing = us.sip.close();
    raw.send(response(await raw.next('BYE'), 200));
    await closing;
    expect((await notes.next('ended')).end).toMatchObject({ by: 'us', how: 'bye' });
    const left = Object.entries(us.sip.diagnostics()).filter(([, size]) => size !== 0);
    expect(left).toEqual([]);
    await us.sip.close();
  });
});
