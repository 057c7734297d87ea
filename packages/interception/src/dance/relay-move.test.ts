import { describe, expect, it } from '@jest/globals';
import {
  FIRST_MEDIA_TIMEOUT_MS,
  GLARE_HOLD_MS,
  MOVE_ANSWER_TIMEOUT_MS,
  MOVE_OPEN_TIMEOUT_MS,
} from '../limits.ts';
import type { ReofferOutcome } from '../ports/sip-calls.ts';
import { Calls } from '../test-support/calls.ts';
import type { ScriptedLeg } from '../test-support/scripted-sip.ts';
import { settled } from '../test-support/settled.ts';

/** How a leg takes its new address: at once, never, or when the test says so. */
function reoffers(leg: ScriptedLeg, sdp = 'their answer') {
  let answer: (outcome: ReofferOutcome) => void = () => {};
  const asked: (string | undefined)[] = [];
  leg.reoffer = (offer) => {
    asked.push(offer);
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  return {
    asked,
    accepts: () => answer({ ok: true, sdp, acknowledge: () => {} }),
    refuses: (status: number) => answer({ ok: false, status }),
  };
}

/** An engaged call whose relay worker has just died. */
async function lost() {
  const calls = new Calls();
  const call = await calls.engage('a');
  call.leg5.state = 'confirmed';
  call.leg7.state = 'confirmed';
  const [five, seven] = [reoffers(call.leg5), reoffers(call.leg7)];
  call.handlers.workerLost();
  await settled();
  return { calls, call, five, seven, story: () => calls.story(call.session).slice(3) };
}

const MOVED = ['topology degraded'];
const HANDED_BACK = ['failed relay_lost', 'topology restoring'];

describe('a call whose relay worker died', () => {
  it('offers its new addresses on both legs, with both peers and the mask in place before', async () => {
    const { calls, call, five, seven } = await lost();
    const { bridge } = calls.path;
    expect(calls.relay.bridges).toHaveLength(2);
    expect(bridge).not.toBe(call.bridge);
    expect(bridge.peers.map(({ side }) => side)).toEqual(['customer', 'clean']);
    expect([five.asked, seven.asked]).toEqual([['our offer'], ['our offer']]);
  });

  it('has moved when both legs have answered and the customer is heard; the payment is told of lost keys twice', async () => {
    const { calls, call, five, seven, story } = await lost();
    five.accepts();
    await settled();
    expect(story()).toEqual([]);
    seven.accepts();
    await settled();
    expect(story()).toEqual([]);
    calls.path.handlers.mediaStarted('customer', calls.scheduler.wallMs() + 70);
    expect(story()).toEqual(MOVED);
    const degraded = calls.reported.find(
      (event) => event.type === 'topology' && event.topology === 'degraded',
    );
    expect(degraded).toMatchObject({ reason: 'relay_lost', gapMs: 100 });
    expect(calls.reported.filter(({ type }) => type === 'keys_lost')).toHaveLength(2);
    await calls.scheduler.advanceAsync(FIRST_MEDIA_TIMEOUT_MS + GLARE_HOLD_MS);
    expect(story()).toEqual(MOVED);
    expect(call.leg5.done).toEqual(['accept']);
  });

  it.each(['five', 'seven'] as const)('goes back at once when leg %s refuses', async (which) => {
    const move = await lost();
    move[which].refuses(488);
    move[which === 'five' ? 'seven' : 'five'].accepts();
    await settled();
    expect(move.story()).toEqual(HANDED_BACK);
    expect(move.call.leg5.done.at(-1)).toBe('hangup relay_lost');
  });

  it('goes back when a leg does not answer', async () => {
    const { calls, five, story } = await lost();
    five.accepts();
    await calls.scheduler.advanceAsync(MOVE_ANSWER_TIMEOUT_MS);
    expect(story()).toEqual(HANDED_BACK);
  });

  it('waits for longer when the re-INVITEs cross', async () => {
    const { calls, call, five, seven, story } = await lost();
    seven.accepts();
    call.leg5.handlers.glared?.();
    await calls.scheduler.advanceAsync(GLARE_HOLD_MS - 1);
    expect(story()).toEqual([]);
    five.accepts();
    await settled();
    calls.path.handlers.mediaStarted('customer', calls.scheduler.wallMs());
    expect(story()).toEqual(MOVED);
  });

  it('does not wait for ever for glare to end', async () => {
    const { calls, call, story } = await lost();
    call.leg7.handlers.glared?.();
    await calls.scheduler.advanceAsync(GLARE_HOLD_MS);
    expect(story()).toEqual(HANDED_BACK);
  });

  it('goes back when the customer is not heard on the new path', async () => {
    const { calls, five, seven, story } = await lost();
    five.accepts();
    seven.accepts();
    await calls.scheduler.advanceAsync(FIRST_MEDIA_TIMEOUT_MS);
    expect(story()).toEqual(['failed no_media', 'topology restoring']);
  });

  it('goes back when the new worker is lost too', async () => {
    const { calls, story } = await lost();
    calls.path.handlers.workerLost();
    await settled();
    expect(story()).toEqual(HANDED_BACK);
  });

  it('goes back without a key guard when somebody asks for it meanwhile', async () => {
    const { calls, call, five, seven, story } = await lost();
    call.bridge.press();
    calls.interceptor.restore(call.session, 'requested');
    await settled();
    expect(story()).toEqual(['topology restoring']);
    five.accepts();
    seven.accepts();
    await settled();
    expect(story()).toEqual(['topology restoring']);
  });

  it.each([
    ['no live worker takes it', 'overloaded', 0],
    ['no worker starts in time', undefined, MOVE_OPEN_TIMEOUT_MS],
  ] as const)('goes back when %s', async (_why, refusal, afterMs) => {
    const calls = new Calls();
    const call = await calls.engage('a');
    call.leg5.state = 'confirmed';
    call.leg7.state = 'confirmed';
    calls.relay.refusal = refusal;
    let open: () => void = () => {};
    if (refusal === undefined) {
      calls.relay.gate = new Promise((resolve) => {
        open = resolve;
      });
    }
    call.handlers.workerLost();
    await calls.scheduler.advanceAsync(afterMs);
    expect(calls.story(call.session).slice(3)).toEqual(HANDED_BACK);
    // A worker that starts after all keeps nothing open.
    open();
    await settled();
    for (const bridge of calls.relay.bridges.slice(1)) expect(bridge.closed).toBe(1);
  });

  it('is not moved before leg 5 is acknowledged: it goes back', async () => {
    const calls = new Calls();
    const call = await calls.engage('a');
    call.leg7.state = 'confirmed';
    call.handlers.workerLost();
    await settled();
    expect(calls.story(call.session).slice(3)).toEqual(HANDED_BACK);
    expect(calls.relay.bridges).toHaveLength(1);
  });
});
