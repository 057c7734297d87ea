import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { nothingOpen } from '../failures/support/aftermath.ts';
import { eventually } from '../failures/support/eventually.ts';
import { keyedCard } from '../failures/support/keyed-card.ts';
import { answerOf, CallScene, typesOf } from '../scene/call-scene.ts';
import { arm, promiseKept } from './support/promise.ts';

describe('rehearsed while the charge is under way', () => {
  it.each(['gateway_slow', 'gateway_answer_lost'] as const)(
    '%s: unknown, then the result, one charge',
    async (fault) => {
      await using scene = await CallScene.open();
      const watched = await keyedCard(scene);
      const armed = await arm(scene, watched, fault);
      expect(answerOf(await scene.client.confirm(watched.session.id, randomUUID())).status).toBe('unknown');
      await promiseKept(scene, watched, armed);
      const paid = typesOf(watched.follower.events).filter((type) => type.startsWith('payment.'));
      expect(paid).toEqual(['payment.processing', 'payment.unknown', 'payment.approved']);
      expect(scene.gateway.ledger()).toMatchObject({ approved: 1, replays: 0 });
      expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
      await nothingOpen(scene);
    },
  );

  it('call_dropped_while_processing: the payment finishes and stays readable', async () => {
    await using scene = await CallScene.open();
    const watched = await keyedCard(scene);
    const armed = await arm(scene, watched, 'call_dropped_while_processing');
    expect(answerOf(await scene.client.confirm(watched.session.id, randomUUID())).status).toBe('approved');
    await promiseKept(scene, watched, armed);
    const told = typesOf(watched.follower.events).filter((type) => /^payment\.|lost$/.test(type));
    await eventually(() => expect(told).toEqual(['payment.processing', 'session.lost', 'payment.approved']));
    expect(scene.gateway.ledger()).toMatchObject({ approved: 1, replays: 0 });
    await scene.world.platform.untilOver();
    await nothingOpen(scene);
  });
});
