import { answerOf, type CallScene } from '../../scene/call-scene.ts';
import type { Watched } from './aftermath.ts';

const CARD = [
  ['card_number', '4242424242424242#'],
  ['expiry', `12${String((new Date().getUTCFullYear() + 4) % 100)}`],
  ['cvc', '123'],
] as const;

/** Faster than people press, and well within what RFC 4733 and Q.24 ask for. */
const QUICKLY = { how: 'events', durationMs: 60, betweenKeysMs: 60 } as const;

/** A session whose card is keyed: everything but the confirm. */
export async function keyedCard(scene: CallScene): Promise<Watched> {
  const watched = await scene.readySession();
  for (const [field, digits] of CARD) {
    answerOf(await scene.client.collect(watched.session.id, field));
    await scene.world.customer.press(digits, QUICKLY);
    await watched.follower.until('field.captured', (event) => event.data.field === field);
  }
  await watched.follower.until('session.ready_to_confirm');
  return watched;
}
