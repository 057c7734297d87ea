import { describe, expect, it } from '@jest/globals';
import { answerOf, CallScene } from '../scene/call-scene.ts';
import { bothTalk, expectApi, expectLadderSoon, nothingOpen, worksAgain } from './support/aftermath.ts';
import { legsApart } from './support/legs-apart.ts';

const ENGAGED = ['session.created', 'session.engaged', 'session.ready'] as const;

describe('somebody hangs up while engaged', () => {
  it('the agent: the customer goes back to the platform', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.readySession();
    await scene.world.agent.hangUp();
    await expectApi(scene, watched, {
      status: 'canceled',
      topology: 'restored',
      code: 'agent_left',
      events: [...ENGAGED, 'session.canceled', 'session.restoring', 'session.restored'],
      ending: { code: 'agent_left', call_safe: true, leg: 'leg7_out' },
    });
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
    await expectLadderSoon(() => scene.ladder(), new URL('./agent-hangs-up.ladder.txt', import.meta.url));
    // The platform keeps the customer, for another agent.
    expect(scene.world.parts.customer.inCall).toBe(true);
    await nothingOpen(scene);
  });

  it('the customer: leg 7 is closed too, the call is over', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.readySession();
    const agentEnded = scene.world.agent.untilEnded();
    await scene.world.customer.hangUp();
    await expectApi(scene, watched, {
      status: 'canceled',
      topology: 'lost',
      code: 'customer_hangup',
      events: [...ENGAGED, 'session.canceled', 'session.lost'],
      ending: { code: 'customer_hangup', call_safe: false, leg: 'leg5_in' },
    });
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'call_ended' });
    await agentEnded;
    await expectLadderSoon(() => scene.ladder(), new URL('./customer-hangs-up.ladder.txt', import.meta.url));
    await nothingOpen(scene);
    // The people may call again, and pay.
    await scene.world.customer.call();
    await scene.world.platform.untilEstablished();
    await worksAgain(scene);
  });

  it('the customer, while the hand-back waits for the key guard: lost, not restored', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.readySession();
    await scene.world.customer.press('5', { how: 'events' });
    answerOf(await scene.client.restore(watched.session.id));
    await scene.world.customer.hangUp();
    await expectApi(scene, watched, {
      status: 'canceled',
      topology: 'lost',
      code: 'customer_hangup',
      events: [...ENGAGED, 'session.canceled', 'session.lost'],
    });
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'call_ended' });
    await expectLadderSoon(
      () => scene.ladder(),
      new URL('./customer-hangs-up-in-key-guard.ladder.txt', import.meta.url),
    );
    await nothingOpen(scene);
  });

  it('the platform, in the same moment as we: a BYE that crosses ours', async () => {
    const crossing: { now?: () => void } = {};
    await using scene = await CallScene.open({
      trace: ({ direction, text }) => {
        // Our BYE is on the wire and nobody has read it yet.
        if (direction === 'out' && text.startsWith('BYE ')) crossing.now?.();
      },
    });
    const watched = await scene.readySession();
    crossing.now = () => {
      delete crossing.now;
      void scene.world.parts.platform.call.diversion.release();
    };
    answerOf(await scene.client.restore(watched.session.id));
    await expectApi(scene, watched, {
      status: 'ready',
      topology: 'restored',
      code: null,
      events: [...ENGAGED, 'session.restoring', 'session.restored'],
    });
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
    await expectLadderSoon(() => legsApart(scene), new URL('./byes-cross.ladder.txt', import.meta.url));
    await bothTalk(scene);
    await nothingOpen(scene);
    await worksAgain(scene);
  });
});
