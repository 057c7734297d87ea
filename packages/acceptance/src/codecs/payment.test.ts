import { describe, expect, it } from '@jest/globals';
import {
  CODECS,
  coderOf,
  SPANDSP_WIDENED,
  Spandsp,
  type SpokenCodec,
  type TimedAudio,
  toneResidueDbm0,
} from '@sordino/testkit';
import { eventsIn, leg7Audio, payloadTypesIn } from '../security/support/leg7-sinks.ts';
import { payOnce } from '../transports/support/pay-once.ts';

/** A machine that has much to do takes its time over a whole call. */
const WHOLE_CALL_MS = 60_000;
const FRAME_SAMPLES = 160;
/** A key was at -10 dBm0 or so; what speech has at its two frequencies at once is well below this. */
const RESIDUE_DBM0_MAX = -24;

/** As it comes out of the codec. */
function coded({ samples }: TimedAudio, codec: SpokenCodec): Int16Array {
  const coder = coderOf(codec);
  const heard: number[] = [];
  for (let at = 0; at + FRAME_SAMPLES <= samples.length; at += FRAME_SAMPLES)
    heard.push(...coder.decode(coder.encode(samples.subarray(at, at + FRAME_SAMPLES))));
  coder.free();
  return Int16Array.from(heard);
}

describe('a whole payment call', () => {
  it.each(['G722', 'opus'] as const)(
    'is paid in %s, with keys as tones and as events, and leg 7 is clean',
    async (codec) => {
      const spandsp = await Spandsp.compiled();
      await payOnce(
        { world: { codec }, platform: { codecs: [codec] } },
        {
          how: { card_number: 'inband', expiry: 'events', cvc: 'both' },
          judge: async ({ world }, follower) => {
            const packets = await world.platform.leg7Packets();
            const { keys, codec: spoken, sent } = await world.customer.report();
            expect(spoken).toBe(codec);
            expect(payloadTypesIn(packets)).toEqual([CODECS[codec].payloadType]);
            expect(eventsIn(packets)).toBe(0);
            const audio = leg7Audio(packets);
            expect(await spandsp.dtmf(audio.samples, SPANDSP_WIDENED)).toEqual([]);
            expect(toneResidueDbm0(audio, keys)).toBeLessThan(RESIDUE_DBM0_MAX);
            expect((await follower.until('mask.attested')).data).toMatchObject({ tones_out: 0 });

            // The judge hears a call that nobody masks.
            const toned = keys.filter(({ how }) => how !== 'events').map(({ key }) => key);
            const heard = await spandsp.dtmf(coded(sent, codec), SPANDSP_WIDENED);
            expect(heard.map(({ key }) => key).join('')).toContain(toned.join('').slice(0, 16));
            expect(toneResidueDbm0(sent, keys.slice(0, 1))).toBeGreaterThan(RESIDUE_DBM0_MAX);
          },
        },
      );
    },
    WHOLE_CALL_MS,
  );
});
