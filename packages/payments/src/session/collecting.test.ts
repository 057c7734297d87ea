import { describe, expect, it } from '@jest/globals';
import { aPaymentSession } from '../test-support/payment-session.ts';

describe('collecting a card number', () => {
  it('captures brand and last four, and tells the agent nothing but a count on the way', async () => {
    const scene = await aPaymentSession().collecting('card_number').build();
    await scene.customer.press('4242 4242 4242 4242');
    expect(scene.field('card_number')).toMatchObject({ state: 'collecting', length: 16 });
    await scene.world.advance(2_000);
    expect(scene.field('card_number')).toMatchObject({
      state: 'captured',
      brand: 'visa',
      last4: '4242',
      code: null,
    });
    expect(scene.session.status).toBe('ready');
    expect(scene.events.filter(({ type }) => type === 'field.progress').map(({ data }) => data)).toEqual(
      Array.from({ length: 16 }, (_, at) => ({ field: 'card_number', length: at + 1 })),
    );
  });
});
