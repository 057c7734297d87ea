import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { until } from '@sordino/testkit';
import { answerOf } from '../scene/call-scene.ts';
import { FIELDS, keyIn } from './support/payment-keys.ts';
import { alarming, ProcessScene } from './support/process-scene.ts';

async function keyAll(scene: ProcessScene, fields: typeof FIELDS) {
  const watched = await scene.readySession();
  await keyIn(scene, watched, fields);
  return watched;
}

/** kill -9 of the service; its guardian starts another one. */
async function killAndRestart(scene: ProcessScene): Promise<void> {
  process.kill(await scene.servicePid(), 'SIGKILL');
  await scene.sordino.untilReady(2);
}

/** The guardian says as an error that the service died: it did. */
const unexpected = (output: readonly string[]): string[] =>
  alarming(output).filter((line) => !line.includes('"part":"guardian"'));

describe('kill -9, and a start with the same journal', () => {
  it.each([
    ['the answer was on its way', 'delay:20000', 1, 'approved'],
    // Whatever is not heard of may still be on its way to the gateway: only the end of the schedule, a minute later, proves more.
    ['the gateway never got it', 'drop_before', 0, 'unknown'],
  ] as const)(
    'in the middle of a charge (%s): asked for, never sent again',
    async (_what, fault, charges, status) => {
      await using scene = await ProcessScene.open();
      await setFaults(scene, { next: [fault], lookups: Array.from({ length: 9 }, () => 'drop_before') });
      const { session, follower } = await keyAll(scene, FIELDS);
      void scene.client.confirm(session.id, randomUUID()).catch(() => undefined);
      if (charges === 1)
        await until('the gateway has the money', () => scene.gateway.ledger().approved === 1);
      else await follower.until('payment.unknown');

      await setFaults(scene, { next: [], lookups: [] });
      await killAndRestart(scene);
      const found = answerOf(await scene.client.read(session.id));
      expect(found.status).toBe(status);
      if (charges === 1) expect(found.result.auth_code).toMatch(/^[A-Z0-9]{6}$/);
      const types = answerOf(await scene.client.events(session.id, 0)).data.map(({ type }) => type);
      expect(types).toContain(`payment.${status}`);
      expect(scene.gateway.ledger()).toMatchObject({
        approved: charges,
        declined: 0,
        replays: 0,
        refused: 0,
      });
      expect(unexpected(scene.sordino.output)).toEqual([]);
    },
    60_000,
  );

  it('in the middle of a number: failed, readable, and nothing was charged', async () => {
    await using scene = await ProcessScene.open();
    const { session } = await keyAll(scene, FIELDS.slice(0, 1));
    const waiting = await scene.createSession({
      call: { platform: 'plt_main', call_id: 'another' },
      start: { timeout_ms: 60_000 },
    });
    const before = answerOf(await scene.client.events(session.id, 0)).data;
    await killAndRestart(scene);

    expect(answerOf(await scene.client.read(session.id))).toMatchObject({
      status: 'failed',
      result: { failure_code: 'interrupted' },
    });
    expect(answerOf(await scene.client.read(waiting.session.id))).toMatchObject({
      status: 'failed',
      topology: 'original',
      rendezvous: null,
    });
    // What was told before is told again, and the numbers go on where they were.
    const after = answerOf(await scene.client.events(session.id, 0)).data;
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.map(({ seq }) => seq)).toEqual(after.map((_event, index) => index + 1));
    expect(after.at(before.length)).toMatchObject({ type: 'session.failed', data: { code: 'interrupted' } });
    expect(scene.gateway.ledger()).toMatchObject({ approved: 0, declined: 0 });
    expect(unexpected(scene.sordino.output)).toEqual([]);
    // The next payment works.
    await scene.world.platform.untilOver();
    await scene.bothTalk();
    const next = await scene.readySession();
    answerOf(await scene.client.restore(next.session.id));
    await next.follower.until('session.restored');
  }, 60_000);
});

async function setFaults(scene: ProcessScene, plan: object): Promise<void> {
  const response = await fetch(`${scene.gateway.url}/__sim/faults`, {
    method: 'POST',
    body: JSON.stringify(plan),
  });
  expect(response.status).toBe(200);
}
