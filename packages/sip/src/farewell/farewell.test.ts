import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { header, request, response, SDP, tagOf } from '../core/test-support/messages.ts';
import { hurrySipJs, until } from '../core/test-support/quick-time.ts';
import type { RawTcpPeer, RawUdpPeer } from '../core/test-support/raw-peer.ts';
import { Notes } from '../core/test-support/scene.ts';
import { readDialogFile, type StoredDialogs } from './read-dialog-file.ts';
import { DeadProcess } from './test-support/dead-process.ts';

hurrySipJs();

const uri = 'sip:tok_1@127.0.0.1';
const REASON = 'SIP;cause=503;text="the service died: take the call back"';

/** A repetition of the BYE on leg 5 may come between. */
const BYE_7 = /^BYE [\s\S]*;tag=leg7\r\n/;

/** An INVITE of the platform that we have not answered. Returns its branch. */
async function leg5(
  dead: DeadProcess,
  platform: RawUdpPeer | RawTcpPeer,
  transport = 'UDP',
): Promise<string> {
  const branch = `z9hG4bKleg5${platform.port}`;
  platform.send(
    request('INVITE', { uri, port: platform.port, callId: 'leg5', branch, transport, sdp: SDP('p') }),
  );
  await dead.party.nextCall();
  return branch;
}

async function answered5(
  dead: DeadProcess,
  platform: RawUdpPeer | RawTcpPeer,
  transport = 'UDP',
): Promise<string> {
  await leg5(dead, platform, transport);
  dead.party.calls[0]?.leg.accept(SDP('sordino'));
  return tagOf(header(await platform.next('SIP/2.0 200'), 'To'));
}

/** Confirmed, and INVITE 7 answered too. Returns our tag on leg 5. */
async function engaged(dead: DeadProcess, platform: RawUdpPeer): Promise<string> {
  const toTag = await answered5(dead, platform);
  platform.send(request('ACK', { uri, port: platform.port, callId: 'leg5', toTag }));
  await dead.party.calls[0]?.notes.next('acknowledged');
  const contact = `<sip:agent@127.0.0.1:${platform.port}>`;
  dead.invite(`sip:e-91@127.0.0.1:${platform.port}`);
  platform.send(response(await platform.next('INVITE'), 200, { toTag: 'leg7', contact, sdp: SDP('p') }));
  await platform.next('ACK');
  return toTag;
}

const names = ({ legs }: Pick<StoredDialogs, 'legs'>): string[] =>
  legs.map(({ role, state }) => `${role} ${state}`);

describe('farewell, over UDP', () => {
  it('says BYE on leg 5 from the port that died, and on leg 7 when the platform has had its time', async () => {
    await using dead = await DeadProcess.open('udp');
    const platform = await dead.scene.rawUdp(dead.party.port);
    const toTag = await engaged(dead, platform);
    const left = await dead.die(platform);
    expect(names(left)).toEqual(['uas confirmed', 'uac confirmed']);

    const said = dead.farewell(left);
    const bye5 = await platform.next('BYE');
    expect(bye5.split('\r\n', 1)[0]).toBe(`BYE sip:raw@127.0.0.1:${platform.port} SIP/2.0`);
    expect(header(bye5, 'Via')).toMatch(new RegExp(`^SIP/2.0/UDP 127.0.0.1:${dead.party.port};`));
    expect(header(bye5, 'Call-ID')).toBe('leg5');
    expect(tagOf(header(bye5, 'From'))).toBe(toTag);
    expect(tagOf(header(bye5, 'To'))).toBe('rawtag');
    expect(header(bye5, 'Reason')).toBe(REASON);
    expect(Number.parseInt(header(bye5, 'CSeq') ?? '', 10)).toBeGreaterThan(100);
    platform.send(response(bye5, 200));
    const bye7 = await platform.next(BYE_7);
    expect(tagOf(header(bye7, 'To'))).toBe('leg7');
    platform.send(response(bye7, 200));
    expect(await said).toEqual({ handedBack: ['ses_1'], unanswered: [] });
  });

  it('answers the platform that closes leg 7 itself, and does not say BYE there', async () => {
    await using dead = await DeadProcess.open('udp');
    const platform = await dead.scene.rawUdp(dead.party.port);
    await engaged(dead, platform);
    const left = await dead.die(platform);
    const said = dead.farewell(left);
    const bye5 = await platform.next('BYE');
    const leg7 = left.legs[1];
    platform.send(
      request('BYE', {
        uri,
        port: platform.port,
        callId: leg7?.callId ?? '',
        fromTag: 'leg7',
        toTag: leg7?.localTag ?? '',
        cseq: 7,
      }),
    );
    expect(header(await platform.next('SIP/2.0 200'), 'CSeq')).toBe('7 BYE');
    platform.send(response(bye5, 200));
    expect(await said).toMatchObject({ unanswered: [] });
    expect(platform.count('BYE')).toBe(1);
  });

  it('repeats what is lost', async () => {
    await using dead = await DeadProcess.open('udp');
    const platform = await dead.scene.rawUdp(dead.party.port);
    await engaged(dead, platform);
    const left = await dead.die(platform);
    let lost = 0;
    platform.lose = (message) => message.startsWith('BYE') && ++lost <= 2;
    const said = dead.farewell({ ...left, legs: left.legs.slice(0, 1) });
    platform.send(response(await platform.next('BYE'), 200));
    expect(await said).toEqual({ handedBack: ['ses_1'], unanswered: [] });
    expect(lost).toBe(3);
  });

  it('refuses an INVITE that waits, and repeats that until its ACK', async () => {
    await using dead = await DeadProcess.open('udp');
    const platform = await dead.scene.rawUdp(dead.party.port);
    const branch = await leg5(dead, platform);
    const left = await dead.die(platform);
    expect(names(left)).toEqual(['uas unanswered']);
    const said = dead.farewell(left);
    const refusal = await platform.next('SIP/2.0 503');
    expect(await platform.next('SIP/2.0 503')).toBe(refusal);
    expect(header(refusal, 'Via')).toContain(`branch=${branch}`);
    expect(header(refusal, 'CSeq')).toBe('1 INVITE');
    expect(header(refusal, 'From')).toBe(`<sip:raw@127.0.0.1:${platform.port}>;tag=rawtag`);
    expect(header(refusal, 'Retry-After')).toMatch(/^\d+$/);
    const toTag = tagOf(header(refusal, 'To'));
    expect(toTag).not.toBe('');
    platform.send(request('ACK', { uri, port: platform.port, callId: 'leg5', branch, toTag }));
    expect(await said).toEqual({ handedBack: ['ses_1'], unanswered: [] });
  });

  it('refuses and says BYE where nobody knows whether the 200 arrived: 481 says that it did not', async () => {
    await using dead = await DeadProcess.open('udp');
    const platform = await dead.scene.rawUdp(dead.party.port);
    await answered5(dead, platform);
    const left = await dead.die(platform);
    expect(names(left)).toEqual(['uas accepted']);
    const said = dead.farewell(left);
    await platform.next('SIP/2.0 503');
    platform.send(response(await platform.next('BYE'), 481));
    expect(await said).toEqual({ handedBack: ['ses_1'], unanswered: [] });
  });

  it('cancels an INVITE of ours and acknowledges its 487', async () => {
    await using dead = await DeadProcess.open('udp');
    const platform = await dead.scene.rawUdp(dead.party.port);
    dead.invite(`sip:e-91@127.0.0.1:${platform.port}`);
    const invite = await platform.next('INVITE');
    platform.send(response(invite, 180, { contact: '<sip:elsewhere@127.0.0.1:9>', toTag: 'early' }));
    await dead.notes.next('progress');
    const left = await dead.die(platform);
    const said = dead.farewell(left);
    const cancel = await platform.next('CANCEL');
    for (const same of ['Via', 'From', 'To', 'Call-ID'])
      expect(header(cancel, same)).toBe(header(invite, same));
    expect(cancel.split(' ')[1]).toBe(invite.split(' ')[1]);
    expect(header(cancel, 'CSeq')).toBe('1 CANCEL');
    expect(header(cancel, 'Reason')).toBe(REASON);
    platform.send(response(cancel, 200));
    platform.send(response(invite, 487, { toTag: 'end' }));
    const ack = await platform.next('ACK');
    expect(header(ack, 'Via')).toBe(header(invite, 'Via'));
    expect(tagOf(header(ack, 'To'))).toBe('end');
    expect(await said).toEqual({ handedBack: [], unanswered: [] });
  });

  it('acknowledges and closes a leg 7 that is answered after all', async () => {
    await using dead = await DeadProcess.open('udp');
    const platform = await dead.scene.rawUdp(dead.party.port);
    dead.invite(`sip:e-91@127.0.0.1:${platform.port}`);
    const invite = await platform.next('INVITE');
    const said = dead.farewell(await dead.die(platform));
    platform.send(response(await platform.next('CANCEL'), 200));
    const contact = `<sip:late@127.0.0.1:${platform.port}>`;
    const route = `<sip:127.0.0.1:${platform.port};lr>`;
    platform.send(
      response(invite, 200, { toTag: 'late', contact, headers: [`Record-Route: ${route}`], sdp: SDP('p') }),
    );
    const ack = await platform.next('ACK');
    expect(ack.split(' ')[1]).toBe(`sip:late@127.0.0.1:${platform.port}`);
    expect(header(ack, 'CSeq')).toBe('1 ACK');
    const bye = await platform.next('BYE');
    expect(header(bye, 'Route')).toBe(route);
    expect(tagOf(header(bye, 'To'))).toBe('late');
    platform.send(response(bye, 200));
    expect(await said).toMatchObject({ unanswered: [] });
  });

  it('has nothing to cancel where the INVITE never arrived', async () => {
    await using dead = await DeadProcess.open('udp');
    const platform = await dead.scene.rawUdp(dead.party.port);
    dead.invite(`sip:e-91@127.0.0.1:${platform.port}`);
    await platform.next('INVITE');
    const said = dead.farewell(await dead.die(platform));
    platform.send(response(await platform.next('CANCEL'), 481));
    expect(await said).toEqual({ handedBack: [], unanswered: [] });
  });

  it('answers what a peer asks meanwhile, and nothing to strangers', async () => {
    await using dead = await DeadProcess.open('udp');
    const platform = await dead.scene.rawUdp(dead.party.port);
    const toTag = await engaged(dead, platform);
    const said = dead.farewell(await dead.die(platform));
    const bye = await platform.next('BYE');
    const { port } = platform;
    const ask = async (method: string, parts: object): Promise<string> => {
      platform.send(request(method, { uri, port, callId: 'leg5', ...parts }));
      return (await platform.next(new RegExp(`^SIP/2.0 [2-6][\\s\\S]*CSeq: \\d+ ${method}`))).slice(8, 11);
    };
    expect(await ask('INVITE', { toTag, cseq: 2, sdp: SDP('p') })).toBe('503');
    expect(await ask('OPTIONS', { callId: 'ping' })).toBe('503');
    expect(await ask('INVITE', { callId: 'new', sdp: SDP('p') })).toBe('503');
    expect(await ask('BYE', { callId: 'unknown', toTag: 'x', cseq: 3 })).toBe('481');
    expect(await ask('CANCEL', { callId: 'unknown' })).toBe('481');
    const stranger = createSocket('udp4');
    stranger.bind(0, '127.0.0.2');
    await once(stranger, 'listening');
    let told = 0;
    stranger.on('message', () => (told += 1));
    for (const method of ['OPTIONS', 'INVITE', 'BYE']) {
      const text = request(method, { uri, port: stranger.address().port, callId: 'stranger', sdp: SDP('s') });
      stranger.send(text, dead.party.port, '127.0.0.1');
    }
    // What came after it is answered: so was that.
    expect(await ask('OPTIONS', { callId: 'ping-2' })).toBe('503');
    expect(told).toBe(0);
    stranger.close();
    // Noise, half of a message, a response to nobody.
    for (const noise of [
      '',
      '\0\0\0\0\0',
      'BYE sip:x SIP/2.0\r\n',
      response(bye, 200).replace(/branch=\w+/, 'branch=z9hG4bKno'),
    ]) {
      platform.send(noise);
    }
    platform.send(response(bye, 200));
    platform.send(response(await platform.next(BYE_7), 200));
    expect(await said).toMatchObject({ unanswered: [] });
  });

  it.each([401, 407])(
    'does not take %i for an end: the platform still has the call with us',
    async (status) => {
      await using dead = await DeadProcess.open('udp');
      const platform = await dead.scene.rawUdp(dead.party.port);
      await engaged(dead, platform);
      const left = await dead.die(platform);
      const said = dead.farewell({ ...left, legs: left.legs.slice(0, 1) });
      platform.send(response(await platform.next('BYE'), status));
      expect(await said).toMatchObject({ handedBack: [], unanswered: [{ role: 'uas' }] });
    },
  );

  it('gives up on a peer that is gone, and says which leg', async () => {
    await using dead = await DeadProcess.open('udp');
    const platform = await dead.scene.rawUdp(dead.party.port);
    await engaged(dead, platform);
    const left = await dead.die(platform);
    const { handedBack, unanswered } = await dead.farewell(left, {});
    expect(handedBack).toEqual([]);
    expect(unanswered.map(({ role }) => role)).toEqual(['uas', 'uac']);
    // Leg 7 does not wait for ever for leg 5.
    await until(
      () => 'a BYE went out on both',
      () =>
        new Set(
          platform.received.filter((text) => text.startsWith('BYE')).map((text) => header(text, 'Call-ID')),
        ).size === 2,
    );
  });
});

describe('farewell, over TCP', () => {
  it('dials the platform anew: the connection has died with the process', async () => {
    await using dead = await DeadProcess.open('tcp');
    const listening = await dead.scene.rawTcp();
    const caller = await dead.scene.rawTcp(dead.party.port);
    const contact = `<sip:raw@127.0.0.1:${listening.port};transport=tcp>`;
    const call = { uri, port: listening.port, callId: 'leg5', transport: 'TCP' };
    caller.send(request('INVITE', { ...call, contact, sdp: SDP('p') }));
    (await dead.party.nextCall()).leg.accept(SDP('sordino'));
    const toTag = tagOf(header(await caller.next('SIP/2.0 200'), 'To'));
    caller.send(request('ACK', { ...call, toTag }));
    await dead.party.calls[0]?.notes.next('acknowledged');
    const said = dead.farewell(await dead.die(caller, listening));
    const bye = await listening.next('BYE');
    expect(header(bye, 'Via')).toMatch(new RegExp(`^SIP/2.0/TCP 127.0.0.1:${dead.party.port};`));
    listening.send(response(bye, 200));
    expect(await said).toEqual({ handedBack: ['ses_1'], unanswered: [] });
  });

  it('refuses an INVITE that waits at the port of its Via', async () => {
    await using dead = await DeadProcess.open('tcp');
    const listening = await dead.scene.rawTcp();
    const caller = await dead.scene.rawTcp(dead.party.port);
    const call = { uri, port: listening.port, callId: 'leg5', branch: 'z9hG4bKtcp', transport: 'TCP' };
    caller.send(request('INVITE', { ...call, sdp: SDP('p') }));
    await dead.party.nextCall();
    const said = dead.farewell(await dead.die(caller, listening));
    const toTag = tagOf(header(await listening.next('SIP/2.0 503'), 'To'));
    listening.send(request('ACK', { ...call, toTag }));
    expect(await said).toEqual({ handedBack: ['ses_1'], unanswered: [] });
  });
});

describe('farewell, over TLS', () => {
  it('shows the certificate of the dead process, believes whom that believed, and speaks from any port', async () => {
    await using dead = await DeadProcess.open('tls');
    const platform = await dead.scene.party('tls');
    const notes = new Notes();
    const target = `sip:tok_1@127.0.0.1:${dead.party.port};transport=tls`;
    platform.sip.invite({ target, offer: SDP('p'), answerTimeoutMs: 100_000 }, notes.handlers);
    (await dead.party.nextCall()).leg.accept(SDP('sordino'));
    await dead.party.calls[0]?.notes.next('acknowledged');
    dead.invite(`sip:e-91@127.0.0.1:${platform.port};transport=tls`);
    const leg7 = await platform.nextCall();
    leg7.leg.accept(SDP('p'));
    await leg7.notes.next('acknowledged');
    await until(
      () => 'both are on file',
      () => names(readDialogFile(dead.file, Date.now())).join() === 'uas confirmed,uac confirmed',
    );
    const report = await dead.farewell(readDialogFile(dead.file, Date.now()), { elsewhere: true });
    expect(report).toEqual({ handedBack: ['ses_1'], unanswered: [] });
    for (const told of [notes, leg7.notes]) {
      expect((await told.next('ended')).end).toMatchObject({ by: 'peer', how: 'bye', reason: REASON });
    }
  });
});
