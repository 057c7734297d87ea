import { randomUUID } from 'node:crypto';
import type { EventType, FieldName } from '@sordino/core';
import { until } from '@sordino/testkit';
import type { ProcessScene, ProcessSession } from '../../process/support/process-scene.ts';
import { RawSip } from '../../process/support/raw-sip.ts';
import { answerOf } from '../../scene/call-scene.ts';
import { pressByInfo } from './info-keypad.ts';

export interface Payment {
  readonly keys: 'events' | 'inband' | 'both' | 'info';
  readonly card: string;
  readonly cvc: string;
  readonly ends: 'approved' | 'declined' | 'canceled' | 'unknown';
}

/** Good for four more years, as `MMYY`. */
export const expiryDigits = (): string =>
  `12${String((new Date().getUTCFullYear() + 4) % 100).padStart(2, '0')}`;

/** Brisk, and still what any decoder of ITU-T Q.24 must take. */
const KEYED = { durationMs: 70, betweenKeysMs: 80 } as const;

/** One payment of the call, from the session to two people who talk directly again. */
export async function playPayment(scene: ProcessScene, payment: Payment): Promise<ProcessSession> {
  const watched = await scene.readySession();
  try {
    await play(scene, payment, watched);
  } catch (error) {
    // A tone that a busy machine tore apart: the call is needed for the next try.
    await scene.client.cancel(watched.session.id);
    await scene.world.platform.untilOver();
    throw error;
  }
  return watched;
}

async function play(
  scene: ProcessScene,
  payment: Payment,
  { session, follower }: ProcessSession,
): Promise<void> {
  const { client } = scene;
  const fields: readonly (readonly [FieldName, string])[] = [
    // A Visa number may have 16, 18 or 19 digits: `#` says that it is complete.
    ['card_number', `${payment.card}#`],
    ['expiry', expiryDigits()],
    ['cvc', payment.cvc],
  ];
  for (const [field, keys] of payment.ends === 'canceled' ? fields.slice(0, 1) : fields) {
    answerOf(await client.collect(session.id, field));
    await press(scene, payment, keys);
    await follower.until('field.captured', ({ data }) => data.field === field);
  }
  if (payment.ends === 'canceled') {
    // Half-way: the number is there, and part of the date.
    answerOf(await client.collect(session.id, 'expiry'));
    await press(scene, payment, '12');
    answerOf(await client.cancel(session.id));
  } else {
    const answer = await client.confirm(session.id, randomUUID());
    if (!answer.ok && answer.status < 400) throw new Error(`confirm was answered ${answer.status}`);
    await follower.until(`payment.${payment.ends}` as EventType);
    if (payment.ends !== 'approved') await client.restore(session.id);
  }
  await scene.world.platform.untilOver();
  await until(`the session of ${payment.ends} is restored`, async () => {
    return answerOf(await client.read(session.id)).topology === 'restored';
  });
  // Whatever the API shows of it, so that it is on the wire and can be searched.
  answerOf(await client.legs(session.id));
  answerOf(await client.events(session.id, 0));
}

async function press(scene: ProcessScene, { keys: how }: Payment, keys: string): Promise<void> {
  if (how !== 'info') return scene.world.customer.press(keys, { how, ...KEYED });
  const { call } = scene.world.parts.platform;
  const dialog = call.diversion.leg5?.dialog;
  if (dialog === undefined) throw new Error('leg 5 is not up');
  using sip = await RawSip.open(scene.sipPort);
  const { sip: trace } = await scene.world.platform.report();
  await pressByInfo({ sip, dialog, trace }, keys);
}
