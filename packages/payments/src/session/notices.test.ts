import { describe, expect, it } from '@jest/globals';
import type { NoticeItem } from '../gateways/notice.ts';
import type { ChargeOutcome } from '../gateways/outcome.ts';
import { later } from '../test-support/later.ts';
import { aPaymentSession, CONNECTOR, type World } from '../test-support/payment-session.ts';

const approved: ChargeOutcome = { kind: 'approved', authCode: 'A1B2C3', token: null, gatewayId: 'ch_1' };
const declined: ChargeOutcome = { kind: 'declined', declineCode: 'generic_decline' };
const lost: ChargeOutcome = { kind: 'unknown', code: 'answer_lost' };

const about = (key: string, outcome: ChargeOutcome, id = 'n1'): NoticeItem => ({
  ...{ id, about: { key } },
  tells: { of: 'charge', outcome },
});

async function send(
  world: World,
  items: readonly NoticeItem[] | string,
  connector: string = CONNECTOR,
  signature = 'ok',
) {
  const body = new TextEncoder().encode(typeof items === 'string' ? items : JSON.stringify(items));
  const result = await world.service.notice(connector, { headers: { signature }, body, nowMs: 0 });
  await world.settled();
  return result;
}

async function charged(outcome: ChargeOutcome) {
  const scene = await aPaymentSession().readyToConfirm().build();
  scene.world.gateway.charges = [() => outcome];
  await scene.agent.confirms();
  return { scene, world: scene.world, key: scene.world.gateway.requests[0]?.key ?? '' };
}

describe('a notice', () => {
  it('settles what nobody knew, and answers as its gateway wants it', async () => {
    const { scene, world, key } = await charged(lost);
    expect(await send(world, [about(key, approved)])).toEqual({
      kind: 'taken',
      answer: '[accepted]',
      sessions: [scene.id],
    });
    expect(scene.session).toMatchObject({ status: 'approved', result: { auth_code: 'A1B2C3' } });
    await world.advance(60_000);
    expect(world.gateway.queries).toEqual([]);
  });

  it('before the answer of the gateway is as good, and the answer changes nothing then', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    const answer = later<ChargeOutcome>();
    scene.world.gateway.charges = [() => answer.promise];
    const confirming = scene.agent.confirms();
    await scene.world.settled();
    await send(scene.world, [about(scene.world.gateway.requests[0]?.key ?? '', approved)]);
    answer.resolve(lost);
    expect(await confirming).toMatchObject({ ok: true, value: { status: 'approved' } });
    expect(scene.story.filter((type) => type === 'payment.approved')).toHaveLength(1);
  });

  it.each([
    ['by the end of its key', (key: string) => ({ keyEnd: key.slice(-20) })],
    ['by its own id', () => ({ gatewayId: 'ch_1' })],
  ])('may name a charge %s', async (_how, named) => {
    const { scene, world, key } = await charged(lost);
    const [attempt] = world.store.attempts();
    if (attempt) await world.store.commit({ attempt: { ...attempt, gatewayId: 'ch_1' } });
    await send(world, [{ ...about(key, declined), about: named(key) }]);
    expect(scene.session.status).toBe('declined');
  });

  it('that comes again, or later than another one, takes nothing back', async () => {
    const { scene, world, key } = await charged(lost);
    await send(world, [about(key, approved, 'n2')]);
    const before = world.store.changes.length;
    for (const id of ['n1', 'n2', 'n2', 'n3']) await send(world, [about(key, declined, id)]);
    await send(world, [about(key, { kind: 'failed', code: 'x' }, 'n4')]);
    expect(scene.session.status).toBe('approved');
    // Only that they were seen: n1, n3 and n4.
    expect(world.store.changes.slice(before).map((change) => Object.keys(change))).toEqual([
      ['answer'],
      ['answer'],
      ['answer'],
    ]);
  });

  it('that does not know either changes nothing', async () => {
    const { scene, world, key } = await charged(lost);
    await send(world, [about(key, lost), about(key, { kind: 'not_sent', code: 'x' }, 'n2')]);
    expect(scene.session.status).toBe('unknown');
  });

  it('that is forged is not looked at', async () => {
    const { scene, world, key } = await charged(lost);
    expect(await send(world, [about(key, approved)], CONNECTOR, 'forged')).toEqual({
      kind: 'refused',
      code: 'bad_signature',
    });
    expect(scene.session.status).toBe('unknown');
  });

  it('about nothing of ours is taken and said in the log', async () => {
    const { world } = await charged(lost);
    expect(await send(world, [about('chg_none', approved)])).toEqual({
      kind: 'taken',
      answer: '[accepted]',
      sessions: [],
    });
    expect(world.logLines.join()).toContain('tells of a charge that is not here');
  });

  it('of one connector says nothing about a charge of another', async () => {
    const { scene, world, key } = await charged(lost);
    await send(world, [about(key, approved)], 'con_live');
    expect(scene.session.status).toBe('unknown');
  });

  it('to a connector that is not there has nowhere to go', async () => {
    const { world, key } = await charged(lost);
    expect(await send(world, [about(key, approved)], 'con_none')).toEqual({ kind: 'no_such_connector' });
  });

  it('that cannot be stored is not taken, and has its effect when it comes again', async () => {
    const { scene, world, key } = await charged(lost);
    world.store.failures = 1;
    await expect(send(world, [about(key, approved)])).rejects.toThrow('could not be stored');
    expect(scene.session.status).toBe('unknown');
    await send(world, [about(key, approved)]);
    expect(scene.session.status).toBe('approved');
  });
});
