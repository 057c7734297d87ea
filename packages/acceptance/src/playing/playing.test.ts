import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { encodeWav, SAMPLE_RATE_HZ } from '@sordino/testkit';
import { keysHeardByAgent } from '../failures/support/keys-heard.ts';
import { answerOf, CallScene } from '../scene/call-scene.ts';

const PROMPT_HZ = 1_000;
const PROMPT_S = 0.8;

/** Seconds of `heard` in which that frequency is nearly all there is. */
function secondsOf(frequencyHz: number, heard: Int16Array): number {
  const window = SAMPLE_RATE_HZ / 100;
  let windows = 0;
  for (let from = 0; from + window <= heard.length; from += window) {
    let [re, im, energy] = [0, 0, 0];
    for (let n = 0; n < window; n += 1) {
      const sample = heard[from + n] ?? 0;
      const turn = (2 * Math.PI * frequencyHz * n) / SAMPLE_RATE_HZ;
      re += sample * Math.cos(turn);
      im += sample * Math.sin(turn);
      energy += sample * sample;
    }
    if (energy > window * 100 && (2 * (re * re + im * im)) / window > 0.9 * energy) windows += 1;
  }
  return windows / 100;
}

async function aFolderWith(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sordino-prompts-'));
  const sound = Int16Array.from({ length: PROMPT_S * SAMPLE_RATE_HZ }, (_, n) =>
    Math.round(8_000 * Math.sin((2 * Math.PI * PROMPT_HZ * n) / SAMPLE_RATE_HZ)),
  );
  await writeFile(join(folder, `${name}.wav`), encodeWav(sound));
  return folder;
}

describe('a prompt in a call', () => {
  it('is heard whole by whom it is for, a tone to the agent hides no key from us, and each end is told', async () => {
    const folder = await aFolderWith('welcome');
    await using scene = await CallScene.open({ prompts: folder });
    await rm(folder, { recursive: true });
    const { customer, agent } = scene.world.parts;
    const early = await scene.createSession();
    const refused = await scene.client.play(early.session.id, 'customer', 'welcome');
    expect(refused).toMatchObject({
      ok: false,
      status: 409,
      error: { code: 'not_engaged', call_safe: true },
    });
    answerOf(await scene.client.cancel(early.session.id));
    const { session, follower } = await scene.readySession();
    const unknown = await scene.client.play(session.id, 'customer', 'goodbye');
    expect(unknown).toMatchObject({
      ok: false,
      status: 400,
      error: { code: 'unknown_prompt', param: 'prompt' },
    });

    answerOf(await scene.client.play(session.id, 'customer', 'welcome'));
    expect((await follower.until('prompt.ended')).data).toEqual({
      to: 'customer',
      prompt: 'welcome',
      outcome: 'finished',
    });
    answerOf(await scene.client.play(session.id, 'agent', 'flat_tone'));
    answerOf(await scene.client.collect(session.id, 'cvc'));
    await scene.world.customer.press('42', { how: 'both' });
    await follower.until('field.progress', ({ data }) => data.length === 2);
    answerOf(await scene.client.play(session.id, 'agent', null));
    const stopped = await follower.until('prompt.ended', ({ data }) => data.to === 'agent');
    expect(stopped.data).toEqual({ to: 'agent', prompt: 'flat_tone', outcome: 'stopped' });
    answerOf(await scene.client.play(session.id, 'agent', 'flat_tone'));
    answerOf(await scene.client.restore(session.id));
    await follower.until('session.restored');
    await follower.until('prompt.ended', ({ seq }) => seq > stopped.seq);

    // The tone of the prompt loses its first and last window to the seams at most.
    expect(secondsOf(PROMPT_HZ, customer.report().heard.samples)).toBeGreaterThan(PROMPT_S - 0.1);
    expect(secondsOf(PROMPT_HZ, agent.report().heard.samples)).toBe(0);
    expect(secondsOf(425, agent.report().heard.samples)).toBeGreaterThan(0.3);
    expect(await keysHeardByAgent(scene)).toEqual({ tones: [], events: [] });
  });
});
