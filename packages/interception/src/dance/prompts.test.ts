import { describe, expect, it } from '@jest/globals';
import type { SessionId } from '@sordino/core';
import { FakeScheduler } from '@sordino/core/testing';
import type { InterceptionEvent } from '../events.ts';
import { ScriptedBridge } from '../test-support/scripted-bridge.ts';
import { Prompts } from './prompts.ts';

function call() {
  const events: InterceptionEvent[] = [];
  const bridge = new ScriptedBridge(new FakeScheduler());
  const prompts = new Prompts('ses_1' as SessionId, (event) => events.push(event));
  const ended = () =>
    events.map((event) =>
      event.type === 'play_ended' ? `${event.outcome} ${event.prompt} ${event.to}` : '',
    );
  return { bridge, prompts, ended };
}

describe('what is played to the two people', () => {
  it('reaches the relay by its names, and its end is reported by ours', () => {
    const { bridge, prompts, ended } = call();
    expect(prompts.play(bridge, 'agent', 'wait').ok).toBe(true);
    expect(prompts.play(bridge, 'customer', 'welcome').ok).toBe(true);
    expect(prompts.play(bridge, 'customer', null).ok).toBe(true);
    expect(bridge.playing).toEqual(['wait to clean', 'welcome to customer', 'nothing to customer']);
    prompts.ended('clean', 'wait', 'finished');
    prompts.ended('customer', 'welcome', 'stopped');
    expect(ended()).toEqual(['finished wait agent', 'stopped welcome customer']);
  });

  it('is refused when the relay has no such prompt', () => {
    const { bridge, prompts, ended } = call();
    expect(prompts.play(bridge, 'agent', 'unknown')).toEqual({ ok: false, problem: 'unknown_prompt' });
    prompts.lost();
    expect(ended()).toEqual([]);
  });

  it('has ended once when the relay is lost, and late news of it is none', () => {
    const { bridge, prompts, ended } = call();
    prompts.play(bridge, 'agent', 'wait');
    prompts.play(bridge, 'agent', 'wait');
    prompts.lost();
    prompts.ended('clean', 'wait', 'stopped');
    expect(ended()).toEqual(['stopped wait agent', 'stopped wait agent']);
  });
});
