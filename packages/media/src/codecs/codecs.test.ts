import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { noise, randomOf, toLinear } from '../test-support/sound.ts';
import { type AudioCodec, payloadTicks, rtpClockRateHz, timestampsPerTick } from './audio-codec.ts';
import { createDecoder, createEncoder, type OpusLibrary } from './create-codec.ts';
import { Doubler, Halver } from './resample.ts';

const noOpus: OpusLibrary = {
  decoder: () => {
    throw new Error('no Opus here');
  },
  encoder: () => {
    throw new Error('no Opus here');
  },
};

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('how long a payload plays', () => {
  it.each([
    ['PCMU', 'ff'.repeat(160), 160],
    ['PCMA', 'd5'.repeat(80), 80],
    ['G722', 'fa'.repeat(160), 160],
    ['L16/8000', '0000'.repeat(160), 160],
    ['L16/16000', '0000'.repeat(320), 160],
    // RFC 6716 §3.1: config, stereo bit, code; then the count of frames.
    ['opus', '08 00', 160],
    ['opus', '00 00', 80],
    ['opus', '10 00', 320],
    ['opus', '18 00', 480],
    ['opus', '60 00', 80],
    ['opus', '68 00', 160],
    ['opus', 'e0 00', 20],
    ['opus', 'f8 00', 160],
    ['opus', 'f9 00 00', 320],
    ['opus', 'fb 03 00', 480],
    ['opus', 'fb 06 00', 960],
    ['opus', 'f8', 160],
  ] as const)('%s %s: %d ticks', (codec, payload, ticks) => {
    expect(payloadTicks(codec, hex(payload), hex(payload).length)).toBe(ticks);
  });

  it.each([
    ['PCMU', ''],
    ['PCMU', 'ff'.repeat(961)],
    ['G722', 'fa'.repeat(961)],
    ['L16/8000', '00'],
    ['L16/8000', '00'.repeat(321)],
    ['L16/16000', '00'.repeat(642)],
    ['L16/16000', '0000'.repeat(1922)],
    ['opus', ''],
    // In two channels.
    ['opus', '0c 00'],
    ['opus', 'fc 00'],
    // A count of frames that is missing, none, or longer than 120 ms.
    ['opus', 'fb'],
    ['opus', 'fb 00'],
    ['opus', 'fb 07 00'],
    ['opus', 'fb 3f 00'],
    ['opus', '1b 03 00'],
  ] as const)('%s %s: not a payload', (codec, payload) => {
    expect(payloadTicks(codec, hex(payload), hex(payload).length)).toBe(0);
  });

  it('has the RTP clock of each codec', () => {
    const codecs: AudioCodec[] = ['PCMU', 'PCMA', 'G722', 'L16/8000', 'L16/16000', 'opus'];
    expect(codecs.map(rtpClockRateHz)).toEqual([8000, 8000, 8000, 8000, 16_000, 48_000]);
    expect(codecs.map(timestampsPerTick)).toEqual([1, 1, 1, 1, 2, 6]);
  });
});

describe('L16', () => {
  it.each([
    ['0000 0001 7fff 8000 ffff', [0, 1, 32_767, -32_768, -1]],
    ['1234 edcc', [0x1234, -0x1234]],
  ])('%s', (payload, samples) => {
    const into = new Int16Array(samples.length);
    const bytes = hex(payload);
    expect(createDecoder('L16/16000', 16_000, noOpus).decode(bytes, bytes.length, into)).toBe(samples.length);
    expect([...into]).toEqual(samples);
    const back = new Uint8Array(bytes.length);
    expect(createEncoder('L16/16000', 16_000, noOpus).encode(into, into.length, back)).toBe(bytes.length);
    expect(back).toEqual(bytes);
  });
});

/** Power of what differs, against the power of what was sent, once the delay is taken away. */
function signalToNoiseDb(sent: Int16Array, heard: Int16Array, delay: number): number {
  let signal = 0;
  let off = 0;
  for (let n = 1600; n + delay < heard.length; n += 1) {
    signal += (sent[n] ?? 0) ** 2;
    off += ((sent[n] ?? 0) - (heard[n + delay] ?? 0)) ** 2;
  }
  return 10 * Math.log10(signal / Math.max(1, off));
}

const tone = (rateHz: number, hz: number, ms: number): Int16Array =>
  Int16Array.from({ length: (rateHz / 1000) * ms }, (_, n) =>
    Math.round(8000 * Math.sin((2 * Math.PI * hz * n) / rateHz)),
  );

describe('there and back', () => {
  it.each([
    ['PCMU', 8000, 0, 35],
    ['PCMA', 8000, 0, 35],
    ['L16/8000', 8000, 0, 100],
    ['L16/16000', 16_000, 0, 100],
    // 22 samples: the two mirror filters.
    ['G722', 16_000, 22, 35],
  ] as const)('%s at %d Hz is late by %d samples and true to %d dB', (codec, rateHz, delay, trueDb) => {
    const sent = tone(rateHz, 1000, 1000);
    const encoder = createEncoder(codec, rateHz, noOpus);
    const decoder = createDecoder(codec, rateHz, noOpus);
    const heard = new Int16Array(sent.length);
    const samples = rateHz / 50;
    const payload = new Uint8Array(1920);
    for (let at = 0; at < sent.length; at += samples) {
      const octets = encoder.encode(sent.subarray(at, at + samples), samples, payload);
      expect(decoder.decode(payload, octets, heard.subarray(at, at + samples))).toBe(samples);
    }
    expect(signalToNoiseDb(sent, heard, delay)).toBeGreaterThan(trueDb);
  });

  it('G.722 keeps what G.711 has not: a tone of 6 kHz', () => {
    const sent = tone(16_000, 6000, 500);
    const payload = new Uint8Array(sent.length / 2);
    const heard = new Int16Array(sent.length);
    createEncoder('G722', 16_000, noOpus).encode(sent, sent.length, payload);
    createDecoder('G722', 16_000, noOpus).decode(payload, payload.length, heard);
    expect(signalToNoiseDb(sent, heard, 22)).toBeGreaterThan(10);
  });

  it('any octets are a G.722 signal, and a decoder that was reset knows nothing of them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 960 }), (payload) => {
        const decoder = createDecoder('G722', 16_000, noOpus);
        const heard = new Int16Array(2 * payload.length);
        expect(decoder.decode(payload, payload.length, heard)).toBe(heard.length);
        decoder.reset();
        const again = new Int16Array(2 * payload.length);
        decoder.decode(payload, payload.length, again);
        expect(again).toEqual(heard);
      }),
      { numRuns: 50 },
    );
  });
});

describe('between 8 and 16 kHz', () => {
  it.each([697, 1477, 3000])('%d Hz comes down and goes up unchanged', (hz) => {
    const narrow = tone(8000, hz, 500);
    const up = new Int16Array(2 * narrow.length);
    const doubler = new Doubler();
    const halver = new Halver();
    const back = new Int16Array(narrow.length);
    for (let at = 0; at < narrow.length; at += 80) {
      doubler.convert(narrow.subarray(at, at + 80), 80, up.subarray(2 * at));
      halver.convert(up.subarray(2 * at, 2 * at + 160), 160, back.subarray(at));
    }
    const best = Math.max(...Array.from({ length: 24 }, (_, delay) => signalToNoiseDb(narrow, back, delay)));
    expect(best).toBeGreaterThan(50);
  });

  it('nothing above 5 kHz comes down: it would sound as a key', () => {
    // 16 000 - 8 000 - 697 Hz and the like would fold onto the keys.
    for (const hz of [5000, 6523, 7303]) {
      const wide = tone(16_000, hz, 60);
      const down = new Int16Array(480);
      new Halver().convert(wide, wide.length, down);
      expect(Math.max(...down.subarray(40).map(Math.abs))).toBeLessThan(16);
    }
  });

  it('the cut into packets does not matter', () => {
    const wide = toLinear(noise(120, -10, 3));
    const random = randomOf(5);
    const whole = new Int16Array(480);
    new Halver().convert(wide, 960, whole);
    const pieces = new Int16Array(480);
    const halver = new Halver();
    for (let at = 0; at < 960; ) {
      const samples = Math.min(960 - at, 2 + 2 * Math.floor(random() * 100));
      halver.convert(wide.subarray(at, at + samples), samples, pieces.subarray(at / 2));
      at += samples;
    }
    expect(pieces).toEqual(whole);
  });
});
