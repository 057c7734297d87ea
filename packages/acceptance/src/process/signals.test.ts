import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { answerOf, aSessionBody } from '../scene/call-scene.ts';
import { FIELDS, keyIn } from './support/payment-keys.ts';
import { alarming, ProcessScene } from './support/process-scene.ts';
import { RawSip, statusOf } from './support/raw-sip.ts';

/** So short that a test can wait for it, so long that a machine that is busy keys within it. */
const LIMIT_MS = 3_000;

describe('a signal to end', () => {
  it('lets the payment finish, takes no new call meanwhile, then hands the call back: status 0', async () => {
    await using scene = await ProcessScene.open();
    using caller = await RawSip.open(scene.sipPort);
    const watched = await scene.readySession();
    const { session, follower } = watched;
    await keyIn(scene, watched, FIELDS.slice(0, 1));

    scene.sordino.kill('SIGTERM');
    await scene.sordino.untilLine('stopping: waiting for payments');
    const uri = `sip:tok_any@127.0.0.1:${scene.sipPort}`;
    for (const method of ['INVITE', 'OPTIONS']) {
      const refused = await caller.ask({ method, uri });
      expect(statusOf(refused)).toBe(503);
      expect(refused).toMatch(/^Retry-After: \d+/m);
    }
    const other = { call: { platform: 'plt_main', call_id: 'x' } };
    expect(await scene.client.create(aSessionBody(other), randomUUID())).toMatchObject({
      ok: false,
      status: 503,
    });
    const readyz = await fetch(`${scene.sordino.apiUrl}/readyz`);
    expect([readyz.status, await readyz.json()]).toMatchObject([503, { reasons: ['draining'] }]);
    await scene.bothTalk();

    // The two between the fields, and the charge: all as if nothing had been said.
    await keyIn(scene, watched, FIELDS.slice(1));
    const confirmed = answerOf(await scene.client.confirm(session.id, randomUUID()));
    expect(confirmed).toMatchObject({ status: 'approved' });
    await follower.until('session.restored');
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
    expect(await scene.sordino.ended).toEqual({ status: 0, signal: null });
    await scene.bothTalk();
    expect(alarming(scene.sordino.output)).toEqual([]);
    expect(scene.gateway.ledger()).toMatchObject({ approved: 1 });
  }, 60_000);

  it('hands a call without a payment in progress back at once', async () => {
    await using scene = await ProcessScene.open();
    const { session } = await scene.readySession();
    scene.sordino.kill('SIGTERM');
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
    expect(await scene.sordino.ended).toEqual({ status: 0, signal: null });
    expect(scene.sordino.output.join('\n')).not.toContain('waiting for payments');
    await scene.bothTalk();
    const { ends } = await scene.world.platform.report();
    expect(ends.map(({ role }) => role).sort()).toEqual(['leg5_in', 'leg7_out']);

    // What became of the payment is told by the next run.
    await scene.start();
    expect(answerOf(await scene.client.read(session.id))).toMatchObject({
      status: 'failed',
      topology: 'restored',
      result: { failure_code: 'shutdown' },
    });
  }, 60_000);

  it.each([
    ['waits no longer than the limit', { SORDINO_STOP__PAYMENTS_MS: String(LIMIT_MS) }, []],
    ['a second one does not wait at all', {}, ['SIGTERM']],
    ['nor does a second one of another kind', {}, ['SIGINT']],
  ] as const)(
    '%s: then a number that is half keyed is given up, and the call handed back',
    async (_what, environment, more) => {
      await using scene = await ProcessScene.open(environment);
      const { session, follower } = await scene.readySession();
      answerOf(await scene.client.collect(session.id, 'card_number'));
      await scene.world.customer.press('4', { how: 'events' });
      await follower.until('field.progress');
      scene.sordino.kill('SIGTERM');
      await scene.sordino.untilLine('stopping: waiting for payments');
      for (const signal of more) scene.sordino.kill(signal);
      expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
      expect(await scene.sordino.ended).toEqual({ status: 0, signal: null });
      await scene.bothTalk();
      expect(alarming(scene.sordino.output)).toEqual([]);
      await scene.start();
      expect(answerOf(await scene.client.read(session.id))).toMatchObject({
        status: 'failed',
        topology: 'restored',
        result: { failure_code: 'shutdown' },
      });
    },
    60_000,
  );

  it('said to every process of the group, as systemd does, is one signal', async () => {
    await using scene = await ProcessScene.open();
    const watched = await scene.readySession();
    await keyIn(scene, watched, FIELDS.slice(0, 1));
    process.kill(await scene.servicePid(), 'SIGTERM');
    scene.sordino.kill('SIGTERM');
    await scene.sordino.untilLine('stopping: waiting for payments');
    await keyIn(scene, watched, FIELDS.slice(1));
    answerOf(await scene.client.confirm(watched.session.id, randomUUID()));
    await watched.follower.until('payment.approved');
    expect(await scene.sordino.ended).toEqual({ status: 0, signal: null });
    await scene.bothTalk();
  }, 60_000);

  it.each(['SIGTERM', 'SIGINT'] as const)(
    '%s without a call: ends at once, with status 0',
    async (signal) => {
      await using scene = await ProcessScene.open();
      scene.sordino.kill(signal);
      expect(await scene.sordino.ended).toEqual({ status: 0, signal: null });
      expect(alarming(scene.sordino.output)).toEqual([]);
      await scene.bothTalk();
    },
  );
});
