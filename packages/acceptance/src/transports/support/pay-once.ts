import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import type { EventType, FieldName } from '@sordino/core';
import { type KeyTransport, type Leg5Offer, type SessionFollower, until } from '@sordino/testkit';
import { bothTalk, nothingOpen, type Watched } from '../../failures/support/aftermath.ts';
import { answerOf, CallScene, type SceneOptions } from '../../scene/call-scene.ts';

const CARD = [
  ['card_number', '4242424242424242#'],
  ['expiry', `12${String((new Date().getUTCFullYear() + 4) % 100)}`],
  ['cvc', '123'],
] as const;

/** Faster than people press, and well within what RFC 4733 and Q.24 ask for. */
const QUICKLY = { durationMs: 60, betweenKeysMs: 60 } as const;
/** A tone that a busy machine tears apart is a key less. */
const AT_EASE = { durationMs: 100, betweenKeysMs: 100 } as const;

export interface PayHow {
  readonly offer?: Leg5Offer;
  /** What is to be said of the call when it is over, and the world is still there. */
  readonly judge?: (scene: CallScene, follower: SessionFollower) => Promise<void>;
  /** Of each field; default: events. */
  readonly how?: Partial<Record<(typeof CARD)[number][0], KeyTransport>>;
}

/** Engage, key a card, charge, restore: the two people talk before and after. */
export async function payOnce(
  options: SceneOptions,
  { offer = 'none', how = {}, judge }: PayHow = {},
): Promise<{ sip: readonly string[]; rendezvous: string }> {
  await using scene = await CallScene.open(options);
  const { session, follower } = await scene.readySession({}, {}, offer);
  for (const [field, digits] of CARD) {
    const keyed = { digits, how: how[field] ?? 'events' };
    while (!(await isCaptured(scene, { session, follower }, field, keyed)));
  }
  await follower.until('session.ready_to_confirm');
  expect(answerOf(await scene.client.confirm(session.id, randomUUID())).status).toBe('approved');
  await follower.until('session.restored');
  expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
  await bothTalk(scene);
  await nothingOpen(scene);
  await judge?.(scene, follower);
  return { sip: scene.sordino.sip, rendezvous: session.rendezvous?.sip_uri ?? '' };
}

/** As an agent does it: who did not get it asks again, until the session has enough of that. */
async function isCaptured(
  { client, world }: CallScene,
  { session, follower }: Watched,
  field: FieldName,
  { digits, how }: { readonly digits: string; readonly how: KeyTransport },
): Promise<boolean> {
  const before = follower.events.length;
  const told = (type: EventType): boolean =>
    follower.events.slice(before).some((event) => event.type === type && event.data.field === field);
  answerOf(await client.collect(session.id, field));
  await world.customer.press(digits, { how, ...(how === 'events' ? QUICKLY : AT_EASE) });
  await until(`${field} is judged`, () => told('field.captured') || told('field.rejected'));
  return told('field.captured');
}
