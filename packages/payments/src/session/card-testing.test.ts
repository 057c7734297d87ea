import { describe, expect, it } from '@jest/globals';
import { aPaymentSession, CALLER, type Scene, World } from '../test-support/payment-session.ts';
import { VELOCITY_LIMITS } from '../velocity/limits.ts';

/** Published test cards of different banks. */
const CARDS = ['4242 4242 4242 4242', '5555 5555 5555 4444', '3782 822463 10005', '6011 1111 1111 1117'];
const DECLINED = { kind: 'declined', declineCode: 'generic_decline' } as const;
const SUSPECTED = {
  ok: false,
  problem: { httpStatus: 429, type: 'rate_limit_error', code: 'card_testing_suspected' },
};
const { declines, lockMs, windowMs } = VELOCITY_LIMITS;

let calls = 0;

/** A session of its own call, keyed up to the confirm. */
function aCall(world: World, { ani = '', card = CARDS[0] ?? '' } = {}): Promise<Scene> {
  calls += 1;
  const call = { platform: 'plt_main', call_id: `e-${calls}`, ...(ani === '' ? {} : { ani }) };
  const number = card.startsWith('3782') ? { card_number: card, cvc: '1234' } : { card_number: card };
  return aPaymentSession().in(world).with({ call }).readyToConfirm(number).build();
}

/** Each call declines one card and hangs up; what the confirm answered. */
async function decline(world: World, from: { ani?: string; card?: string } = {}) {
  const scene = await aCall(world, from);
  world.gateway.charges.push(() => DECLINED);
  const answer = await scene.agent.confirms();
  await scene.agent.cancels();
  return answer;
}

describe('card testing through the call', () => {
  it('fifty declines from one caller reach the gateway eight times', async () => {
    const world = new World();
    const answers: unknown[] = [];
    for (let turn = 0; turn < 50; turn += 1) {
      const card = CARDS[turn % CARDS.length] ?? '';
      const scene = await aCall(world, { ani: '+447700900123', card }).catch(String);
      if (typeof scene === 'string') {
        answers.push(scene);
        continue;
      }
      world.gateway.charges = [() => DECLINED];
      answers.push(await scene.agent.confirms());
      await scene.agent.cancels();
    }
    expect(world.gateway.requests).toHaveLength(declines.caller);
    // The caller is locked, so no further call of his is even taken.
    expect(
      answers.slice(declines.caller).every((answer) => String(answer).includes('from this caller')),
    ).toBe(true);
    expect(world.alarms).toEqual([
      { by: 'caller', tenant: 'ten_a', livemode: false, declines: declines.caller, lockMs },
    ]);
    const told = world.logLines.filter((line) => line.includes('card testing suspected'));
    expect(told).toHaveLength(1);
    expect(told.join()).not.toContain('7700900123');
  });

  it('fifty at once from one caller reach it no more often', async () => {
    const world = new World();
    const scenes = [];
    for (let turn = 0; turn < 50; turn += 1)
      scenes.push(await aCall(world, { ani: '+447700900123', card: CARDS[turn % CARDS.length] ?? '' }));
    world.gateway.charges = scenes.map(() => () => DECLINED);
    const answers = await Promise.all(scenes.map((scene) => scene.agent.confirms()));
    expect(world.gateway.requests.length).toBeLessThanOrEqual(declines.caller);
    expect(answers.filter(({ ok }) => !ok)).toHaveLength(50 - world.gateway.requests.length);
  });

  it('one card from many callers is locked, another one is taken', async () => {
    const world = new World();
    for (let turn = 0; turn < declines.card; turn += 1) await decline(world, { ani: `+4477009001${turn}0` });
    const scene = await aCall(world, { ani: '+15550100' });
    expect(await scene.agent.confirms()).toMatchObject(SUSPECTED);
    expect(scene.session.status).toBe('ready_to_confirm');
    await scene.agent.collects('card_number');
    await scene.customer.key('5555 5555 5555 4444');
    expect(await scene.agent.confirms()).toMatchObject({ ok: true, value: { status: 'approved' } });
  });

  it('callers who withhold their number have nothing in common', async () => {
    const world = new World();
    for (let turn = 0; turn < declines.caller + 2; turn += 1)
      await decline(world, { card: CARDS[turn % CARDS.length] ?? '' });
    expect(world.alarms).toEqual([]);
  });

  it('ends with the lock, by a clock that nobody can set', async () => {
    const world = new World();
    for (let turn = 0; turn < declines.card; turn += 1) await decline(world);
    const scene = await aCall(world);
    world.clock.jumpWall(3_600_000);
    expect(await scene.agent.confirms()).toMatchObject(SUSPECTED);
    world.clock.jumpWall(-7_200_000);
    await scene.agent.cancels();
    await world.advance(lockMs);
    expect(await (await aCall(world)).agent.confirms()).toMatchObject({ ok: true });
  });

  it('declines that are further apart than the window are a customer with bad luck', async () => {
    const world = new World();
    for (let turn = 0; turn < declines.card * 2; turn += 1) {
      await decline(world);
      await world.advance(windowMs / (declines.card - 1));
    }
    expect(world.alarms).toEqual([]);
  });

  it('approved charges count for nothing', async () => {
    const world = new World();
    for (let turn = 0; turn < declines.caller + 2; turn += 1)
      expect(await (await aCall(world, { ani: '+447700900123' })).agent.confirms()).toMatchObject({
        ok: true,
      });
  });

  it('what one tenant has locked is open to another, and to its live mode', async () => {
    const world = new World();
    for (let turn = 0; turn < declines.caller; turn += 1)
      await decline(world, { ani: '+447700900123', card: CARDS[turn % CARDS.length] ?? '' });
    const body = {
      call: { platform: 'plt_main', call_id: 'other', ani: '+447700900123' },
      intent: { type: 'charge', amount: 1, currency: 'gbp' },
    } as const;
    expect(await world.service.create(CALLER, body)).toMatchObject(SUSPECTED);
    expect(await world.service.create({ ...CALLER, tenant: 'ten_b' }, body)).toMatchObject({ ok: true });
  });

  it('leaves no digit in any buffer', async () => {
    const world = new World();
    await decline(world);
    expect(world.cardBuffers.every((buffer) => buffer.every((byte) => byte === 0))).toBe(true);
  });
});
