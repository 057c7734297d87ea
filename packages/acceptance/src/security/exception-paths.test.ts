import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FieldName } from '@sordino/core';
import { ProcessScene } from '../process/support/process-scene.ts';
import { answerOf } from '../scene/call-scene.ts';
import { type ParrotGateway, startParrotGateway } from './support/parrot-gateway.ts';
import { PLANTED_THROWS } from './support/planted-throws.ts';
import { expiryDigits } from './support/play-payment.ts';
import { fileSinks } from './support/process-sinks.ts';
import { findCards, findSecurityCodes, type Sink } from './support/sinks.ts';

const CARD = '5555555555554444';
const CODE = '858';
const KEYED = { how: 'events', durationMs: 70, betweenKeysMs: 80 } as const;

let scene: ProcessScene;
let parrot: ParrotGateway;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sordino-planted-'));
  const planted = join(directory, 'planted.mjs');
  await writeFile(planted, PLANTED_THROWS);
  parrot = await startParrotGateway();
  scene = await ProcessScene.open({
    SORDINO_LOG__LEVEL: 'debug',
    SORDINO_CONNECTORS: `[{ id: con_parrot, type: sandbox, url: "${parrot.url}" }]`,
    NODE_OPTIONS: `--import ${planted}`,
  });
}, 60_000);
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
  await parrot[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

async function sinks(): Promise<Sink[]> {
  return [
    { where: 'log', content: scene.sordino.output.join('\n') },
    { where: 'wire', content: scene.tap.answered },
    { where: 'events', content: JSON.stringify(scene.events) },
    ...(await fileSinks(scene.directory)),
  ];
}

describe('when something breaks with a card number in its hands', () => {
  it('says so without the number, keeps the call, and the payment goes on', async () => {
    const { session, follower } = await scene.readySession();
    const { customer } = scene.world;
    answerOf(await scene.client.collect(session.id, 'card_number'));
    // The seventeenth key of the process breaks, and is lost.
    await customer.press(`${CARD}4`, KEYED);
    await scene.sordino.untilLine('planted uncaught');
    await scene.sordino.untilLine('planted rejection');
    await scene.bothTalk();

    const log = scene.sordino.output.join('\n');
    expect(log).toContain('planted uncaught while collecting [PAN]');
    expect(log).toContain('planted rejection while collecting [PAN]');
    expect(findCards(await sinks(), [CARD])).toEqual([]);

    // The next one tells: a number with a hole is not taken, and the agent asks for it once more.
    answerOf(await scene.client.collect(session.id, 'card_number'));
    await customer.press('5', KEYED);
    await follower.until('field.hint', ({ data }) => data.code === 'keys_lost');
    await follower.until('field.rejected');

    const fields: readonly (readonly [FieldName, string])[] = [
      ['card_number', CARD],
      ['expiry', expiryDigits()],
      ['cvc', CODE],
    ];
    for (const [field, keys] of fields) {
      answerOf(await scene.client.collect(session.id, field));
      const from = follower.events.length;
      await customer.press(keys, KEYED);
      await follower.until('field.captured', ({ seq, data }) => seq > from && data.field === field);
    }

    // And the gateway repeats all that it was told.
    expect(answerOf(await scene.client.confirm(session.id, randomUUID()))).toMatchObject({
      result: { decline_code: 'generic_decline', auth_code: null },
    });
    expect(parrot.heard).toEqual([expect.stringMatching(new RegExp(`"${CARD}".*"${CODE}"`))]);
    await follower.until('payment.declined');
    answerOf(await scene.client.restore(session.id));
    await follower.until('session.restored');
    await scene.bothTalk();
    answerOf(await scene.client.events(session.id, 0));
    expect(findCards(await sinks(), [CARD])).toEqual([]);
    expect(findSecurityCodes(await sinks(), [CODE])).toEqual([]);
    // The same search finds what the parrot said.
    const said: Sink[] = [{ where: 'parrot', content: parrot.heard.join('') }];
    expect([findCards(said, [CARD]), findSecurityCodes(said, [CODE])]).toEqual([['parrot'], ['parrot']]);
  }, 60_000);
});
