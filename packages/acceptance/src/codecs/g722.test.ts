import { beforeAll, describe, expect, it } from '@jest/globals';
import { createDecoder, createEncoder } from '@sordino/media';
import { Spandsp } from '@sordino/testkit';
import { noOpus } from './no-opus.ts';

const RATE_HZ = 16_000;
const SECONDS = 8;

/** The same numbers in every run, 0 to 1 (Park and Miller's). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 0x7fffffff;
    return state / 0x7fffffff;
  };
}

/** Four signals that drive every part of the codec: a sweep over both bands, swelling noise, a chord, and full scale. */
function stimuli(): Int16Array {
  const random = randomOf(722);
  const length = SECONDS * RATE_HZ;
  const part = length / 4;
  const parts: readonly ((n: number) => number)[] = [
    (n) => 12_000 * Math.sin((Math.PI * 7_800 * n * n) / (part * RATE_HZ)),
    (n) => (random() - 0.5) * 60_000 * (n / part) ** 3,
    (n) => (n / part) * (9_000 * Math.sin(n * 0.1) + 7_000 * Math.sin(n * 0.37) + 4_000 * Math.sin(n * 2.1)),
    (n) => (Math.sin(n * 0.4) > 0 ? 32_767 : -32_768) * ((n >> 11) % 2),
  ];
  return Int16Array.from({ length }, (_, n) => Math.round(parts[Math.floor(n / part)]?.(n % part) ?? 0));
}

/** In packets of `octets`, as they come by RTP. */
function encode(pcm: Int16Array, octets: number): Uint8Array {
  const encoder = createEncoder('G722', RATE_HZ, noOpus);
  const whole = new Uint8Array(pcm.length / 2);
  for (let at = 0; at < whole.length; at += octets) {
    encoder.encode(pcm.subarray(2 * at, 2 * (at + octets)), 2 * octets, whole.subarray(at, at + octets));
  }
  return whole;
}

function decode(code: Uint8Array, octets: number): Int16Array {
  const decoder = createDecoder('G722', RATE_HZ, noOpus);
  const whole = new Int16Array(2 * code.length);
  for (let at = 0; at < code.length; at += octets) {
    decoder.decode(code.subarray(at, at + octets), octets, whole.subarray(2 * at, 2 * (at + octets)));
  }
  return whole;
}

describe("our G.722 beside spandsp's, which nobody here wrote", () => {
  let spandsp: Spandsp;
  beforeAll(async () => {
    spandsp = await Spandsp.compiled();
  });
  const pcm = stimuli();

  it.each([80, 160, 480])('encodes %d octets at a time to the same bits', async (octets) => {
    expect(pcm).toHaveLength(SECONDS * RATE_HZ);
    const theirs = Uint8Array.from(await spandsp.g722Encode(pcm, RATE_HZ));
    expect(encode(pcm, octets)).toEqual(theirs);
  });

  it.each([80, 160, 480])('decodes %d octets at a time to the same samples', async (octets) => {
    // Octets that no encoder would send are a signal, too.
    const random = randomOf(9);
    const quiet = pcm.map((sample) => sample >> 1);
    const code = Uint8Array.from([
      ...(await spandsp.g722Encode(quiet, RATE_HZ)),
      ...Array.from({ length: 4_800 }, () => Math.floor(random() * 256)),
    ]);
    const theirs = await spandsp.g722Decode(code, RATE_HZ);
    const ours = decode(code, octets);
    expect(ours).toHaveLength(theirs.length);
    // Where the sum of the bands does not fit 16 bits, this version of theirs wraps around and ours stops at the end.
    const clipped = (sample: number): boolean => sample === 32_767 || sample === -32_768;
    expect(ours.filter((sample, n) => sample !== theirs[n] && !clipped(sample))).toHaveLength(0);
    expect(ours.filter(clipped).length / ours.length).toBeLessThan(0.05);
  });
});
