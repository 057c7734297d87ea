import { describe, expect, it } from '@jest/globals';
import { encodeG711, g711TranscodeTable } from '../codecs/g711.ts';
import { OPTIONS, play, type Sent, voice, withEvents } from '../test-support/customer.ts';
import { leftInMs } from '../test-support/eavesdropper.ts';
import { keyTone, mix, noise, silence, toLinear } from '../test-support/sound.ts';
import { replacementAudio } from './replacement-audio.ts';

const SWITCH_MS = 1000;
const toAlaw = (stream: readonly Sent[], sound: Float64Array): Sent[] => {
  const alaw = voice(sound, { codec: 'PCMA' });
  return stream.map((sent, n) => (sent.atMs > SWITCH_MS ? (alaw[n] ?? sent) : sent));
};

describe('a re-INVITE in the middle of the call', () => {
  const sound = noise(2000, -20, 80);
  const ulaw = encodeG711('PCMU', toLinear(sound));
  const alaw = encodeG711('PCMA', toLinear(sound));

  it('another codec of the customer: the clean stream goes on, transcoded, without a gap', () => {
    const heard = play(
      toAlaw(voice(sound), sound),
      {},
      {
        each: (stripper, nowMs) => {
          if (nowMs !== SWITCH_MS) return;
          stripper.reconfigure({ ...OPTIONS, customerCodec: 'PCMA', customerAudioPayloadType: 8 });
        },
      },
    );
    const expected = alaw.map((code) => g711TranscodeTable('PCMA', 'PCMU')[code] ?? 0);
    expect(leftInMs(ulaw, heard.codes, 0, SWITCH_MS, OPTIONS.lookbackMs)).toBe(SWITCH_MS);
    expect(leftInMs(expected, heard.codes, SWITCH_MS, 1960, OPTIONS.lookbackMs)).toBe(960);
    expect(heard.frames).toHaveLength(100);
    expect(heard.frames.filter(({ marker }) => marker)).toHaveLength(1);
  });

  it('another codec of leg 7: what is still in the line goes out in the new one', () => {
    const heard = play(
      voice(sound),
      {},
      {
        each: (stripper, nowMs) => {
          if (nowMs === SWITCH_MS) stripper.reconfigure({ ...OPTIONS, cleanCodec: 'PCMA' });
        },
      },
    );
    const expected = ulaw.map((code) => g711TranscodeTable('PCMU', 'PCMA')[code] ?? 0);
    expect(leftInMs(expected, heard.codes, SWITCH_MS - 30, 1960, OPTIONS.lookbackMs)).toBe(990);
  });

  it('other payload types: the old ones are no longer taken', () => {
    const stream = withEvents(voice(sound), [{ code: 5, atMs: 1300, ms: 100 }], 'pause');
    const heard = play(
      stream,
      {},
      {
        each: (stripper, nowMs) => {
          if (nowMs === SWITCH_MS) stripper.reconfigure({ ...OPTIONS, customerAudioPayloadType: 118 });
        },
      },
    );
    expect(leftInMs(ulaw, heard.codes, SWITCH_MS, 1960, OPTIONS.lookbackMs)).toBe(0);
    expect(heard.stripper.figures().packetsUninspectable).toBeGreaterThan(30);
    expect(Math.abs(heard.frames.length - 100)).toBeLessThanOrEqual(2);
  });
});

describe('wiping', () => {
  it('leaves nothing of the audio before it, and starts anew with comfort noise', () => {
    const sound = mix(noise(2000, -15, 81), keyTone({ code: 4, ms: 100 }), 800);
    const sent = encodeG711('PCMU', toLinear(sound));
    const heard = play(
      voice(sound),
      {},
      {
        each: (stripper, nowMs) => {
          if (nowMs === SWITCH_MS) stripper.wipe();
        },
      },
    );
    const begins = (SWITCH_MS / 20) * 160;
    const lookback = OPTIONS.lookbackMs * 8;
    expect(heard.codes.subarray(begins, begins + lookback)).toEqual(
      replacementAudio('comfort_noise', 'PCMU').subarray(0, lookback),
    );
    expect(leftInMs(sent, heard.codes, 1200, 1960, OPTIONS.lookbackMs)).toBeGreaterThan(750);
    expect(heard.frames.filter(({ marker }) => marker)).toHaveLength(2);
  });

  it('says nothing until the next packet', () => {
    const heard = play(
      voice(silence(400)),
      {},
      {
        untilMs: 2000,
        each: (stripper, nowMs) => {
          if (nowMs === 500) stripper.wipe();
        },
      },
    );
    expect(heard.frames.at(-1)?.atMs).toBeLessThanOrEqual(500);
  });
});

describe('the replacement', () => {
  it('the flat tone never breaks its phase, from one masked key to the next', () => {
    const sound = silence(1500);
    for (const atMs of [300, 700, 1100]) mix(sound, keyTone({ code: 4, ms: 80 }), atMs);
    const heard = play(voice(sound));
    const tone = replacementAudio('flat_tone', 'PCMU');
    for (const atMs of [300, 700, 1100]) {
      for (let at = (atMs + 30) * 8; at < (atMs + 110) * 8; at += 1) {
        expect(heard.codes[at]).toBe(tone[at % tone.length]);
      }
    }
  });

  it('is the same whatever was replaced', () => {
    const masked = (levelDbm0: number, code: number): Uint8Array => {
      const heard = play(voice(mix(silence(800), keyTone({ code, ms: 100, levelDbm0 }), 300)), {
        mask: { style: 'comfort_noise', hold: 'per_key' },
      });
      return heard.codes.subarray(330 * 8, 430 * 8);
    };
    expect(masked(-5, 1)).toEqual(masked(-35, 9));
  });
});
