import { describe, expect, it } from '@jest/globals';
import { aPaymentSession } from '../test-support/payment-session.ts';

const CALLER = { tenant: 'ten_a', livemode: false };

describe('playing a prompt', () => {
  it('asks the call side, and changes nothing of the payment', async () => {
    const scene = await aPaymentSession().ready().build();
    const { service, calls } = scene.world;
    const before = scene.story.length;
    const played = await service.play(CALLER, scene.id, 'customer', 'welcome');
    expect(played).toMatchObject({ ok: true, value: { id: scene.id, status: 'ready' } });
    await service.play(CALLER, scene.id, 'agent', null);
    expect(calls.played).toEqual(['welcome to customer', 'null to agent']);
    expect(scene.story).toHaveLength(before);
  });

  it.each([
    ['not_engaged', 409, null, true],
    ['unknown_prompt', 400, 'prompt', false],
  ] as const)('is refused: %s', async (code, httpStatus, param, retryable) => {
    const scene = await aPaymentSession().build();
    scene.world.calls.playProblem = code;
    const refused = await scene.world.service.play(CALLER, scene.id, 'customer', 'welcome');
    expect(refused).toMatchObject({ ok: false, problem: { code, httpStatus, param, retryable } });
  });

  it('of a session of somebody else is a 404', async () => {
    const scene = await aPaymentSession().build();
    const refused = await scene.world.service.play({ ...CALLER, tenant: 'ten_b' }, scene.id, 'customer', 'x');
    expect(refused).toMatchObject({ ok: false, problem: { httpStatus: 404 } });
    expect(scene.world.calls.played).toEqual([]);
  });
});
