import type { FieldName } from '@sordino/core';
import { answerOf } from '../../scene/call-scene.ts';
import type { ProcessScene, ProcessSession } from './process-scene.ts';

/** A card that the sandbox approves. */
export const FIELDS: readonly (readonly [FieldName, string])[] = [
  ['card_number', '4242424242424242#'],
  ['expiry', `12${(new Date().getUTCFullYear() + 4) % 100}`],
  ['cvc', '737'],
];

/** Brisk, and still what any decoder of ITU-T Q.24 must take. */
const KEYED = { how: 'events', durationMs: 60, betweenKeysMs: 60 } as const;

/** The customer keys these fields, one after the other. */
export async function keyIn(
  scene: ProcessScene,
  { session, follower }: ProcessSession,
  fields: typeof FIELDS,
): Promise<void> {
  for (const [field, keys] of fields) {
    answerOf(await scene.client.collect(session.id, field));
    await scene.world.customer.press(keys, KEYED);
    await follower.until('field.captured', ({ data }) => data.field === field);
  }
}
