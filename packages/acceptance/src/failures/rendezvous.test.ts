import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RendezvousObject, SessionObject } from '@sordino/core';
import { until } from '@sordino/testkit';
import { answerOf, CALL_ID, CallScene } from '../scene/call-scene.ts';
import { bothTalk, expectApi, expectLadderSoon, nothingOpen, worksAgain } from './support/aftermath.ts';
import { type LogLine, recordingLog } from './support/recording-log.ts';
import { lastHeader } from './support/wire.ts';

const POOL = ['+442039000417', '+442039000418'] as const;
const REASON_404 = 'SIP ;cause=404 ;text="rendezvous unknown, used, expired or ambiguous"';

/** Nobody's INVITE. One call for all of them: each leaves it as it was. */
describe('an INVITE on leg 5 that no session waits for', () => {
  let scene: CallScene;
  let lines: LogLine[];

  beforeAll(async () => {
    const recording = recordingLog();
    lines = recording.lines;
    scene = await CallScene.open({
      log: recording.log,
      platform: { number_pool: [...POOL], number_cool_down_ms: 0 },
    });
  });

  afterAll(() => scene[Symbol.asyncDispose]());

  /** The platform diverts with a rendezvous that it got wrong. */
  const divertTo = (rendezvous: RendezvousObject, match: 'request_uri' | 'e164' | 'ani' = 'request_uri') =>
    scene.world.platform.divert({
      sordino: rendezvous,
      match,
      offer: 'none',
      correlation: `wrong-${crypto.randomUUID()}`,
    });

  const rendezvousOf = ({ rendezvous }: SessionObject): RendezvousObject => {
    if (rendezvous === null) throw new Error('the session has no rendezvous any more');
    return rendezvous;
  };

  /** One ladder for all of them: whoever tries tokens learns nothing from the answer. */
  async function expectRefused(by: string, match: string, from: number): Promise<void> {
    await expectLadderSoon(() => scene.ladder(from), new URL('./rendezvous.ladder.txt', import.meta.url));
    expect(lastHeader(scene, 'SIP/2.0 404', 'Reason')).toBe(REASON_404);
    const refused = lines.filter(({ message }) => message === 'leg 5 refused').at(-1);
    expect(refused).toMatchObject({ level: 'warn', fields: { status: 404, by, match } });
    await bothTalk(scene);
  }

  const mark = (): number => scene.world.parts.platform.report().sip.length;

  it('is refused when the token is unknown, and the session goes on waiting', async () => {
    const from = mark();
    const { session, follower } = await scene.createSession();
    const { sip_uri, ...rest } = rendezvousOf(session);
    const outcome = await divertTo({ ...rest, sip_uri: sip_uri.replace(/tok_[^@]+/, 'tok_nobodys') });
    expect(outcome).toMatchObject({ engaged: false, status: 404 });
    await expectRefused('token', 'none', from);
    await expectApi(
      scene,
      { session, follower },
      {
        status: 'awaiting_media',
        topology: 'original',
        code: null,
        events: ['session.created'],
      },
    );
    // And the right token still works.
    await scene.divert(session);
    await follower.until('session.ready');
    answerOf(await scene.client.restore(session.id));
    await follower.until('session.restored');
    await scene.world.platform.untilOver();
    await nothingOpen(scene);
  });

  it('is refused when the token was used', async () => {
    const { session, follower } = await scene.readySession();
    answerOf(await scene.client.restore(session.id));
    await follower.until('session.restored');
    await scene.world.platform.untilOver();
    await nothingOpen(scene);
    const from = mark();
    expect(await divertTo(rendezvousOf(session))).toMatchObject({ engaged: false, status: 404 });
    await expectRefused('token', 'none', from);
    await worksAgain(scene);
  });

  it('is refused when the same token comes twice at once, and the first is taken', async () => {
    const { session, follower } = await scene.createSession();
    await scene.divert(session, { invitesTwice: true });
    await follower.until('session.ready');
    const { diversion } = scene.world.parts.platform.call;
    await until('the second INVITE was answered', () => diversion.secondInvite !== undefined);
    expect(diversion.secondInvite).toMatchObject({ how: 'rejected', status: 404 });
    await bothTalk(scene);
    answerOf(await scene.client.restore(session.id));
    await follower.until('session.restored');
    await scene.world.platform.untilOver();
    await nothingOpen(scene);
  });

  it('is refused when two sessions wait for the number of the caller: never guess', async () => {
    const from = mark();
    const one = await scene.createSession();
    const { call } = one.session;
    const other = await scene.createSession({ call: { ...call, call_id: 'e-92' } });
    expect(await divertTo(rendezvousOf(one.session), 'ani')).toMatchObject({ engaged: false, status: 404 });
    await expectRefused('ani', 'ambiguous', from);
    for (const waiting of [one, other]) {
      answerOf(await scene.client.cancel(waiting.session.id));
      await waiting.follower.until('session.canceled');
    }
    await worksAgain(scene);
  });

  it('is refused when a number of the pool is dialled that was not given out', async () => {
    const from = mark();
    const { session } = await scene.createSession();
    const rendezvous = rendezvousOf(session);
    const free = POOL.filter((number) => number !== rendezvous.e164);
    expect(free).toHaveLength(1);
    const outcome = await divertTo({ ...rendezvous, e164: free[0] ?? null }, 'e164');
    expect(outcome).toMatchObject({ engaged: false, status: 404 });
    await expectRefused('number', 'none', from);
    answerOf(await scene.client.cancel(session.id));
    await worksAgain(scene);
  });

  it('is refused when it comes after timeout_ms: the session has expired, its token is burned', async () => {
    const { session, follower } = await scene.createSession({ start: { timeout_ms: 1_000 } });
    await expectApi(
      scene,
      { session, follower },
      {
        status: 'expired',
        topology: 'original',
        code: 'no_invite',
        events: ['session.created', 'session.expired'],
        ending: { code: 'no_invite', call_safe: true, leg: null, sip: null },
      },
    );
    const from = mark();
    expect(await divertTo(rendezvousOf(session))).toMatchObject({ engaged: false, status: 404 });
    await expectRefused('token', 'none', from);
    await worksAgain(scene);
  });

  it('is refused when the agent gave up waiting for it, and says so in the session', async () => {
    const { session, follower } = await scene.createSession();
    answerOf(await scene.client.restore(session.id));
    await expectApi(
      scene,
      { session, follower },
      {
        status: 'canceled',
        topology: 'original',
        code: 'released',
        events: ['session.created', 'session.canceled'],
        ending: { code: 'released', call_safe: true, leg: null, sip: null },
      },
    );
    const from = mark();
    expect(await divertTo(rendezvousOf(session))).toMatchObject({ engaged: false, status: 404 });
    await expectRefused('token', 'none', from);
    await worksAgain(scene);
  });

  it('leaves one session per call: the second is a 409 that names the first', async () => {
    const { session } = await scene.createSession();
    const again = await scene.client.create(
      { call: session.call, intent: { type: 'charge', amount: 1, currency: 'gbp' } },
      crypto.randomUUID(),
    );
    expect(again).toMatchObject({
      ok: false,
      status: 409,
      error: { type: 'call_error', code: 'session_exists', call_safe: true },
    });
    if (!again.ok) expect(again.error.message).toBe(`call ${CALL_ID} has session ${session.id}`);
    answerOf(await scene.client.cancel(session.id));
    await worksAgain(scene);
  });

  it('leaves a field that is collected before ready a 409 that says what to wait for', async () => {
    const { session } = await scene.createSession();
    const early = await scene.client.collect(session.id, 'card_number');
    expect(early).toMatchObject({
      ok: false,
      status: 409,
      error: { code: 'not_ready', retryable: true, call_safe: true, topology: 'original' },
    });
    if (!early.ok) expect(early.error.message).toMatch(/^wait for session\.ready/);
    answerOf(await scene.client.cancel(session.id));
    await worksAgain(scene);
  });
});
