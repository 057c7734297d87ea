import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { header, request, response, SDP, sip, tagOf } from './test-support/messages.ts';
import { hurrySipJs } from './test-support/quick-time.ts';
import type { RawUdpPeer } from './test-support/raw-peer.ts';
import { Notes, type Party, Scene, untilIdle } from './test-support/scene.ts';

/**
 * Inputs that end a process built on sip.js 0.21.2 as it is shipped, or hang it. Each is sent to a real socket of ours;
 * what is expected is an answer where one is due, and then a whole call through the same socket.
 */
const scene = new Scene();
const uncaught: unknown[] = [];
beforeAll(() => {
  hurrySipJs();
  process.on('uncaughtException', (error) => uncaught.push(error));
});
afterEach(async () => {
  await scene.close();
  expect(uncaught).toEqual([]);
});

async function stage(): Promise<{ us: Party; raw: RawUdpPeer }> {
  const us = await scene.party();
  return { us, raw: await scene.rawUdp(us.port) };
}

let calls = 0;

/** A call from the raw peer with this Contact, answered and acknowledged. */
async function confirmed(us: Party, raw: RawUdpPeer, contact?: string) {
  const callId = `crash-${++calls}`;
  const parts = { uri: 'sip:tok@127.0.0.1', port: raw.port, callId };
  raw.send(request('INVITE', { ...parts, sdp: SDP('raw'), ...(contact === undefined ? {} : { contact }) }));
  const call = await us.nextCall();
  call.leg.accept(SDP('us'));
  const mine = (text: string): boolean => text.includes(callId) && text.startsWith('SIP/2.0 200');
  const toTag = tagOf(header(await raw.next(mine), 'To'));
  const ack = (): void => raw.send(request('ACK', { ...parts, toTag }));
  return { call, parts: { ...parts, toTag }, ack };
}

/** The endpoint still does its work. */
async function worksStill(us: Party, raw: RawUdpPeer): Promise<void> {
  const { call, parts, ack } = await confirmed(us, raw);
  ack();
  await call.notes.next('acknowledged');
  raw.send(request('BYE', { ...parts, cseq: 2 }));
  await raw.next((text) => text.includes(parts.callId) && /CSeq: 2 BYE/.test(text));
  await call.notes.next('ended');
}

describe('what crashes or hangs sip.js as shipped', () => {
  it('C1 an INVITE with a body and no Content-Type: 400', async () => {
    const { us, raw } = await stage();
    raw.send(request('INVITE', { uri: 'sip:tok@127.0.0.1', port: raw.port, callId: 'c1', body: SDP('raw') }));
    await raw.next('SIP/2.0 400');
    expect(us.calls).toEqual([]);
    await worksStill(us, raw);
  });

  it('C2 a Contact with an escaped percent sign: the BYE leaves with the user as it came', async () => {
    const { us, raw } = await stage();
    const { call, ack } = await confirmed(us, raw, `<sip:50%25@127.0.0.1:${raw.port}>`);
    ack();
    await call.notes.next('acknowledged');
    call.leg.hangup();
    const bye = await raw.next('BYE');
    expect(bye.split('\r\n', 1)[0]).toBe(`BYE sip:50%25@127.0.0.1:${raw.port} SIP/2.0`);
    raw.send(response(bye, 200));
    await worksStill(us, raw);
  });

  it('C2 the same in a 200 to our INVITE, and in From and To', async () => {
    const { us, raw } = await stage();
    const notes = new Notes();
    const leg = us.sip.invite(
      {
        target: `sip:1%250@127.0.0.1:${raw.port}`,
        from: 'sip:2%250@127.0.0.1',
        offer: SDP('us'),
        answerTimeoutMs: 170_000,
      },
      notes.handlers,
    );
    const invite = await raw.next('INVITE');
    raw.send(response(invite, 200, { sdp: SDP('raw'), contact: `<sip:3%25zz@127.0.0.1:${raw.port}>` }));
    const ack = await raw.next('ACK');
    expect(ack.split('\r\n', 1)[0]).toBe(`ACK sip:3%25zz@127.0.0.1:${raw.port} SIP/2.0`);
    leg.hangup();
    const bye = await raw.next('BYE');
    expect(header(bye, 'From')).toContain('<sip:2%250@127.0.0.1>');
    expect(header(bye, 'To')).toContain(`<sip:1%250@127.0.0.1:${raw.port}>`);
    raw.send(response(bye, 200));
    await notes.next('ended');
    await worksStill(us, raw);
  });

  it('C2 From and To with other schemes come back as they were', async () => {
    const { us, raw } = await stage();
    const invite = request('INVITE', {
      uri: 'sip:t@127.0.0.1',
      port: raw.port,
      callId: 'c2tel',
      sdp: SDP('raw'),
    })
      .replace(/From: [^\r]*/, 'From: "50%" <tel:+4420;phone-context=a>;tag=rawtag')
      .replace(/To: [^\r]*/, 'To: <urn:service:sos>');
    raw.send(invite);
    const call = await us.nextCall();
    call.leg.accept(SDP('us'));
    const toTag = tagOf(header(await raw.next('SIP/2.0 200'), 'To'));
    raw.send(request('ACK', { uri: 'sip:t@127.0.0.1', port: raw.port, callId: 'c2tel', toTag }));
    await call.notes.next('acknowledged');
    call.leg.hangup();
    const bye = await raw.next('BYE');
    expect(header(bye, 'To')).toBe('<tel:+4420;phone-context=a>;tag=rawtag');
    expect(header(bye, 'From')).toBe(`<urn:service:sos>;tag=${toTag}`);
    raw.send(response(bye, 200));
    await call.notes.next('ended');
  });

  it('C3 the same Contact and no ACK at all: BYE after 64*T1, no_ack', async () => {
    const { us, raw } = await stage();
    const { call } = await confirmed(us, raw, `<sip:50%25@127.0.0.1:${raw.port}>`);
    raw.send(response(await raw.next('BYE sip:50%25@'), 200));
    expect((await call.notes.next('ended')).end).toMatchObject({ how: 'no_ack' });
    await untilIdle(us);
    await worksStill(us, raw);
  });

  it.each([
    'tel:+1555',
    'nobodyKnowsThisScheme:totallyopaquecontent',
    'soap.beep://192.0.2.103:3002',
    'sips:a@127.0.0.1',
  ])('C4 OPTIONS %s: 416', async (uri) => {
    const { us, raw } = await stage();
    raw.send(request('OPTIONS', { uri, port: raw.port, callId: 'c4' }));
    await raw.next('SIP/2.0 416');
    await worksStill(us, raw);
  });

  it('C5 a PRACK outside a dialog: 481', async () => {
    const { us, raw } = await stage();
    raw.send(
      request('PRACK', {
        uri: 'sip:a@127.0.0.1',
        port: raw.port,
        callId: 'c5',
        headers: ['RAck: 1 1 INVITE'],
      }),
    );
    await raw.next('SIP/2.0 481');
    await worksStill(us, raw);
  });

  it('C6 a response with an unreadable CSeq: dropped', async () => {
    const { us, raw } = await stage();
    const notes = new Notes();
    const leg = us.sip.invite(
      { target: `sip:raw@127.0.0.1:${raw.port}`, offer: SDP('us'), answerTimeoutMs: 170_000 },
      notes.handlers,
    );
    const invite = await raw.next('INVITE');
    raw.send(response(invite, 200, { sdp: SDP('raw') }).replace(/CSeq: [^\r]*/, 'CSeq: x'));
    raw.send(response(invite, 486));
    expect((await notes.next('ended')).end).toMatchObject({ status: 486 });
    expect(leg.state).toBe('ended');
    await worksStill(us, raw);
  });

  it.each(['To', 'From', 'Call-ID', 'CSeq'])('C7 a request without %s: 400, never 200', async (name) => {
    const { us, raw } = await stage();
    const whole = request('OPTIONS', { uri: 'sip:a@127.0.0.1', port: raw.port, callId: 'c7' });
    raw.send(whole.replace(new RegExp(`\\r\\n${name}: [^\\r]*`), ''));
    expect(await raw.next('SIP/2.0 ')).toMatch(/^SIP\/2\.0 400 .*missing/);
    await worksStill(us, raw);
  });

  it('C7 a request without Via: dropped', async () => {
    const { us, raw } = await stage();
    raw.send(
      request('OPTIONS', { uri: 'sip:a@127.0.0.1', port: raw.port, callId: 'c7' }).replace(
        /\r\nVia: [^\r]*/,
        '',
      ),
    );
    await worksStill(us, raw);
    expect(raw.received.filter((text) => text.includes('CSeq: 1 OPTIONS'))).toEqual([]);
  });

  it('C8 a re-INVITE and an ACK with a body and no Content-Type: 400, and the ACK is dropped', async () => {
    const { us, raw } = await stage();
    const { call, parts, ack } = await confirmed(us, raw);
    raw.send(request('ACK', { ...parts, body: SDP('raw') }));
    ack();
    await call.notes.next('acknowledged');
    raw.send(request('INVITE', { ...parts, cseq: 5, body: SDP('raw') }));
    await raw.next('SIP/2.0 400');
    expect(call.leg.state).toBe('confirmed');
    raw.send(request('BYE', { ...parts, cseq: 6 }));
    await call.notes.next('ended');
    await worksStill(us, raw);
  });

  it('C9 an INVITE of ours gets 183 and then nothing, not even for our CANCEL: thrown out, nothing left', async () => {
    const { us, raw } = await stage();
    const notes = new Notes();
    us.sip.invite(
      { target: `sip:raw@127.0.0.1:${raw.port}`, offer: SDP('us'), answerTimeoutMs: 3000 },
      notes.handlers,
    );
    raw.send(response(await raw.next('INVITE'), 183, { contact: `<sip:raw@127.0.0.1:${raw.port}>` }));
    expect((await notes.next('ended')).end).toMatchObject({ by: 'timeout', how: 'no_answer' });
    await raw.next('CANCEL');
    await untilIdle(us);
    await worksStill(us, raw);
  });

  it('C10 a send that fails: transport/lost, and the maps are empty', async () => {
    const { us, raw } = await stage();
    const notes = new Notes();
    // Larger than any datagram: the socket refuses it.
    const offer = `${SDP('us')}a=x:${'y'.repeat(70_000)}\r\n`;
    us.sip.invite(
      { target: `sip:raw@127.0.0.1:${raw.port}`, offer, answerTimeoutMs: 170_000 },
      notes.handlers,
    );
    expect((await notes.next('ended')).end).toMatchObject({ by: 'transport', how: 'lost' });
    await untilIdle(us);
    await worksStill(us, raw);
  });

  it.each([
    ['m:<sip:a@b>', 'm:<sip:a@b>\r\n'],
    ['Record-Route', 'Record-Route:<sip:a@b;lr>\r\n'],
    ['one To with 8 000 parameters', `To: <sip:a@b>${';x=y'.repeat(8000)}\r\n`],
  ])('C11 a datagram full of %s is refused or dropped without being parsed line by line', async (_, line) => {
    const { us, raw } = await stage();
    const flood = line.repeat(Math.floor(60_000 / line.length));
    const whole = request('INVITE', { uri: 'sip:a@127.0.0.1', port: raw.port, callId: 'c11' });
    raw.send(whole.replace('Max-Forwards', `${flood}Max-Forwards`));
    await raw.next(/^SIP\/2\.0 (400|513)/);
    expect(us.calls).toEqual([]);
    await worksStill(us, raw);
  });

  it('2 000 broken datagrams: the endpoint lives', async () => {
    const { us, raw } = await stage();
    const whole = request('INVITE', {
      uri: 'sip:tok@127.0.0.1',
      port: raw.port,
      callId: 'fuzz',
      sdp: SDP('raw'),
    });
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return seed % below;
    };
    for (let round = 0; round < 2000; round++) {
      const octets = Buffer.from(whole.replace('fuzz', `fuzz${round}`));
      for (let hits = random(4); hits >= 0; hits--) octets[random(octets.length)] = random(256);
      raw.send(octets.subarray(0, random(3) === 0 ? random(octets.length) : octets.length));
      if (round % 100 === 99) {
        raw.send(request('OPTIONS', { uri: 'sip:a@127.0.0.1', port: raw.port, callId: `alive${round}` }));
        await raw.next((text) => text.includes(`alive${round}`));
        for (const { leg } of us.calls.splice(0)) leg.reject(486);
      }
    }
    expect(us.log.filter((line) => line.startsWith('error'))).toEqual([]);
  });

  it('a BYE whose SIP text is only a start line, a NUL, a lone CR: dropped', async () => {
    const { us, raw } = await stage();
    for (const text of [
      'BYE sip:a@b SIP/2.0\r\n\r\n',
      '\0',
      '\r',
      'SIP/2.0 200 OK\r\n\r\n',
      sip('GET / HTTP/1.1', []),
    ]) {
      raw.send(text);
    }
    await worksStill(us, raw);
  });
});
