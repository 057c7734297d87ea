import { describe, expect, it } from '@jest/globals';
import type { FieldName } from '@sordino/core';
import type { ChargeOutcome, DeclineCategory } from '../gateways/outcome.ts';
import { aPaymentSession, type Scene } from '../test-support/payment-session.ts';
import { KEPT_AFTER_DECLINE_MS } from './limits.ts';

const FIELDS: readonly FieldName[] = ['card_number', 'expiry', 'cvc', 'postal_code'];
const CARD = '4242424242424242';

const declined = (category: DeclineCategory): ChargeOutcome => ({
  kind: 'declined',
  declineCode: 'generic_decline',
  advice: { category, retry: 'fix_field', raw: null },
});

async function aDecline(outcome: ChargeOutcome = declined('bad_cvv'), fields = FIELDS): Promise<Scene> {
  const scene = await aPaymentSession().with({ fields }).readyToConfirm().build();
  scene.world.gateway.charges = [() => outcome];
  await scene.agent.confirms();
  expect(scene.session.status).toBe('declined');
  return scene;
}

const states = (scene: Scene) =>
  Object.fromEntries(scene.session.fields.map(({ name, state, code }) => [name, code ?? state]));
const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
/** What of the card is in memory, in any buffer. */
const inMemory = (scene: Scene, digits: string) =>
  scene.world.cardBuffers.some((buffer) => Buffer.from(buffer).includes(digits));

describe('a decline of one field', () => {
  it.each<[DeclineCategory, Record<string, string>, FieldName[]]>([
    [
      'bad_cvv',
      { card_number: 'captured', expiry: 'captured', cvc: 'invalid_security_code', postal_code: 'captured' },
      ['cvc'],
    ],
    [
      'expired',
      { card_number: 'captured', expiry: 'invalid_date', cvc: 'empty', postal_code: 'captured' },
      ['expiry', 'cvc'],
    ],
    [
      'avs',
      { card_number: 'captured', expiry: 'captured', cvc: 'empty', postal_code: 'invalid_postal_code' },
      ['cvc', 'postal_code'],
    ],
  ])('(%s) asks for that field and the security code only', async (category, shown, again) => {
    const scene = await aDecline(declined(category));
    expect(states(scene)).toEqual(shown);
    expect(scene.last('payment.declined').data).toMatchObject({
      fields: again,
      message: expect.stringContaining('the bank refused'),
    });
    expect(inMemory(scene, CARD)).toBe(true);
    for (const field of again) {
      await scene.agent.collects(field);
      await scene.customer.key({ cvc: '999', expiry: '0131', postal_code: '54321#' }[field as 'cvc']);
    }
    expect(await scene.agent.confirms()).toMatchObject({ ok: true, value: { status: 'approved' } });
    const seen = scene.world.gateway.cardsSeen[1];
    expect([text(seen?.number), text(seen?.cvc)]).toEqual([CARD, '999']);
    expect(new Set(scene.world.gateway.requests.map(({ key }) => key)).size).toBe(2);
    expect(inMemory(scene, CARD)).toBe(false);
  });

  it('leaves no security code behind', async () => {
    for (const category of ['bad_cvv', 'expired', 'avs'] as const) {
      const scene = await aDecline(declined(category));
      // 4242… and 1230 are there, the code behind them is not.
      expect(inMemory(scene, '123\0')).toBe(false);
    }
  });

  it('is known from the code of a gateway that gives no more', async () => {
    const scene = await aDecline({ kind: 'declined', declineCode: 'incorrect_cvc' });
    expect(scene.last('payment.declined').data).toMatchObject({ fields: ['cvc'] });
  });

  it.each<[string, ChargeOutcome, readonly FieldName[]]>([
    ['for lack of funds', { kind: 'declined', declineCode: 'insufficient_funds' }, FIELDS],
    ['of a field that the session has not', declined('avs'), ['card_number', 'expiry', 'cvc']],
    [
      'after which the bank wants to hear no more',
      {
        kind: 'declined',
        declineCode: 'x',
        advice: { category: 'bad_cvv', retry: 'never', raw: null },
      },
      FIELDS,
    ],
  ])('%s wipes the whole card', async (_, outcome, fields) => {
    const scene = await aDecline(outcome, fields);
    expect(Object.values(states(scene))).toEqual(fields.map(() => 'empty'));
    expect(scene.last('payment.declined').data.fields).toEqual(fields);
    expect(scene.world.cardBuffers.every((buffer) => buffer.every((byte) => byte === 0))).toBe(true);
  });

  it('may be followed by another card, to which nothing of the first one belongs', async () => {
    const scene = await aDecline();
    await scene.agent.collects('card_number');
    expect(states(scene)).toEqual({
      ...{ card_number: 'collecting', expiry: 'empty', cvc: 'empty', postal_code: 'empty' },
    });
    await scene.customer.press('5555555555554444');
    expect(scene.session.status).toBe('ready');
    expect(inMemory(scene, CARD.slice(0, 6))).toBe(false);
    await scene.world.advance(KEPT_AFTER_DECLINE_MS);
    expect(scene.field('card_number').state).toBe('captured');
  });

  it('leaves no card number to be repaired into another one', async () => {
    const scene = await aDecline();
    await scene.agent.clears('card_number', 4);
    expect(scene.field('card_number')).toMatchObject({ state: 'collecting', length: 0 });
    expect(inMemory(scene, CARD.slice(0, 6))).toBe(false);
  });

  it.each<[string, (scene: Scene) => Promise<unknown>, string]>([
    ['nobody has done anything', async () => {}, 'declined'],
    ['the field is open', (scene) => scene.agent.collects('cvc'), 'ready'],
    [
      'it could be confirmed',
      async (scene) => {
        await scene.agent.collects('cvc');
        await scene.customer.key('999');
      },
      'ready',
    ],
  ])('keeps the rest for two minutes, also when %s', async (_, act, status) => {
    const scene = await aDecline();
    await act(scene);
    const spentMs = scene.world.clock.monotonicMs() - declinedAtMs(scene);
    await scene.world.advance(KEPT_AFTER_DECLINE_MS - spentMs - 1);
    expect(inMemory(scene, CARD)).toBe(true);
    await scene.world.advance(1);
    expect(scene.world.cardBuffers.every((buffer) => buffer.every((byte) => byte === 0))).toBe(true);
    expect(scene.session.status).toBe(status);
    expect(Object.values(states(scene))).toEqual(FIELDS.map(() => 'empty'));
    expect(scene.last('field.hint').data).toMatchObject({ code: 'card_forgotten' });
    expect(scene.world.calls.collecting.get(scene.id)).toBe(false);
    await scene.agent.collects('card_number');
    expect(scene.session.status).toBe('collecting');
  });

  it.each<[string, (scene: Scene) => Promise<unknown>]>([
    ['a cancel', (scene) => scene.agent.cancels()],
    ['a hand-back', (scene) => scene.agent.restores()],
    ['a hang-up', (scene) => scene.call('lost', 'customer_hangup')],
    [
      'an approval',
      async (scene) => {
        await scene.agent.collects('cvc');
        await scene.customer.key('999');
        await scene.agent.confirms();
      },
    ],
    [
      'a decline of the card itself',
      async (scene) => {
        await scene.agent.collects('cvc');
        await scene.customer.key('999');
        scene.world.gateway.charges = [() => ({ kind: 'declined', declineCode: 'insufficient_funds' })];
        await scene.agent.confirms();
      },
    ],
    [
      'an answer that is lost',
      async (scene) => {
        await scene.agent.collects('cvc');
        await scene.customer.key('999');
        scene.world.gateway.charges = [() => ({ kind: 'unknown', code: 'answer_lost' })];
        await scene.agent.confirms();
      },
    ],
    [
      'a store that fails',
      async (scene) => {
        await scene.agent.collects('cvc');
        await scene.customer.key('999');
        scene.world.gateway.charges = [
          () => {
            scene.world.store.failures = 1;
            return declined('bad_cvv');
          },
        ];
        await scene.agent.confirms();
      },
    ],
  ])('%s wipes what was kept at once', async (_, act) => {
    const scene = await aDecline();
    expect(inMemory(scene, CARD)).toBe(true);
    await act(scene);
    await scene.world.settled();
    expect(scene.world.cardBuffers.every((buffer) => buffer.every((byte) => byte === 0))).toBe(true);
  });

  it('may come again, five charges in all', async () => {
    const scene = await aDecline();
    for (let charge = 2; charge <= 5; charge += 1) {
      await scene.agent.collects('cvc');
      await scene.customer.key('999');
      scene.world.gateway.charges = [() => declined('bad_cvv')];
      expect(await scene.agent.confirms()).toMatchObject({ ok: true, value: { status: 'declined' } });
    }
    await scene.agent.collects('cvc');
    await scene.customer.key('999');
    expect(await scene.agent.confirms()).toMatchObject({ problem: { code: 'too_many_charges' } });
    expect(scene.world.gateway.requests).toHaveLength(5);
  });
});

/** Monotonic: the scene's clock begins at nothing, the wall where the scene starts. */
function declinedAtMs(scene: Scene): number {
  const { wallMs, monotonicMs } = {
    wallMs: scene.world.clock.wallMs(),
    monotonicMs: scene.world.clock.monotonicMs(),
  };
  return scene.last('payment.declined').created - (wallMs - monotonicMs);
}
