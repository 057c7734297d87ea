import { describe, expect, it } from '@jest/globals';
import { dtmfSequence, dtmfTone } from '../audio/dtmf.ts';
import { decodeG711, encodeG711 } from '../audio/g711.ts';
import { SeededRandom } from '../audio/random.ts';
import { concatSamples, mixInto, silence } from '../audio/samples.ts';
import { take } from '../audio/source.ts';
import { speechLike } from '../audio/speech.ts';
import { DTMF_KEYS, estimateKey } from './matched-estimator.ts';
import { multimonDtmf } from './multimon.ts';
import { SPANDSP_WIDENED, Spandsp } from './spandsp.ts';

const KEYS = '1234567890*#';
const ulaw = (samples: Int16Array): Int16Array => decodeG711('PCMU', encodeG711('PCMU', samples));
const call = (tones: Int16Array): Int16Array => concatSamples(silence(100), tones, silence(100));

describe('spandsp', () => {
  it('reads the keys of a call and says when', async () => {
    const digits = await (await Spandsp.compiled()).dtmf(ulaw(call(dtmfSequence(KEYS))));
    expect(digits.map(({ key }) => key).join('')).toBe(KEYS);
    digits.forEach(({ sample }, index) => {
      const afterOnsetMs = sample / 8 - 100 - 200 * index;
      expect(afterOnsetMs).toBeGreaterThan(10);
      expect(afterOnsetMs).toBeLessThan(45);
    });
  });

  it('reads more twisted keys when it is widened, and none in a voice', async () => {
    const spandsp = await Spandsp.compiled();
    const twisted = call(dtmfSequence('258', { twistDb: 10 }));
    expect(await spandsp.dtmf(twisted)).toEqual([]);
    expect(await spandsp.dtmf(twisted, SPANDSP_WIDENED)).toHaveLength(3);
    expect(await spandsp.dtmf(take(speechLike(4), 5_000), SPANDSP_WIDENED)).toEqual([]);
    expect(await spandsp.dtmf(new Int16Array(0))).toEqual([]);
  });

  it('sends audio through GSM and G.722', async () => {
    const spandsp = await Spandsp.compiled();
    const sent = call(dtmfSequence(KEYS));
    const heard = [
      await spandsp.throughGsm(sent),
      await spandsp.g722Decode(await spandsp.g722Encode(sent, 8_000), 8_000),
    ];
    for (const samples of heard) {
      expect(samples).toHaveLength(sent.length - (sent.length % 160));
      const keys = (await spandsp.dtmf(samples)).map(({ key }) => key).join('');
      expect(keys).toBe(KEYS);
    }
  });
});

describe('multimon-ng', () => {
  it('reads the keys of each excerpt', async () => {
    const excerpts = [call(dtmfTone('5')), take(speechLike(6), 400), call(dtmfSequence('90#')), silence(0)];
    expect(await multimonDtmf(excerpts.map(ulaw))).toEqual(['5', '', '90#', '']);
    expect(await multimonDtmf([])).toEqual([]);
  });
});

describe('the matched estimator', () => {
  /** Recovers what share of `count` keys of which `leakedMs` of the onset were left in silence. */
  function recovered(leakedMs: number, count = 80): number {
    const random = new SeededRandom(7);
    let right = 0;
    for (let n = 0; n < count; n += 1) {
      const key = random.pick(['0', ...'123456789']);
      const leaked = dtmfTone(key, { rampMs: 0 }).subarray(0, Math.round(leakedMs * 8));
      const heard = ulaw(concatSamples(silence(20), leaked, silence(60)));
      if (estimateKey(heard, 160, 160 + 480).key === key) right += 1;
    }
    return right / count;
  }

  it('reads a key from 1.5 ms of its onset, and from none of it only guesses', () => {
    expect(recovered(5)).toBe(1);
    expect(recovered(1.5)).toBeGreaterThan(0.9);
    expect(recovered(0)).toBeLessThan(0.3);
  });

  it.each(DTMF_KEYS)('reads %s of sixteen under a voice as loud', (key) => {
    const heard = concatSamples(silence(20), take(speechLike(12), 100));
    mixInto(heard, dtmfTone(key, { levelDbm0: -16 }), 160);
    expect(estimateKey(ulaw(heard), 160, heard.length, { keys: DTMF_KEYS })).toMatchObject({ key });
  });

  it('is not led astray by the tone of the mask', () => {
    const mask = Int16Array.from({ length: 960 }, (_, n) =>
      Math.round(2_000 * Math.sin((2 * Math.PI * 425 * n) / 8_000)),
    );
    const heard = mask.slice();
    heard.set(dtmfTone('7', { rampMs: 0 }).subarray(0, 24), 160);
    expect(estimateKey(ulaw(heard), 0, 960, { maskHz: [425] }).key).toBe('7');
  });
});
