import { describe, expect, it } from '@jest/globals';
import { aCreateBody, aPaymentSession, CALLER, World } from '../test-support/payment-session.ts';

/** A world in which the audit trail works until it does not. */
function aWorld() {
  const audit = { works: true };
  return { audit, world: new World({}, undefined, { mayCapture: () => audit.works }) };
}

describe('when accesses cannot be recorded', () => {
  it('the open field is given up, its digits go, and the agent is told', async () => {
    const { audit, world } = aWorld();
    const scene = await aPaymentSession().in(world).collecting('card_number').build();
    await scene.customer.press('4242 4242');
    expect(world.cardBuffers.some((buffer) => Buffer.from(buffer).includes('4242'))).toBe(true);
    audit.works = false;
    await world.service.stopCapture();
    expect(scene.last('field.hint').data).toMatchObject({ field: 'card_number', code: 'audit_unavailable' });
    expect(scene.field('card_number')).toMatchObject({ state: 'empty', length: 0 });
    expect(scene.session.status).toBe('ready');
    for (const buffer of world.cardBuffers) expect(Buffer.from(buffer).includes('4242')).toBe(false);
    await scene.customer.press('4242');
    expect(scene.field('card_number').length).toBe(0);
  });

  it('no session is made and no field opened, and both are again when it works', async () => {
    const { audit, world } = aWorld();
    const scene = await aPaymentSession().in(world).ready().build();
    audit.works = false;
    const refused = { ok: false, problem: { httpStatus: 503, code: 'audit_unavailable', retryable: true } };
    expect(await scene.agent.collects('card_number')).toMatchObject(refused);
    const other = aCreateBody({ call: { platform: 'plt_main', call_id: 'e-92' } });
    expect(await world.service.create(CALLER, other)).toMatchObject(refused);
    expect(world.calls.expected.size).toBe(1);
    audit.works = true;
    expect(await scene.agent.collects('card_number')).toMatchObject({ ok: true });
    expect(await world.service.create(CALLER, other)).toMatchObject({ ok: true });
  });

  it('a session that waits for its first field is told, one that is over is not', async () => {
    const { audit, world } = aWorld();
    const waiting = await aPaymentSession().in(world).ready().build();
    const over = await aPaymentSession()
      .in(world)
      .with({ call: { platform: 'plt_main', call_id: 'e-92' } })
      .ready()
      .build();
    await over.agent.cancels();
    audit.works = false;
    await world.service.stopCapture();
    expect(waiting.last('field.hint').data).toMatchObject({ field: null, code: 'audit_unavailable' });
    expect(over.story).not.toContain('field.hint');
  });

  it('a card that is complete may still be charged: the attempt is in the journal', async () => {
    const { audit, world } = aWorld();
    const scene = await aPaymentSession().in(world).readyToConfirm().build();
    audit.works = false;
    await world.service.stopCapture();
    expect(await scene.agent.confirms()).toMatchObject({ ok: true, value: { status: 'approved' } });
  });
});
