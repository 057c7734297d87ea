import { describe, expect, it } from '@jest/globals';
import { bothTalk, expectLadderSoon, nothingOpen, worksAgain } from '../failures/support/aftermath.ts';
import { keysHeardByAgent } from '../failures/support/keys-heard.ts';
import { legsApart } from '../failures/support/legs-apart.ts';
import { answerOf, CallScene } from '../scene/call-scene.ts';
import { arm, promiseKept } from './support/promise.ts';

const ladderOf = (name: string): URL => new URL(`./${name}.ladder.txt`, import.meta.url);

describe('rehearsed while engaged', () => {
  it.each(['media_stalled', 'agent_left', 'relay_move_refused', 'refresh_failed'] as const)(
    '%s: the call goes back',
    async (fault) => {
      await using scene = await CallScene.open();
      const watched = await scene.readySession();
      const armed = await arm(scene, watched, fault);
      await promiseKept(scene, watched, armed);
      expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
      await expectLadderSoon(() => legsApart(scene), ladderOf(fault));
      await bothTalk(scene);
      await nothingOpen(scene);
      await worksAgain(scene);
    },
  );

  it('customer_hangup: both legs are closed', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.readySession();
    const armed = await arm(scene, watched, 'customer_hangup');
    expect(armed.state).toBe('fired');
    await promiseKept(scene, watched, armed);
    await scene.world.platform.untilOver();
    // Whose BYE on leg 7 is first is the machine's to say: no ladder.
    await bothTalk(scene);
    await nothingOpen(scene);
    await worksAgain(scene);
  });

  it.each(['held', 'refer_received', 'relay_worker_lost'] as const)(
    '%s: the payment goes on, masked',
    async (fault) => {
      await using scene = await CallScene.open();
      const watched = await scene.readySession();
      const armed = await arm(scene, watched, fault);
      await promiseKept(scene, watched, armed);
      if (fault === 'held') await new Promise((resolve) => setTimeout(resolve, 3_500));
      await bothTalk(scene);
      answerOf(await scene.client.collect(watched.session.id, 'card_number'));
      await scene.world.customer.press('4242', { how: 'both' });
      await watched.follower.until('field.progress', ({ data }) => data.length === 4);
      expect(await keysHeardByAgent(scene)).toEqual({ tones: [], events: [] });
      answerOf(await scene.client.cancel(watched.session.id));
      await scene.world.platform.untilOver();
      await expectLadderSoon(() => legsApart(scene), ladderOf(fault));
      await bothTalk(scene);
      await nothingOpen(scene);
    },
  );

  it('keys_on_wrong_transport: the agent is told, and capture goes on', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.readySession();
    const armed = await arm(scene, watched, 'keys_on_wrong_transport');
    answerOf(await scene.client.collect(watched.session.id, 'card_number'));
    await scene.world.customer.press('42', { how: 'events' });
    await watched.follower.until('field.progress', ({ data }) => data.length === 2);
    await watched.follower.until('dtmf.transport_unexpected');
    await promiseKept(scene, watched, armed);
    answerOf(await scene.client.cancel(watched.session.id));
    await scene.world.platform.untilOver();
    await nothingOpen(scene);
  });

  it('mask_off: one key gets out, and then leg 7 is muted until the field ends', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.readySession();
    const armed = await arm(scene, watched, 'mask_off');
    expect(armed.state).toBe('fired');
    answerOf(await scene.client.collect(watched.session.id, 'card_number'));
    await scene.world.customer.press('4242', { how: 'inband' });
    const suspected = await watched.follower.until('mask.leak_suspected');
    expect(suspected.data).toMatchObject({ code: 'leak_suspected', sign: 'tone', muted: true });
    await watched.follower.until('field.progress', ({ data }) => data.length === 4);
    await promiseKept(scene, watched, armed);
    // A key of 100 ms is heard 60 ms after its onset at the latest: some of the first is out, and nothing of the others.
    expect((await keysHeardByAgent(scene)).events).toEqual([]);
    expect((await keysHeardByAgent(scene, 1)).tones).toEqual([]);
    expect(answerOf(await scene.client.read(watched.session.id))).toMatchObject({
      leaks_suspected: 1,
      attestation: null,
    });
    answerOf(await scene.client.cancel(watched.session.id));
    await scene.world.platform.untilOver();
    const attested = await watched.follower.until('mask.attested');
    expect(attested.data).toMatchObject({ keys_in: 4, tones_out: 1, complete: true });
    expect(attested.data.worst_residual_dbm0).toBeGreaterThan(-20);
    expect(watched.follower.events.filter(({ type }) => type === 'mask.leak_suspected')).toHaveLength(1);
    expect(watched.follower.events.at(-1)?.type).toBe('mask.attested');
    await expectLadderSoon(() => legsApart(scene), ladderOf('mask_off'));
    await bothTalk(scene);
    await nothingOpen(scene);
  });

  it('storage_unavailable: the verbs are answered 503, people talk, and then it works again', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.readySession();
    const armed = await arm(scene, watched, 'storage_unavailable');
    expect(armed.state).toBe('fired');
    expect(await scene.client.collect(watched.session.id, 'card_number')).toMatchObject({
      status: 503,
      error: { code: armed.expected.code, call_safe: true, retryable: true },
    });
    await bothTalk(scene);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    answerOf(await scene.client.collect(watched.session.id, 'card_number'));
    await scene.world.customer.press('42', { how: 'events' });
    await watched.follower.until('field.progress', ({ data }) => data.length === 2);
    answerOf(await scene.client.cancel(watched.session.id));
    await scene.world.platform.untilOver();
    await bothTalk(scene);
    await nothingOpen(scene);
  });

  it('not_taken_back: talking and masked for as long as it lasts, then back', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.readySession();
    const armed = await arm(scene, watched, 'not_taken_back');
    expect(armed.state).toBe('armed');
    answerOf(await scene.client.restore(watched.session.id));
    await watched.follower.until('session.degraded');
    await bothTalk(scene);
    await promiseKept(scene, watched, armed);
    await scene.world.platform.untilOver();
    await expectLadderSoon(() => legsApart(scene), ladderOf('not_taken_back'));
    await bothTalk(scene);
    await nothingOpen(scene);
  }, 40_000);

  it('armed before the call is there, it happens as soon as the call is ready', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.createSession();
    const armed = await arm(scene, watched, 'agent_left');
    expect(armed.state).toBe('armed');
    void scene.divert(watched.session);
    await watched.follower.until('session.ready');
    await promiseKept(scene, watched, armed);
    await scene.world.platform.untilOver();
    await nothingOpen(scene);
  });

  it('asked for too late: 409, and nothing happens', async () => {
    await using scene = await CallScene.open();
    const { session } = await scene.readySession();
    expect(await scene.client.armFault(session.id, 'ack_lost')).toMatchObject({
      status: 409,
      error: { code: 'fault_too_late', call_safe: true, topology: null },
    });
    expect(answerOf(await scene.client.faults(session.id)).data).toEqual([]);
    await bothTalk(scene);
    answerOf(await scene.client.restore(session.id));
    await scene.world.platform.untilOver();
  });
});
