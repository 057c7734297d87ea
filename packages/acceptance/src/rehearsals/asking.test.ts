import { expect, it } from '@jest/globals';
import type { CreateSessionBody } from '@sordino/core';
import { bothTalk, expectLadderSoon, nothingOpen } from '../failures/support/aftermath.ts';
import { aSessionBody, CallScene } from '../scene/call-scene.ts';
import { arm, promiseKept } from './support/promise.ts';

/** A session for which the platform is asked by REFER. */
async function asking(scene: CallScene): Promise<Partial<CreateSessionBody>> {
  const dialog = await scene.world.platform.dialog();
  if (dialog === undefined) throw new Error('the call has no dialog');
  const { callId: call_id, localTag: local_tag, remoteTag: remote_tag } = dialog;
  const call = { ...aSessionBody().call, dialog: { call_id, local_tag, remote_tag } };
  return { start: { method: 'refer' }, call };
}

it('refer_refused: the next session of the call is not asked for, and the call is untouched', async () => {
  await using scene = await CallScene.open({
    platform: { refer: { form: 'target_dialog', notify_timeout_ms: 5_000 } },
  });
  const before = await scene.createSession();
  const armed = await arm(scene, before, 'refer_refused');
  expect(armed.state).toBe('armed');
  await scene.client.cancel(before.session.id);
  await before.follower.until('session.canceled');
  const watched = await scene.createSession(await asking(scene));
  await watched.follower.until('session.failed', ({ data }) => data.code === 'refer_refused');
  await promiseKept(scene, watched, armed, before);
  // Nothing of it was on the wire.
  await expectLadderSoon(() => scene.ladder(), new URL('./refer_refused.ladder.txt', import.meta.url));
  await bothTalk(scene);
  await nothingOpen(scene);
});
