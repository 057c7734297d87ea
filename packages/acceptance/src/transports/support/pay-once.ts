import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import type { KeyTransport, Leg5Offer } from '@sordino/testkit';
import { bothTalk, nothingOpen } from '../../failures/support/aftermath.ts';
import { answerOf, CallScene, type SceneOptions } from '../../scene/call-scene.ts';

const CARD = [
  ['card_number', '4242424242424242#'],
  ['expiry', `12${String((new Date().getUTCFullYear() + 4) % 100)}`],
  ['cvc', '123'],
] as const;

/** Faster than people press, and well within what RFC 4733 and Q.24 ask for. */
const QUICKLY = { durationMs: 60, betweenKeysMs: 60 } as const;

export interface PayHow {
  readonly offer?: Leg5Offer;
  /** Of each field; default: events. */
  readonly how?: Partial<Record<(typeof CARD)[number][0], KeyTransport>>;
}

/** Engage, key a card, charge, restore: the two people talk before and after. */
export async function payOnce(
  options: SceneOptions,
  { offer = 'none', how = {} }: PayHow = {},
): Promise<{ sip: readonly string[]; rendezvous: string }> {
  await using scene = await CallScene.open(options);
  const { session, follower } = await scene.readySession({}, {}, offer);
  for (const [field, digits] of CARD) {
    answerOf(await scene.client.collect(session.id, field));
    await scene.world.customer.press(digits, { how: how[field] ?? 'events', ...QUICKLY });
    await follower.until('field.captured', (event) => event.data.field === field);
  }
  await follower.until('session.ready_to_confirm');
  expect(answerOf(await scene.client.confirm(session.id, randomUUID())).status).toBe('approved');
  await follower.until('session.restored');
  expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
  await bothTalk(scene);
  await nothingOpen(scene);
  return { sip: scene.sordino.sip, rendezvous: session.rendezvous?.sip_uri ?? '' };
}
