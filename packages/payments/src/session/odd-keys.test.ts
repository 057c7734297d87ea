import { describe, expect, it } from '@jest/globals';
import type { KeyTransport } from '@sordino/core';
import { sealKey } from '../test-support/key-sealer.ts';
import { aPaymentSession, World } from '../test-support/payment-session.ts';

describe('a key that is heard twice', () => {
  it.each<[string, [KeyTransport, number][], number]>([
    [
      'by one transport, too soon for a second press',
      [
        ['rfc4733', 0],
        ['rfc4733', 79],
      ],
      1,
    ],
    [
      'by one transport, a press apart',
      [
        ['rfc4733', 0],
        ['rfc4733', 80],
      ],
      2,
    ],
    [
      'by event and by tone',
      [
        ['rfc4733', 0],
        ['inband', 249],
      ],
      1,
    ],
    [
      'by tone and by INFO and by event',
      [
        ['inband', 0],
        ['info', 100],
        ['rfc4733', 20],
      ],
      1,
    ],
    [
      'by event and much later by tone',
      [
        ['rfc4733', 0],
        ['inband', 250],
      ],
      2,
    ],
    [
      'by two INFOs that arrive together: they say nothing of when',
      [
        ['info', 0],
        ['info', 0],
      ],
      2,
    ],
    [
      'while the clock was set back an hour',
      [
        ['rfc4733', 3_600_000],
        ['rfc4733', 0],
      ],
      2,
    ],
  ])('%s', async (_, times, length) => {
    const scene = await aPaymentSession().collecting('card_number').build();
    await scene.customer.reported('4', ...times);
    expect(scene.field('card_number').length).toBe(length);
    const hints = scene.events.filter(({ type }) => type === 'field.hint').map(({ data }) => data);
    expect(hints.map(({ field, code }) => [field, code])).toEqual(
      length === 1 ? [['card_number', 'duplicate_tones']] : [],
    );
  });

  it('is told once for each time that the field is asked for', async () => {
    const scene = await aPaymentSession().collecting('card_number').build();
    for (const key of ['4', '2', '4']) await scene.customer.reported(key, ['rfc4733', 0], ['inband', 10]);
    expect(scene.field('card_number').length).toBe(3);
    expect(scene.story.filter((type) => type === 'field.hint')).toHaveLength(1);
    await scene.agent.collects('card_number');
    await scene.customer.reported('5', ['rfc4733', 0], ['inband', 10]);
    expect(scene.story.filter((type) => type === 'field.hint')).toHaveLength(2);
  });

  it('does not restart a field by being a star', async () => {
    const scene = await aPaymentSession().collecting('card_number').build();
    await scene.customer.press('4242');
    await scene.customer.reported('*', ['rfc4733', 9_000], ['inband', 9_050]);
    expect(scene.field('card_number').length).toBe(3);
  });

  it('and ended its field does not begin the next', async () => {
    const scene = await aPaymentSession().collecting('expiry').build();
    await scene.customer.press('123');
    await scene.customer.reported('0', ['rfc4733', 9_000]);
    await scene.agent.collects('cvc');
    await scene.customer.reported('0', ['inband', 9_100]);
    expect(scene.field('expiry').state).toBe('captured');
    expect(scene.field('cvc').length).toBe(0);
  });

  it('is nowhere afterwards', async () => {
    const scene = await aPaymentSession().collecting('cvc').build();
    await scene.customer.press('12');
    await scene.agent.cancels();
    expect(scene.world.cardBuffers.every((buffer) => buffer.every((byte) => byte === 0))).toBe(true);
  });
});

describe('a key that is too short', () => {
  it('is hinted at once for each time that the field is asked for, and at no other time', async () => {
    const scene = await aPaymentSession().ready().build();
    const short = { type: 'short_key', session: scene.id } as const;
    const hints = () =>
      scene.events.filter(({ data }) => data.code === 'short_keys').map(({ data }) => data.field);
    await scene.world.tell(short);
    expect(hints()).toEqual([]);
    await scene.agent.collects('card_number');
    await scene.world.tell(short);
    await scene.world.tell(short);
    expect(hints()).toEqual(['card_number']);
    await scene.agent.collects('expiry');
    await scene.world.tell(short);
    expect(hints()).toEqual(['card_number', 'expiry']);
  });
});

describe('keys that are not for a field', () => {
  it('are dropped, with one hint to the agent and not one per key', async () => {
    const scene = await aPaymentSession().ready().build();
    await scene.customer.press('4242');
    expect(scene.story.filter((type) => type === 'field.hint')).toHaveLength(1);
    await scene.agent.collects('card_number');
    expect(scene.field('card_number').length).toBe(0);
  });

  it('of another session are refused and logged without a word of what they were', async () => {
    const world = new World();
    const scene = await aPaymentSession().in(world).collecting('cvc').build();
    const other = await aPaymentSession()
      .in(world)
      .with({ call: { platform: 'plt_main', call_id: 'e-92' } })
      .build();
    const stolen = await sealKey(other.sealTo, other.id, 0, 7);
    await world.tell({ type: 'key', session: scene.id, key: stolen });
    await world.tell({ type: 'key', session: scene.id, key: { ...stolen, session: scene.id } });
    await scene.customer.press('');
    expect(scene.field('cvc').length).toBe(0);
    expect(world.logLines.filter((line) => line.includes('refused'))).toHaveLength(2);
  });

  it('come too late when the session is over', async () => {
    const scene = await aPaymentSession().collecting('cvc').build();
    await scene.agent.cancels();
    const before = scene.events.length;
    await scene.customer.press('123');
    expect(scene.events).toHaveLength(before);
  });

  it('in a flood are dropped at the door, and the field is not taken with a hole in it', async () => {
    const scene = await aPaymentSession().collecting('card_number').build();
    const sealed = await Promise.all(
      Array.from({ length: 80 }, (_, seq) => sealKey(scene.sealTo, scene.id, seq, seq % 2 ? 10 : 5)),
    );
    for (const key of sealed) scene.world.service.onCallEvent({ type: 'key', session: scene.id, key });
    await scene.customer.press('');
    expect(scene.world.logLines.filter((line) => line.includes('too many wait')).length).toBe(16);
    await scene.world.tell({
      type: 'key',
      session: scene.id,
      key: await sealKey(scene.sealTo, scene.id, 80, 5),
    });
    await scene.customer.press('');
    expect(scene.field('card_number')).toMatchObject({ state: 'rejected', code: 'invalid_card_number' });
  });
});
