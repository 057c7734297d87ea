import { describe, expect, it } from '@jest/globals';
import { WasmOpus } from './wasm-opus.ts';

const opus = new WasmOpus();
const tone = (samples: number, rateHz: number, from = 0): Int16Array =>
  Int16Array.from({ length: samples }, (_, n) =>
    Math.round(8_000 * Math.sin((2 * Math.PI * 440 * (n + from)) / rateHz)),
  );

/** How much of the second half of the samples is a tone of 440 Hz, 0 to 1. */
function purity(samples: Int16Array, rateHz: number): number {
  const half = samples.subarray(samples.length / 2);
  let [i, q, energy] = [0, 0, 0];
  half.forEach((sample, n) => {
    i += sample * Math.cos((2 * Math.PI * 440 * n) / rateHz);
    q += sample * Math.sin((2 * Math.PI * 440 * n) / rateHz);
    energy += sample * sample;
  });
  return (2 * (i * i + q * q)) / (half.length * energy);
}

describe('Opus in WebAssembly', () => {
  it.each([8000, 16_000] as const)('carries a tone, encoded at 16 kHz and decoded at %d', (rateHz) => {
    const encoder = opus.encoder(16_000);
    const decoder = opus.decoder(rateHz);
    const payload = new Uint8Array(1500);
    const heard = new Int16Array((rateHz / 1000) * 400);
    const each = rateHz / 50;
    const sizes = new Set<number>();
    for (let n = 0; n < 20; n += 1) {
      const octets = encoder.encode(tone(320, 16_000, n * 320), 320, payload);
      sizes.add(octets);
      expect(decoder.decode(payload, octets, heard.subarray(n * each, (n + 1) * each))).toBe(each);
    }
    expect([...sizes]).toEqual([80]);
    expect(purity(heard, rateHz)).toBeGreaterThan(0.98);
  });

  it('encodes frames of 10 and 20 ms and no others', () => {
    const payload = new Uint8Array(1500);
    const sizes = [160, 320, 80, 161, 640, 0].map((samples) =>
      opus.encoder(16_000).encode(new Int16Array(640), samples, payload),
    );
    expect(sizes).toEqual([40, 80, 0, 0, 0, 0]);
  });

  it.each([
    ['nothing', []],
    ['a count of frames that is missing', [0xfb]],
    ['two frames of different length that say they are equal', [0xf9, 1, 2, 3]],
    ['no frame', [0xfb, 0]],
    ['a length beyond the end', [0xfa, 200, 1]],
    ['more than 120 ms', [0xfb, 0x3f, 0]],
    ['more than we look at', Array(9_000).fill(0xf8)],
  ])('says that it cannot decode %s', (_, octets) => {
    expect(opus.decoder(8000).decode(Uint8Array.from(octets), octets.length, new Int16Array(960))).toBe(0);
  });

  it('says so, too, where the samples do not fit', () => {
    const payload = new Uint8Array(1500);
    const octets = opus.encoder(16_000).encode(tone(320, 16_000), 320, payload);
    expect(opus.decoder(16_000).decode(payload, octets, new Int16Array(319))).toBe(0);
  });

  it('keeps a thousand decoders apart, as their memory grows', () => {
    const encoder = opus.encoder(16_000);
    const packets = Array.from({ length: 10 }, (_, n) => {
      const payload = new Uint8Array(1500);
      return payload.slice(0, encoder.encode(tone(320, 16_000, n * 320), 320, payload));
    });
    const decodeAll = (decoder: ReturnType<WasmOpus['decoder']>): Int16Array => {
      const heard = new Int16Array(10 * 160);
      for (const [n, packet] of packets.entries()) {
        decoder.decode(packet, packet.length, heard.subarray(n * 160, (n + 1) * 160));
      }
      return heard;
    };
    const expected = decodeAll(opus.decoder(8000));
    const decoders = Array.from({ length: 1_000 }, () => opus.decoder(8000));
    const first = new Int16Array(160);
    for (const decoder of decoders)
      decoder.decode(packets[0] ?? new Uint8Array(), packets[0]?.length ?? 0, first);
    for (const decoder of decoders.slice(0, 999)) decoder.reset();
    const last = decoders.at(-1);
    last?.reset();
    expect(decodeAll(last ?? opus.decoder(8000))).toEqual(expected);
    last?.reset();
  });

  it('a decoder that was reset knows nothing of what came before', () => {
    const encoder = opus.encoder(16_000);
    const payload = new Uint8Array(1500);
    const decoder = opus.decoder(8000);
    const octets = encoder.encode(tone(320, 16_000), 320, payload);
    const [once, again] = [new Int16Array(160), new Int16Array(160)];
    decoder.decode(payload, octets, once);
    decoder.decode(payload, octets, again);
    expect(again).not.toEqual(once);
    decoder.reset();
    decoder.decode(payload, octets, again);
    expect(again).toEqual(once);
    decoder.reset();
  });
});
