import { describe, expect, it } from '@jest/globals';
import { aPaymentSession, type Scene } from '../test-support/payment-session.ts';

const HOUR_MS = 3_600_000;

/** A whole payment; the wall clock is set between any two steps of it. */
async function pay(scene: Scene, jump: () => void): Promise<void> {
  for (const [field, keys] of [
    ['card_number', '4242 4242 4242 4242'],
    ['expiry', '1230'],
    ['cvc', '123#'],
  ] as const) {
    jump();
    await scene.agent.collects(field);
    jump();
    await scene.customer.press(keys);
    jump();
    await scene.world.advance(2_000);
  }
  jump();
}

describe.each([
  ['an hour ahead', HOUR_MS],
  ['an hour back', -HOUR_MS],
])('a wall clock that is set %s', (_, byMs) => {
  it('in the middle of a payment changes nothing of it', async () => {
    const scene = await aPaymentSession().ready().build();
    let sign = 1;
    await pay(scene, () => {
      scene.world.clock.jumpWall(sign * byMs);
      sign = -sign;
    });
    expect(scene.session.status).toBe('ready_to_confirm');
    expect(await scene.agent.confirms()).toMatchObject({ ok: true, value: { status: 'approved' } });
    expect(scene.world.gateway.requests).toHaveLength(1);
  });

  it('neither ends a field early nor keeps it open', async () => {
    const scene = await aPaymentSession().collecting('card_number').build();
    await scene.customer.press('4242 4');
    scene.world.clock.jumpWall(byMs);
    await scene.world.advance(9_999);
    expect(scene.field('card_number').state).toBe('collecting');
    await scene.world.advance(1);
    expect(scene.field('card_number')).toMatchObject({ state: 'rejected', code: 'timeout' });
  });

  it('neither ends a session early nor keeps it', async () => {
    const scene = await aPaymentSession().ready().build();
    scene.world.clock.jumpWall(byMs);
    await scene.world.advance(29 * 60_000);
    expect(scene.session.status).toBe('ready');
    await scene.world.advance(60_000);
    expect(scene.session.status).toBe('expired');
  });

  it('does not hurry the questions about an unknown outcome', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    scene.world.gateway.charges = [() => ({ kind: 'unknown', code: 'answer_lost' })];
    await scene.agent.confirms();
    scene.world.clock.jumpWall(byMs);
    await scene.world.advance(999);
    expect(scene.world.gateway.queries).toHaveLength(0);
    await scene.world.advance(1);
    expect(scene.world.gateway.queries).toHaveLength(1);
  });
});
