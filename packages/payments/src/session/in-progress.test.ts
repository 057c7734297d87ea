import { describe, expect, it } from '@jest/globals';
import type { ChargeOutcome } from '../gateways/outcome.ts';
import { aPaymentSession } from '../test-support/payment-session.ts';

describe('a payment is in progress', () => {
  it('from the first field that is opened', async () => {
    const waiting = await aPaymentSession().build();
    expect(waiting.world.service.paymentsInProgress()).toEqual([]);
    const ready = await aPaymentSession().ready().build();
    expect(ready.world.service.paymentsInProgress()).toEqual([]);
    const collecting = await aPaymentSession().collecting('card_number').build();
    expect(collecting.world.service.paymentsInProgress()).toEqual([collecting.id]);
  });

  it('between two fields as well', async () => {
    const scene = await aPaymentSession().collecting('card_number').build();
    await scene.customer.press('4242424242424242#');
    expect(scene.session.status).toBe('ready');
    expect(scene.world.service.paymentsInProgress()).toEqual([scene.id]);
  });

  it('until the gateway has answered, and no longer', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    expect(scene.world.service.paymentsInProgress()).toEqual([scene.id]);
    let answer: (outcome: ChargeOutcome) => void = () => {};
    scene.world.gateway.charges = [() => new Promise((resolve) => (answer = resolve))];
    const confirming = scene.agent.confirms();
    await scene.world.settled();
    expect(scene.session.status).toBe('processing');
    expect(scene.world.service.paymentsInProgress()).toEqual([scene.id]);
    answer({ kind: 'declined', declineCode: 'generic_decline' });
    await confirming;
    expect(scene.session.status).toBe('declined');
    expect(scene.world.service.paymentsInProgress()).toEqual([]);
  });
});
