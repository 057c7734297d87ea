import { describe, expect, it } from '@jest/globals';
import { answerOf, CallScene } from '../scene/call-scene.ts';
import { bothTalk, expectApi, expectLadderSoon, nothingOpen } from './support/aftermath.ts';
import { legsApart, withSordino } from './support/legs-apart.ts';

/** Design section 5: whose description leg 5 begins with, and what the platform's profile must say for it. */
const SHAPES = [
  { shape: 'a-1', offer: 'none', leg5_media: 'customer' },
  { shape: 'a-2', offer: 'customer', leg5_media: 'customer' },
  { shape: 'a-3', offer: 'platform', leg5_media: 'customer_after_reinvite' },
] as const;
const ORDERS = ['after_leg7', 'at_once'] as const;

const ENGAGED = ['session.created', 'session.engaged', 'session.ready'] as const;

/** No deadlock, whatever waits for what; twice in one call, for the second time is another dialog. */
describe.each(ORDERS)('commit %s', (commit) => {
  it.each(SHAPES)(
    'offer shape $shape reaches ready and restores, twice',
    async ({ shape, offer, leg5_media }) => {
      await using scene = await CallScene.open({ platform: { commit, leg5_media } });
      // A platform that needs `at_once` takes leg 7 only when leg 5 was answered.
      const behaviour = {
        takesLeg7BeforeAnswer: commit === 'after_leg7',
        swapsTwice: offer === 'platform',
        swapsBackBeforeBye: offer === 'platform',
      };
      for (const cycle of [1, 2]) {
        const watched = await scene.readySession({}, behaviour, offer);
        expect(watched.session.cycle).toBe(cycle);
        await bothTalk(scene);
        answerOf(await scene.client.restore(watched.session.id));
        await expectApi(scene, watched, {
          status: 'ready',
          topology: 'restored',
          code: null,
          events: [...ENGAGED, 'session.restoring', 'session.restored'],
        });
        expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
        await bothTalk(scene);
        await nothingOpen(scene);
        if (cycle > 1) continue;
        expect(commitPointOf(scene)).toBe(commit);
        const file = `./offer-${shape}-${commit.replace('_', '-')}.ladder.txt`;
        await expectLadderSoon(() => legsApart(scene), new URL(file, import.meta.url));
      }
    },
  );
});

/** Which leg had its 200 first, as the platform saw it. */
function commitPointOf(scene: CallScene): (typeof ORDERS)[number] {
  const first = withSordino(scene).find(
    ({ text }) => text.startsWith('SIP/2.0 200 ') && /^CSeq: \d+ INVITE\r$/m.test(text),
  );
  return first?.direction === 'out' ? 'after_leg7' : 'at_once';
}
