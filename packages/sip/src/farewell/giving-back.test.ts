import { describe, expect, it } from '@jest/globals';
import type { Log, LogFields } from '@sordino/core';
import { silentLog } from '@sordino/core';
import { FakeScheduler } from '@sordino/core/testing';
import { header, request, response, SDP, tagOf } from '../core/test-support/messages.ts';
import { hurrySipJs, until } from '../core/test-support/quick-time.ts';
import type { RawUdpPeer } from '../core/test-support/raw-peer.ts';
import type { FarewellReport } from './farewell.ts';
import type { StoredDialogs } from './read-dialog-file.ts';
import type { StoredLeg } from './stored-leg.ts';
import { DeadProcess } from './test-support/dead-process.ts';

hurrySipJs();

const PHRASE = 'a customer whom a dead service had taken was not taken back: the call is ended';

/** A call that the dead process had taken: its legs, who is at the other end of each, and a farewell whose time stands still. */
class Taken implements AsyncDisposable {
  readonly scheduler = new FakeScheduler();
  readonly complaints: LogFields[] = [];
  readonly dead: DeadProcess;
  /** Whoever speaks for the customer. */
  readonly edge: RawUdpPeer;
  readonly platform: RawUdpPeer;
  left: StoredDialogs = { endpoint: undefined, legs: [], handedBack: [], torn: 0 };
  #notifies = 10;

  private constructor(dead: DeadProcess, edge: RawUdpPeer, platform: RawUdpPeer) {
    this.dead = dead;
    this.edge = edge;
    this.platform = platform;
  }

  static async open(answered: '200' | 'ringing' = '200'): Promise<Taken> {
    const dead = await DeadProcess.open('udp');
    const edge = await dead.scene.rawUdp(dead.party.port);
    const platform = await dead.scene.rawUdp(dead.party.port);
    const at = new Taken(dead, edge, platform);
    dead.invite(`sip:e-91@127.0.0.1:${platform.port}`);
    await answer(platform, 'leg7');
    const giveBackTo = `sip:e-91@127.0.0.1:${platform.port}`;
    const leg5 = dead.invite(`sip:edge@127.0.0.1:${edge.port}`, {
      call: 'ses_1',
      role: 'leg5_in',
      giveBackTo,
    });
    if (answered === '200') {
      await answer(edge, 'leg5');
      await until(
        () => 'leg 5 is confirmed',
        () => leg5.state === 'confirmed',
      );
    }
    return at;
  }

  /** kill -9, then the farewell. */
  async die(keep: (leg: StoredLeg) => boolean = () => true): Promise<{ said: Promise<FarewellReport> }> {
    const { legs, ...rest } = await this.dead.die(this.edge, this.platform);
    this.left = { ...rest, legs: legs.filter(keep) };
    const log: Log = { ...silentLog, error: (line, fields) => this.complaints.push({ line, ...fields }) };
    return { said: this.dead.farewell(this.left, { scheduler: this.scheduler, log }) };
  }

  leg(role: string): StoredLeg {
    const leg = this.left.legs.find(({ label }) => label?.role === role);
    if (leg === undefined) throw new Error(`${role} is not on file`);
    return leg;
  }

  /** A request of whoever is at the other end of that leg. */
  ask(method: string, role: 'leg5_in' | 'leg7_out', headers: readonly string[] = [], body = ''): void {
    const { callId, localTag, remoteTag } = this.leg(role);
    const peer = role === 'leg5_in' ? this.edge : this.platform;
    const [uri, cseq] = ['sip:sordino@127.0.0.1', ++this.#notifies];
    const parts = { uri, port: peer.port, callId, fromTag: remoteTag, toTag: localTag, cseq, headers, body };
    peer.send(request(method, parts));
  }

  /** Resolves with the answer. */
  async notify(sipfrag: string, state = 'active;expires=60', event = 'refer'): Promise<string> {
    const lines = [`Event: ${event}`, `Subscription-State: ${state}`, 'Content-Type: message/sipfrag'];
    this.ask('NOTIFY', 'leg5_in', lines, `${sipfrag}\r\n`);
    return await this.edge.next(/^SIP\/2\.0 [\s\S]*CSeq: \d+ NOTIFY/);
  }

  /** What the edge sent before it has been read. */
  async settled(): Promise<void> {
    this.ask('OPTIONS', 'leg5_in');
    await this.edge.next(/^SIP\/2\.0 503 [\s\S]*CSeq: \d+ OPTIONS/);
  }

  /** Somebody takes our place there. */
  async closeLeg7(): Promise<void> {
    this.ask('BYE', 'leg7_out');
    await this.platform.next(/^SIP\/2\.0 200 [\s\S]*CSeq: \d+ BYE/);
  }

  async answerBye(peer: RawUdpPeer): Promise<string> {
    const bye = await peer.next('BYE');
    peer.send(response(bye, 200));
    return bye;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dead[Symbol.asyncDispose]();
  }
}

async function answer(peer: RawUdpPeer, toTag: string): Promise<void> {
  const contact = `<sip:${toTag}@127.0.0.1:${peer.port}>`;
  peer.send(response(await peer.next('INVITE'), 200, { toTag, contact, sdp: SDP('p') }));
  await peer.next('ACK');
}

const cseqOf = (message: string): number => Number.parseInt(header(message, 'CSeq') ?? '', 10);

describe('farewell to a call that was taken by INVITE with Replaces', () => {
  it('joins the two again by REFER, and says BYE only when the final NOTIFY is answered', async () => {
    await using at = await Taken.open();
    const { said } = await at.die();
    const refer = await at.edge.next('REFER');
    const { edge, platform } = at;
    expect(refer.split('\r\n', 1)[0]).toBe(`REFER sip:leg5@127.0.0.1:${edge.port} SIP/2.0`);
    expect(tagOf(header(refer, 'To'))).toBe('leg5');
    const { callId, localTag } = at.leg('leg7_out');
    const named = encodeURIComponent(`${callId};to-tag=leg7;from-tag=${localTag}`);
    expect(header(refer, 'Refer-To')).toBe(`<sip:e-91@127.0.0.1:${platform.port}?Replaces=${named}>`);
    expect(header(refer, 'Contact')).toBe(`<sip:sordino@127.0.0.1:${at.dead.party.port}>`);
    edge.send(response(refer, 202));
    expect(await at.notify('SIP/2.0 100 Trying')).toMatch(/^SIP\/2\.0 200 /);
    await at.closeLeg7();
    expect([edge.count('BYE'), platform.count('BYE')]).toEqual([0, 0]);
    const answered = await at.notify('SIP/2.0 200 OK', 'terminated;reason=noresource');
    expect(answered).toMatch(/^SIP\/2\.0 200 /);
    const bye = await at.answerBye(edge);
    expect(cseqOf(bye)).toBe(cseqOf(refer) + 1);
    expect(edge.received.indexOf(bye)).toBeGreaterThan(edge.received.indexOf(answered));
    expect(await said).toEqual({ handedBack: ['ses_1'], unanswered: [] });
    expect(at.complaints).toEqual([]);
  });

  it('is content where the customer’s side hangs up by itself after it', async () => {
    await using at = await Taken.open();
    const { said } = await at.die();
    at.edge.send(response(await at.edge.next('REFER'), 202));
    await at.settled();
    await at.closeLeg7();
    at.ask('BYE', 'leg5_in');
    expect(await said).toEqual({ handedBack: ['ses_1'], unanswered: [] });
    expect(at.edge.count('BYE')).toBe(0);
  });

  it('takes the BYE on leg 7 for the news, where no NOTIFY comes (RFC 4488)', async () => {
    await using at = await Taken.open();
    const { said } = await at.die();
    at.edge.send(response(await at.edge.next('REFER'), 202));
    await at.settled();
    await at.closeLeg7();
    at.scheduler.advance(999);
    await at.settled();
    expect(at.edge.count('BYE')).toBe(0);
    at.scheduler.advance(1);
    await at.answerBye(at.edge);
    expect(await said).toEqual({ handedBack: ['ses_1'], unanswered: [] });
    expect(at.complaints).toEqual([]);
  });

  it('believes a NOTIFY of the REFER that the dead process had sent, where it is good news', async () => {
    await using at = await Taken.open();
    const { said } = await at.die();
    at.edge.send(response(await at.edge.next('REFER'), 202));
    await at.notify('SIP/2.0 503 Service Unavailable', 'terminated', 'refer;id=2');
    await at.settled();
    expect(at.edge.count('BYE')).toBe(0);
    await at.notify('SIP/2.0 200 OK', 'terminated', 'refer;id=2');
    await at.answerBye(at.edge);
    await at.closeLeg7();
    expect(await said).toEqual({ handedBack: ['ses_1'], unanswered: [] });
  });

  it.each<[string, string, (at: Taken, refer: string) => Promise<void>]>([
    ['is refused', 'refused: 603 Status 603', async (at, refer) => at.edge.send(response(refer, 603))],
    [
      'is challenged: the guardian has no password',
      'refused: 401 Status 401',
      async (at, refer) => at.edge.send(response(refer, 401)),
    ],
    [
      'comes to nothing',
      'NOTIFY: 486 Busy Here',
      async (at, refer) => {
        at.edge.send(response(refer, 202));
        await at.notify('SIP/2.0 486 Busy Here', 'terminated');
      },
    ],
    [
      'is told of no more',
      'no final NOTIFY',
      async (at, refer) => {
        at.edge.send(response(refer, 202));
        await at.notify('SIP/2.0 100 Trying', 'terminated;reason=noresource');
      },
    ],
    [
      'is never told of',
      'no final NOTIFY',
      async (at, refer) => {
        at.edge.send(response(refer, 202));
        await at.settled();
        at.scheduler.advance(2_999);
        await at.settled();
        expect(at.edge.count('BYE')).toBe(0);
        at.scheduler.advance(1);
      },
    ],
    ['is never answered', 'no answer', async (at) => at.scheduler.advance(3_000)],
  ])('ends the call, and says so, where the REFER %s', async (_how, why, play) => {
    await using at = await Taken.open();
    const { said } = await at.die();
    await play(at, await at.edge.next('REFER'));
    await at.answerBye(at.edge);
    await at.settled();
    at.scheduler.advance(1_000);
    await at.answerBye(at.platform);
    expect(await said).toEqual({ handedBack: [], unanswered: [] });
    expect(at.complaints).toEqual([{ line: PHRASE, session: 'ses_1', why }]);
  });

  it('ends the call at once where nobody is on leg 7', async () => {
    await using at = await Taken.open();
    const { said } = await at.die(({ label }) => label?.role === 'leg5_in');
    await at.answerBye(at.edge);
    expect(await said).toEqual({ handedBack: [], unanswered: [] });
    expect(at.edge.count('REFER')).toBe(0);
  });

  it('cancels an INVITE with Replaces that has no answer: nobody has moved', async () => {
    await using at = await Taken.open('ringing');
    const invite = await at.edge.next('INVITE');
    const { said } = await at.die();
    at.edge.send(response(await at.edge.next('CANCEL'), 200));
    at.edge.send(response(invite, 487, { toTag: 'end' }));
    await at.edge.next('ACK');
    at.scheduler.advance(1_000);
    await at.answerBye(at.platform);
    expect(await said).toEqual({ handedBack: ['ses_1'], unanswered: [] });
  });

  it('gives a customer back whose 200 crosses that CANCEL', async () => {
    await using at = await Taken.open('ringing');
    const invite = await at.edge.next('INVITE');
    const { said } = await at.die();
    at.edge.send(response(await at.edge.next('CANCEL'), 200));
    const contact = `<sip:late@127.0.0.1:${at.edge.port}>`;
    at.edge.send(response(invite, 200, { toTag: 'late', contact, sdp: SDP('p') }));
    await at.edge.next('ACK');
    const refer = await at.edge.next('REFER');
    expect(tagOf(header(refer, 'To'))).toBe('late');
    at.edge.send(response(refer, 200));
    await at.closeLeg7();
    at.scheduler.advance(1_000);
    await at.answerBye(at.edge);
    expect(await said).toEqual({ handedBack: ['ses_1'], unanswered: [] });
  });

  it.each<[number, string, readonly string[]]>([
    [489, 'of another event', ['Event: presence', 'Subscription-State: active']],
    [400, 'without a state', ['Event: refer']],
    [
      415,
      'with another body',
      ['Event: refer', 'Subscription-State: terminated', 'Content-Type: text/plain'],
    ],
  ])('answers %i to a NOTIFY %s, and waits on', async (status, _what, headers) => {
    await using at = await Taken.open();
    const { said } = await at.die();
    at.edge.send(response(await at.edge.next('REFER'), 202));
    const body = headers.some((line) => line.startsWith('Content-Type')) ? 'SIP/2.0 200 OK\r\n' : '';
    at.ask('NOTIFY', 'leg5_in', headers, body);
    const refused = await at.edge.next(/^SIP\/2\.0 [\s\S]*CSeq: \d+ NOTIFY/);
    expect(refused.slice(8, 11)).toBe(String(status));
    if (status === 489) expect(header(refused, 'Allow-Events')).toBe('refer');
    expect(at.edge.count('BYE')).toBe(0);
    await at.closeLeg7();
    await at.notify('SIP/2.0 200 OK', 'terminated');
    await at.answerBye(at.edge);
    expect(await said).toMatchObject({ handedBack: ['ses_1'] });
  });
});
