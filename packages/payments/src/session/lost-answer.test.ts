import { describe, expect, it } from '@jest/globals';
import type { ChargeOutcome } from '../gateways/outcome.ts';
import { later } from '../test-support/later.ts';
import { aPaymentSession } from '../test-support/payment-session.ts';

const approved: ChargeOutcome = { kind: 'approved', authCode: 'A1B2C3', token: null };

describe('an outcome that is not known', () => {
  const lost: ChargeOutcome = { kind: 'unknown', code: 'answer_lost' };

  async function aLostAnswer() {
    const scene = await aPaymentSession().readyToConfirm().build();
    scene.world.gateway.charges = [() => lost];
    expect(await scene.agent.confirms()).toMatchObject({ ok: true, value: { status: 'unknown' } });
    return scene;
  }

  it('tells the agent not to take the payment again, and by which reference to look it up', async () => {
    const scene = await aLostAnswer();
    const reference = scene.world.gateway.requests[0]?.key;
    expect(scene.last('payment.unknown').data).toMatchObject({ reference, failure_code: 'answer_lost' });
    expect(scene.last('payment.unknown').data.message).toContain('do not take the payment again');
    for (const buffer of scene.world.cardBuffers) expect(buffer.every((byte) => byte === 0)).toBe(true);
  });

  it('is asked for after 1, 2, 4, 8 … seconds, and never sent again', async () => {
    const scene = await aLostAnswer();
    const askedAt: number[] = [];
    for (let second = 1; second <= 60; second += 1) {
      const before = scene.world.gateway.queries.length;
      await scene.world.advance(1_000);
      if (scene.world.gateway.queries.length > before) askedAt.push(second);
    }
    expect(askedAt).toEqual([1, 3, 7, 15, 30, 60]);
    expect(new Set(scene.world.gateway.queries)).toEqual(new Set([scene.world.gateway.requests[0]?.key]));
    expect(scene.world.gateway.requests).toHaveLength(1);
  });

  it('that turns out approved ends like any approval', async () => {
    const scene = await aLostAnswer();
    scene.world.gateway.answers = [{ kind: 'not_found' }, approved];
    await scene.world.advance(1_000);
    expect(scene.session.status).toBe('unknown');
    await scene.world.advance(2_000);
    expect(scene.session).toMatchObject({ status: 'approved', result: { auth_code: 'A1B2C3' } });
    expect(scene.world.calls.restores.map(({ reason }) => reason)).toEqual(['approved']);
    expect(scene.story.slice(-2)).toEqual(['payment.unknown', 'payment.approved']);
    await scene.world.advance(60_000);
    expect(scene.world.gateway.queries).toHaveLength(2);
  });

  it('that turns out declined takes another card', async () => {
    const scene = await aLostAnswer();
    scene.world.gateway.answers = [{ kind: 'declined', declineCode: 'generic_decline' }];
    await scene.world.advance(1_000);
    expect(scene.session.status).toBe('declined');
    expect(await scene.agent.collects('card_number')).toMatchObject({ ok: true });
  });

  it('that the gateway has not heard of for half an hour was never made', async () => {
    const scene = await aLostAnswer();
    await scene.world.advance(30 * 60_000 - 1);
    expect(scene.session.status).toBe('unknown');
    await scene.world.advance(1);
    expect(scene.session).toMatchObject({
      status: 'failed',
      result: { failure_code: 'charge_not_received' },
    });
  });

  it('is asked for over a day, and then a person has to look', async () => {
    const scene = await aLostAnswer();
    scene.world.gateway.answers = Array.from(
      { length: 30 },
      () => ({ kind: 'unknown', code: 'query_failed' }) as const,
    );
    const hour = 60 * 60_000;
    await scene.world.advance(24 * hour - 1);
    expect(scene.story).not.toContain('payment.attention_needed');
    await scene.world.advance(1);
    expect(scene.world.gateway.queries).toHaveLength(19);
    expect(scene.session.status).toBe('unknown');
    expect(scene.last('payment.attention_needed').data).toMatchObject({ code: 'outcome_still_unknown' });
    expect(scene.world.logLines.filter((line) => line.includes('still unknown'))).toHaveLength(1);
    await scene.world.advance(48 * hour);
    expect(scene.world.gateway.queries).toHaveLength(19);
  });

  it('refuses a new attempt, a new card and a cancel meanwhile', async () => {
    const scene = await aLostAnswer();
    const refused = { ok: false, problem: { httpStatus: 409, code: 'outcome_unknown' } };
    expect(await scene.agent.confirms()).toMatchObject(refused);
    expect(await scene.agent.collects('card_number')).toMatchObject(refused);
    expect(await scene.agent.cancels()).toMatchObject(refused);
    expect(await scene.agent.restores()).toMatchObject({ ok: true, value: { status: 'unknown' } });
  });

  it('is what a gateway leaves that never answers', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    scene.world.gateway.answersLater();
    const confirming = scene.agent.confirms();
    await scene.world.settled();
    await scene.world.advance(20_000);
    expect(await confirming).toMatchObject({ ok: true, value: { status: 'unknown' } });
  });

  it('is what a gateway leaves that breaks its promise not to reject', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    scene.world.gateway.charges = [() => Promise.reject(new Error('4242424242424242'))];
    expect(await scene.agent.confirms()).toMatchObject({ ok: true, value: { status: 'unknown' } });
    expect(scene.world.logLines.join()).not.toContain('4242424242424242');
  });

  it('never lets a late answer about one charge settle the next', async () => {
    const scene = await aLostAnswer();
    const slow = later<ChargeOutcome>();
    scene.world.gateway.answers = [slow.promise, { kind: 'declined', declineCode: 'generic_decline' }];
    await scene.world.advance(1_000);
    await scene.world.service.recover();
    expect(scene.session.status).toBe('declined');
    await scene.keyAnotherCard();
    const answer = scene.world.gateway.answersLater();
    const confirming = scene.agent.confirms();
    await scene.world.settled();
    slow.resolve(approved);
    await scene.world.settled();
    expect(scene.session.status).toBe('processing');
    expect(scene.world.store.attempts().map(({ state }) => state)).toEqual(['declined', 'sending']);
    expect(scene.world.logLines.filter((line) => line.includes('refund it'))).toHaveLength(1);
    answer({ kind: 'declined', declineCode: 'generic_decline' });
    expect(await confirming).toMatchObject({ ok: true, value: { status: 'declined' } });
  });

  it('is found out when the answer could not be stored', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    scene.world.gateway.charges = [
      () => {
        scene.world.store.failures = 1;
        return approved;
      },
    ];
    expect(await scene.agent.confirms()).toMatchObject({
      ok: false,
      problem: { httpStatus: 503, code: 'outcome_not_stored' },
    });
    expect(scene.session.status).toBe('processing');
    scene.world.gateway.answers = [approved];
    await scene.world.advance(1_000);
    expect(scene.session.status).toBe('approved');
    expect(scene.world.gateway.requests).toHaveLength(1);
  });
});
