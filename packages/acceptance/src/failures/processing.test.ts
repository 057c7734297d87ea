import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { EventType } from '@sordino/core';
import type { GatewayFault } from '@sordino/testkit';
import { answerOf, CallScene } from '../scene/call-scene.ts';
import { bothTalk, expectLadderSoon, nothingOpen, type Watched, worksAgain } from './support/aftermath.ts';
import { eventually } from './support/eventually.ts';
import { keyedCard } from './support/keyed-card.ts';

async function gatewayWill(scene: CallScene, ...next: readonly GatewayFault[]): Promise<void> {
  const planned = await fetch(`${scene.gateway.url}/__sim/faults`, {
    method: 'POST',
    body: JSON.stringify({ next }),
  });
  expect(planned.ok).toBe(true);
}

const told = ({ follower }: Watched, ...types: readonly EventType[]): string[] =>
  follower.events.map(({ type }) => type).filter((type) => types.includes(type));

describe('while the charge is under way', () => {
  it('the answer of the gateway is lost: unknown, then the result, and one charge', async () => {
    await using scene = await CallScene.open();
    const watched = await keyedCard(scene);
    await gatewayWill(scene, 'drop_after');
    const confirmed = answerOf(await scene.client.confirm(watched.session.id, randomUUID()));
    expect(confirmed.status).toBe('unknown');
    await watched.follower.until('payment.approved');
    expect(told(watched, 'payment.processing', 'payment.unknown', 'payment.approved')).toEqual([
      'payment.processing',
      'payment.unknown',
      'payment.approved',
    ]);
    await watched.follower.until('session.restored');
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
    expect(scene.gateway.ledger()).toMatchObject({ approved: 1, declined: 0, replays: 0, refused: 0 });
    const read = answerOf(await scene.client.read(watched.session.id));
    expect(read).toMatchObject({ status: 'approved', topology: 'restored', result: { failure_code: null } });
    expect(read.result.auth_code).toMatch(/^[A-Z0-9]{6}$/);
    await expectLadderSoon(() => scene.ladder(), new URL('./answer-lost.ladder.txt', import.meta.url));
    await bothTalk(scene);
    await nothingOpen(scene);
    await worksAgain(scene);
  });

  it('the customer hangs up: the payment finishes, the session stays readable', async () => {
    await using scene = await CallScene.open();
    const watched = await keyedCard(scene);
    await gatewayWill(scene, 'delay:2000');
    const confirming = scene.client.confirm(watched.session.id, randomUUID());
    await watched.follower.until('payment.processing');
    await scene.world.customer.hangUp();
    expect(answerOf(await confirming).status).toBe('approved');
    await eventually(async () => {
      const read = answerOf(await scene.client.read(watched.session.id));
      expect(read).toMatchObject({ status: 'approved', topology: 'lost', result: { failure_code: null } });
    });
    const outcomes = ['session.lost', 'payment.approved', 'session.failed', 'session.canceled'] as const;
    await eventually(() => expect(told(watched, ...outcomes)).toEqual(['session.lost', 'payment.approved']));
    expect(scene.gateway.ledger()).toMatchObject({ approved: 1, replays: 0 });
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'call_ended' });
    await expectLadderSoon(() => scene.ladder(), new URL('./call-drops.ladder.txt', import.meta.url));
    await nothingOpen(scene);
  });
});
