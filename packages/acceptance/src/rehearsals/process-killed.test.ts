import { describe, expect, it } from '@jest/globals';
import { expectLadderSoon } from '../failures/support/aftermath.ts';
import { legsApart } from '../failures/support/legs-apart.ts';
import { ProcessScene } from '../process/support/process-scene.ts';
import { answerOf, CallScene } from '../scene/call-scene.ts';

/** The bar is 3 s (design section 8), and the figure is printed; a machine that stands still for a moment is not asserted. */
const TALKING_WITHIN_MS = 10_000;

describe('rehearsed on a process of its own', () => {
  it('process_killed: the guardian hands the call back, and another service takes the next payment', async () => {
    await using scene = await ProcessScene.open();
    const { session } = await scene.readySession();
    const armed = answerOf(await scene.client.armFault(session.id, 'process_killed'));
    expect(armed.state).toBe('fired');
    const askedAtMs = performance.now();
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
    const tookMs = Math.round(performance.now() - askedAtMs);
    console.log(`process_killed: talking again after ${tookMs} ms`);
    expect(tookMs).toBeLessThan(TALKING_WITHIN_MS);
    await scene.bothTalk();
    await expectLadderSoon(() => legsApart(scene), new URL('./process_killed.ladder.txt', import.meta.url));
    await scene.sordino.untilReady(2);
    const { status, topology, result } = answerOf(await scene.client.read(session.id));
    expect({ status, topology, code: result.failure_code, call_safe: true }).toEqual(armed.expected);
    await scene.readySession();
  }, 90_000);
});

describe('not rehearsed', () => {
  it('where no guardian would take the calls back', async () => {
    await using scene = await CallScene.open();
    const { session } = await scene.createSession();
    expect(await scene.client.armFault(session.id, 'process_killed')).toMatchObject({
      status: 409,
      error: { code: 'fault_not_guarded' },
    });
  });
});
