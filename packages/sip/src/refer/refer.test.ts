import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { OutgoingRefer, ReferAttempt, ReferHandlers, ReferOutcome } from '@sordino/interception';
import { header, request, response, SDP, tagOf } from '../core/test-support/messages.ts';
import { hurrySipJs, until } from '../core/test-support/quick-time.ts';
import type { RawUdpPeer } from '../core/test-support/raw-peer.ts';
import { Notes, type Party, Scene, untilIdle } from '../core/test-support/scene.ts';

const scene = new Scene();
afterEach(() => scene.close());
beforeAll(() => hurrySipJs());

const D4 = { callId: 'd4@platform', localTag: 'platform', remoteTag: 'customer' };

/** What a REFER told, in order. */
class Told {
  readonly notes: string[] = [];
  outcome: ReferOutcome | undefined;

  readonly handlers: ReferHandlers = {
    accepted: (status) => this.notes.push(`accepted ${status}`),
    progress: (status, reason) => this.notes.push(`progress ${status} ${reason}`),
    ended: (outcome) => {
      this.notes.push(outcome.how);
      this.outcome = outcome;
    },
  };

  async end(): Promise<ReferOutcome> {
    await until(
      () => `the REFER ended (so far: ${this.notes.join(', ')})`,
      () => this.outcome !== undefined,
    );
    return this.outcome as ReferOutcome;
  }

  async note(note: string): Promise<void> {
    await until(
      () => `${note} was told (so far: ${this.notes.join(', ')})`,
      () => this.notes.includes(note),
    );
  }
}

/** A REFER of ours that has reached a platform written by hand. */
interface Asked {
  readonly us: Party;
  readonly raw: RawUdpPeer;
  readonly refer: string;
  readonly attempt: ReferAttempt;
  readonly told: Told;
  /** A NOTIFY in the dialog that the REFER made. */
  notify(cseq: number, sipfrag: string, state?: string, over?: { event?: string; fromTag?: string }): void;
}

async function asked(over: Partial<OutgoingRefer> = {}): Promise<Asked> {
  const us = await scene.party();
  const raw = await scene.rawUdp(us.port);
  const told = new Told();
  const attempt = us.sip.refer(
    {
      target: `sip:e-91@127.0.0.1:${raw.port}`,
      referTo: 'sip:tok_1@127.0.0.1:5060;transport=udp',
      targetDialog: D4,
      notifyTimeoutMs: 5_000,
      ...over,
    },
    told.handlers,
  );
  const refer = await raw.next('REFER');
  const notify: Asked['notify'] = (cseq, sipfrag, state = 'active;expires=60', { event, fromTag } = {}) =>
    raw.send(
      request('NOTIFY', {
        uri: `sip:sordino@127.0.0.1:${us.port}`,
        port: raw.port,
        callId: header(refer, 'Call-ID') ?? '',
        fromTag: fromTag ?? 'rawtag',
        toTag: tagOf(header(refer, 'From')),
        cseq,
        headers: [
          `Event: ${event ?? 'refer'}`,
          `Subscription-State: ${state}`,
          'Content-Type: message/sipfrag;version=2.0',
        ],
        body: sipfrag,
      }),
    );
  return { us, raw, refer, attempt, told, notify };
}

const answerTo = (cseq: number, status: number): RegExp =>
  new RegExp(`^SIP/2\\.0 ${status}[\\s\\S]*CSeq: ${cseq} NOTIFY`);

describe('a REFER outside a dialog', () => {
  it('names the dialog, the rendezvous and ourselves, and requires nothing', async () => {
    const { us, raw, refer, attempt } = await asked();
    expect(refer).toMatch(new RegExp(`^REFER sip:e-91@127\\.0\\.0\\.1:${raw.port} SIP/2\\.0\r\n`));
    const lines = ['Refer-To', 'Target-Dialog', 'Referred-By', 'Supported', 'Contact', 'Require'];
    expect(lines.map((name) => header(refer, name))).toEqual([
      '<sip:tok_1@127.0.0.1:5060;transport=udp>',
      'd4@platform;local-tag=platform;remote-tag=customer',
      `<sip:sordino@127.0.0.1:${us.port}>`,
      'norefersub, tdialog',
      `<sip:sordino@127.0.0.1:${us.port}>`,
      undefined,
    ]);
    expect(header(refer, 'Call-ID')).toBe(attempt.callId);
  });

  it('is followed from 202 over NOTIFY 100 and 180 to the final one, each answered 200', async () => {
    const { us, raw, refer, told, notify } = await asked();
    raw.send(response(refer, 202));
    notify(1, 'SIP/2.0 100 Trying');
    await raw.next(answerTo(1, 200));
    notify(2, 'SIP/2.0 180 Ringing\r\n');
    await raw.next(answerTo(2, 200));
    notify(3, 'SIP/2.0 200 OK\r\n', 'terminated;reason=noresource');
    await raw.next(answerTo(3, 200));
    expect(await told.end()).toEqual({ how: 'succeeded', status: 200, reason: 'OK' });
    expect(told.notes).toEqual(['accepted 202', 'progress 100 Trying', 'progress 180 Ringing', 'succeeded']);
    // Our answer was lost: the same NOTIFY gets it again, and nothing is told twice.
    notify(3, 'SIP/2.0 200 OK\r\n', 'terminated;reason=noresource');
    await raw.next(answerTo(3, 200));
    expect(told.notes).toHaveLength(4);
    await untilIdle(us);
  });

  it('may have its first NOTIFY before the 202', async () => {
    const { raw, refer, told, notify } = await asked();
    notify(1, 'SIP/2.0 100 Trying');
    await raw.next(answerTo(1, 200));
    await told.note('progress 100 Trying');
    raw.send(response(refer, 202));
    await told.note('accepted 202');
    notify(2, 'SIP/2.0 503 Service Unavailable', 'terminated;reason=noresource');
    expect(await told.end()).toEqual({ how: 'failed', status: 503, reason: 'Service Unavailable' });
  });

  it('takes NOTIFYs in their order: an older one is 500', async () => {
    const { raw, refer, told, notify } = await asked();
    raw.send(response(refer, 202));
    notify(7, 'SIP/2.0 180 Ringing');
    await raw.next(answerTo(7, 200));
    notify(6, 'SIP/2.0 100 Trying');
    await raw.next(answerTo(6, 500));
    await told.note('accepted 202');
    expect(told.notes).not.toContain('progress 100 Trying');
  });

  it.each([400, 403, 405, 420, 481, 503, 603])('refused with %i', async (status) => {
    const { us, raw, refer, told } = await asked();
    raw.send(response(refer, status, { headers: ['Reason: SIP;cause=1;text="no"'] }));
    expect(await told.end()).toEqual({ how: 'refused', status, reason: 'SIP;cause=1;text="no"' });
    await untilIdle(us);
  });

  it('accepted with Refer-Sub: false: nothing more is told, and nothing is waited for', async () => {
    const { us, raw, refer, told } = await asked();
    raw.send(response(refer, 202, { headers: ['Refer-Sub: false'] }));
    expect(await told.end()).toMatchObject({ how: 'unsubscribed', status: 202 });
    expect(told.notes).toEqual(['accepted 202', 'unsubscribed']);
    await untilIdle(us);
  });

  it.each<[string, ReferOutcome['how'], (scene: Asked) => void]>([
    ['no answer at all', 'no_answer', () => {}],
    ['100 to the REFER and then nothing', 'no_answer', ({ raw, refer }) => raw.send(response(refer, 100))],
    ['202 and no NOTIFY', 'no_notify', ({ raw, refer }) => raw.send(response(refer, 202))],
    [
      'the end of the subscription without an answer',
      'terminated',
      ({ notify }) => notify(1, 'SIP/2.0 100 Trying', 'terminated;reason=noresource'),
    ],
    [
      'the expiry of the subscription',
      'terminated',
      ({ notify }) => notify(1, 'SIP/2.0 100 Trying', 'active;expires=2'),
    ],
  ])('%s: %s', async (_what, how, act) => {
    const stage = await asked();
    act(stage);
    expect(await stage.told.end()).toMatchObject({ how });
    await untilIdle(stage.us);
  });

  it('is not waited for once we gave up: a NOTIFY is 481', async () => {
    const { us, raw, refer, attempt, told, notify } = await asked();
    raw.send(response(refer, 202));
    await told.note('accepted 202');
    attempt.giveUp();
    attempt.giveUp();
    notify(1, 'SIP/2.0 200 OK');
    await raw.next(answerTo(1, 481));
    expect(told.notes).toEqual(['accepted 202']);
    await untilIdle(us);
  });

  it('survives an application that fails', async () => {
    const us = await scene.party();
    const raw = await scene.rawUdp(us.port);
    us.sip.refer(
      { target: `sip:a@127.0.0.1:${raw.port}`, referTo: 'sip:b@127.0.0.1', notifyTimeoutMs: 5_000 },
      {
        ended: () => {
          throw new Error('oops');
        },
      },
    );
    raw.send(response(await raw.next('REFER'), 603));
    await until(
      () => 'the failure is in the log',
      () => us.log.some((line) => line.includes('oops')),
    );
  });

  it.each([
    ['a target that is none', { target: 'tel:+44' }, 'not a sip URI'],
    ['a protocol that nobody listens on', { target: 'sip:a@127.0.0.1;transport=tcp' }, 'transport=tcp'],
    ['a Refer-To that would break out', { referTo: 'sip:a@b>\r\nX: y' }, 'Refer-To'],
    ['a dialog that would break out', { targetDialog: { ...D4, localTag: 'a;b' } }, 'not a token'],
  ])('%s: lost, and nothing leaves', async (_what, over, reason) => {
    const us = await scene.party();
    const told = new Told();
    const target = 'sip:a@127.0.0.1';
    us.sip.refer({ target, referTo: 'sip:b@127.0.0.1', notifyTimeoutMs: 5_000, ...over }, told.handlers);
    expect(told.notes).toEqual([]);
    expect(await told.end()).toMatchObject({ how: 'lost', reason: expect.stringContaining(reason) });
    expect(us.trace).toEqual([]);
    await untilIdle(us);
  });
});

describe('a NOTIFY', () => {
  it.each<[string, number, (stage: Asked) => void]>([
    ['of another event', 489, ({ notify }) => notify(1, 'SIP/2.0 200 OK', 'active', { event: 'presence' })],
    [
      'about another REFER',
      481,
      ({ notify }) => notify(1, 'SIP/2.0 200 OK', 'active', { event: 'refer;id=1' }),
    ],
    ['whose fragment is none', 400, ({ notify }) => notify(1, 'hello', 'active')],
    [
      'of a second branch of a forked REFER',
      481,
      ({ raw, refer, notify }) => {
        raw.send(response(refer, 202));
        notify(1, 'SIP/2.0 200 OK', 'active', { fromTag: 'other' });
      },
    ],
  ])('%s is %i, and tells nothing', async (_what, status, act) => {
    const stage = await asked();
    act(stage);
    await stage.raw.next(answerTo(1, status));
    expect(stage.told.notes.filter((note) => note !== 'accepted 202')).toEqual([]);
  });

  it('that nobody waits for is 481, in a dialog and outside', async () => {
    const us = await scene.party();
    const raw = await scene.rawUdp(us.port);
    const parts = {
      uri: 'sip:a@127.0.0.1',
      port: raw.port,
      callId: 'nobody',
      headers: ['Event: refer', 'Subscription-State: active'],
    };
    raw.send(request('NOTIFY', { ...parts, toTag: 'nobody' }));
    await raw.next(answerTo(1, 481));
    raw.send(request('NOTIFY', parts));
    await raw.next(answerTo(1, 481));
  });
});

/** A call of ours that a peer written by hand has answered. */
async function calling(replaces?: typeof D4) {
  const us = await scene.party();
  const raw = await scene.rawUdp(us.port);
  const notes = new Notes();
  const leg = us.sip.invite(
    {
      target: `sip:raw@127.0.0.1:${raw.port}`,
      offer: SDP('us'),
      answerTimeoutMs: 4_000,
      ...(replaces === undefined ? {} : { replaces }),
    },
    notes.handlers,
  );
  const invite = await raw.next('INVITE');
  const contact = `<sip:raw@127.0.0.1:${raw.port}>`;
  raw.send(response(invite, 200, { sdp: SDP('raw'), contact }));
  await raw.next('ACK');
  await notes.next('answered');
  return { us, raw, notes, leg, invite };
}

describe('a call that takes the place of another', () => {
  it('says which one, as the peer sees it, and that a peer who cannot do that must refuse', async () => {
    const { invite } = await calling(D4);
    expect(header(invite, 'Replaces')).toBe('d4@platform;to-tag=platform;from-tag=customer');
    expect(header(invite, 'Require')).toBe('replaces');
  });

  it('cannot name a dialog that would break out of its header', async () => {
    const us = await scene.party();
    const notes = new Notes();
    const replaces = { ...D4, callId: 'a\r\nX: y' };
    us.sip.invite(
      { target: 'sip:a@127.0.0.1', offer: SDP('us'), answerTimeoutMs: 1_000, replaces },
      notes.handlers,
    );
    expect((await notes.next('ended')).end).toMatchObject({ by: 'transport', how: 'lost' });
    expect(us.trace).toEqual([]);
  });

  it('is not what we take: an INVITE that requires it is 420', async () => {
    const us = await scene.party();
    const raw = await scene.rawUdp(us.port);
    raw.send(
      request('INVITE', {
        uri: 'sip:a@127.0.0.1',
        port: raw.port,
        callId: 'replacing',
        sdp: SDP('raw'),
        headers: ['Require: replaces', 'Replaces: x;to-tag=a;from-tag=b'],
      }),
    );
    expect(header(await raw.next('SIP/2.0 420'), 'Unsupported')).toBe('replaces');
    expect(us.calls).toEqual([]);
  });
});

describe('a REFER in a dialog', () => {
  it('asks the peer to call with Replaces, and is followed in the same dialog; a second one by its id', async () => {
    const { us, raw, notes, leg, invite } = await calling();
    const refers = [new Told(), new Told()];
    const texts: string[] = [];
    for (const told of refers) {
      const replaces = { callId: 'd7', localTag: 'p7', remoteTag: 's7' };
      leg.refer({ referTo: 'sip:agent@127.0.0.1:5070', replaces, notifyTimeoutMs: 5_000 }, told.handlers);
      const refer = await raw.next('REFER');
      texts.push(refer);
      raw.send(response(refer, 202));
      await told.note('accepted 202');
      const id = texts.length === 1 ? '' : `;id=${Number.parseInt(header(refer, 'CSeq') ?? '', 10)}`;
      const parts = {
        uri: `sip:sordino@127.0.0.1:${us.port}`,
        port: raw.port,
        callId: header(invite, 'Call-ID') ?? '',
        toTag: tagOf(header(invite, 'From')),
        cseq: texts.length,
        headers: [`Event: refer${id}`, 'Subscription-State: terminated', 'Content-Type: message/sipfrag'],
        body: `SIP/2.0 ${texts.length === 1 ? 503 : 200} Status`,
      };
      raw.send(request('NOTIFY', parts));
      await raw.next(answerTo(texts.length, 200));
    }
    expect(await refers[0]?.end()).toMatchObject({ how: 'failed', status: 503 });
    expect(await refers[1]?.end()).toMatchObject({ how: 'succeeded', status: 200 });
    expect(header(texts[0] ?? '', 'Refer-To')).toBe(
      '<sip:agent@127.0.0.1:5070?Replaces=d7%3Bto-tag%3Dp7%3Bfrom-tag%3Ds7>',
    );
    expect(header(texts[0] ?? '', 'Target-Dialog')).toBeUndefined();
    leg.hangup();
    raw.send(response(await raw.next('BYE'), 200));
    await notes.next('ended');
    await untilIdle(us);
  });

  it('cannot be sent on a leg that is not up', async () => {
    const { raw, notes, leg } = await calling();
    leg.hangup();
    raw.send(response(await raw.next('BYE'), 200));
    await notes.next('ended');
    const told = new Told();
    leg.refer({ referTo: 'sip:a@127.0.0.1', notifyTimeoutMs: 5_000 }, told.handlers);
    expect(await told.end()).toMatchObject({ how: 'lost', reason: 'the leg is not up' });
  });

  it.each([405, 603])('refused with %i', async (status) => {
    const { raw, leg } = await calling();
    const told = new Told();
    leg.refer({ referTo: 'sip:a@127.0.0.1', notifyTimeoutMs: 5_000 }, told.handlers);
    raw.send(response(await raw.next('REFER'), status));
    expect(await told.end()).toMatchObject({ how: 'refused', status });
  });
});
