import { describe, expect, it } from '@jest/globals';
import { play, type Sent, voice } from '../test-support/customer.ts';
import { noise, randomOf } from '../test-support/sound.ts';
import { AHEAD_MAX_MS } from './timeline.ts';

const CALL_MS = 12_000;
const CALM_FROM_MS = 8_000;

/** Noise over a network that delays each packet by up to `jitterMs`, the last seconds excepted; what was replaced, second by second. */
function overJitter(jitterMs: number, also: (sent: Sent, random: () => number) => Sent[] = (sent) => [sent]) {
  const random = randomOf(jitterMs);
  const stream = voice(noise(CALL_MS, -20, 3)).flatMap((sent) =>
    also({ ...sent, atMs: sent.atMs + (sent.atMs < CALM_FROM_MS ? random() * jitterMs : 0) }, random),
  );
  const replaced: number[] = [];
  const inOrder = [...stream].sort((a, b) => a.atMs - b.atMs);
  const heard = play(
    inOrder,
    {},
    {
      each: (stripper, nowMs) => {
        if (nowMs % 1_000 === 0) replaced.push(stripper.figures().framesReplaced);
      },
    },
  );
  return { heard, perSecond: replaced.slice(1).map((sum, n) => sum - (replaced[n] ?? 0)) };
}

describe('the depth of the jitter buffer', () => {
  it.each([15, 30, 45, 60])(
    'follows jitter of %d ms in the first two seconds; from then on every packet is played',
    (jitterMs) => {
      const { heard, perSecond } = overJitter(jitterMs);
      expect(perSecond.slice(2)).toEqual(perSecond.slice(2).map(() => 0));
      // The depth that was gained: frames that were put in, and no packet was left out for them but the very late.
      expect(heard.frames.length * 20 - CALL_MS).toBeLessThanOrEqual(AHEAD_MAX_MS);
      expect(heard.stripper.figures().packetsLost).toBeLessThanOrEqual(2);
    },
  );

  it('is no deeper than the network needs: on a calm one nothing is put in', () => {
    const { heard } = overJitter(0);
    expect(heard.frames.length * 20).toBe(CALL_MS);
    expect(heard.stripper.figures().framesReplaced).toBeLessThanOrEqual(2);
  });

  it('is kept through duplicates and bursts, and never passes its limit', () => {
    const twice = overJitter(30, (sent, random) =>
      random() < 0.2 ? [sent, { ...sent, atMs: sent.atMs + 3 }] : [sent],
    );
    expect(twice.perSecond.slice(2)).toEqual(twice.perSecond.slice(2).map(() => 0));
    const bursts = overJitter(0, (sent) => [{ ...sent, atMs: Math.ceil(sent.atMs / 100) * 100 }]);
    for (const [n, { atMs }] of bursts.heard.frames.entries())
      expect((n + 1) * 20 - atMs).toBeLessThanOrEqual(AHEAD_MAX_MS + 100);
  });

  it('ends where waiting would be heard: packets 200 ms late now and then are left out, and the others are not delayed for them', () => {
    const { heard } = overJitter(0, (sent, random) =>
      random() < 0.02 ? [{ ...sent, atMs: sent.atMs + 200 }] : [sent],
    );
    expect(heard.frames.length * 20 - CALL_MS).toBeLessThanOrEqual(AHEAD_MAX_MS);
    expect(heard.stripper.figures().framesReplaced).toBeLessThan(40);
  });
});
