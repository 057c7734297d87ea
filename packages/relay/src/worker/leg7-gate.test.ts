import { describe, expect, it } from '@jest/globals';
import type { LeakSign } from '@sordino/core';
import type { MediaDescription } from '@sordino/interception';
import { createDecoder, encodeG711, IDLE_MS, rmsOf, SAMPLE_RATE_HZ, tonePairOf } from '@sordino/media';
import { Leg7Gate } from './leg7-gate.ts';
import { RtpWriter } from './rtp-writer.ts';

const FRAME_SAMPLES = 160;
const FRAME_MS = 20;

const host = { host: '127.0.0.1', port: 9 };
const peer: MediaDescription = {
  rtp: host,
  rtcp: host,
  codec: 'PCMU',
  audioPayloadType: 0,
  eventPayloadType: 101,
  packetTimeMs: FRAME_MS,
  direction: 'sendrecv',
};

/** A gate, a stream that goes through it, and what became of it. */
class Scene {
  readonly signs: LeakSign[] = [];
  readonly gate = new Leg7Gate({
    decoderOf: (codec) => createDecoder(codec, SAMPLE_RATE_HZ),
    suspected: (sign) => this.signs.push(sign),
  });
  readonly writer = new RtpWriter();
  nowMs = 0;

  /** Whether the frame left as it was, as something else, or not at all. */
  send(frame: Uint8Array, to = peer): 'as it was' | 'replaced' | 'held back' {
    this.nowMs += FRAME_MS;
    const packet = this.writer.next(to.audioPayloadType, false, frame, this.nowMs);
    if (!this.gate.pass(packet, to, this.nowMs, this.nowMs)) return 'held back';
    return packet.subarray(12).every((code, n) => code === frame[n]) ? 'as it was' : 'replaced';
  }

  say(ms: number, frame = hum()): string[] {
    return Array.from({ length: ms / FRAME_MS }, () => this.send(frame));
  }

  /** A key of 100 ms; what became of its five frames. */
  press(): string[] {
    return Array.from({ length: 5 }, (_, n) => this.send(tone(5, n)));
  }
}

describe('the gate of leg 7', () => {
  it('lets audio through as it is', () => {
    const scene = new Scene();
    expect(new Set(scene.say(2_000))).toEqual(new Set(['as it was']));
    expect(scene.signs).toEqual([]);
    expect(scene.gate.attestation(3, 30)).toMatchObject({
      keys_in: 3,
      tones_out: 0,
      lookback_ms: 30,
      complete: true,
    });
  });

  it('mutes within one key, and says so once', () => {
    const scene = new Scene();
    scene.say(200);
    scene.gate.setCollecting(true);
    // Two looks at 20 ms each, after a loud hum.
    expect(scene.press()).toEqual(['as it was', 'as it was', 'replaced', 'replaced', 'replaced']);
    for (let key = 0; key < 15; key += 1) {
      scene.say(100, silent());
      expect(new Set(scene.press())).toEqual(new Set(['replaced']));
    }
    expect(scene.signs).toEqual(['tone']);
    expect(scene.gate.attestation(16, 30).tones_out).toBe(1);
    expect(scene.gate.leaksSuspected).toBe(1);
  });

  it('stays mute for as long as the field is collected, and 3 s at least', () => {
    const scene = new Scene();
    scene.gate.setCollecting(true);
    scene.press();
    expect(new Set(scene.say(4 * IDLE_MS))).toEqual(new Set(['replaced']));
    scene.gate.setCollecting(false);
    expect(new Set(scene.say(1_000))).toEqual(new Set(['as it was']));

    // Nothing is collected: three seconds from the last that was heard.
    scene.press();
    expect(new Set(scene.say(1_000))).toEqual(new Set(['replaced']));
    scene.press();
    expect(new Set(scene.say(IDLE_MS - 500))).toEqual(new Set(['replaced']));
    scene.say(500);
    expect(new Set(scene.say(1_000))).toEqual(new Set(['as it was']));
    // A second incident, not a third.
    expect(scene.signs).toEqual(['tone', 'tone']);
  });

  it.each([
    ['a telephone-event', (packet: Buffer) => packet.writeUInt8(101, 1)],
    ['another payload type', (packet: Buffer) => packet.writeUInt8(13, 1)],
    ['a header extension', (packet: Buffer) => packet.writeUInt8(0x90, 0)],
    ['padding', (packet: Buffer) => packet.writeUInt8(0xa0, 0)],
    ['a contributing source', (packet: Buffer) => packet.writeUInt8(0x81, 0)],
    ['another version', (packet: Buffer) => packet.writeUInt8(0x40, 0)],
  ])('holds %s back, and mutes', (_, spoil) => {
    const scene = new Scene();
    scene.say(100);
    const packet = scene.writer.next(0, false, hum(), 200);
    spoil(packet);
    expect(scene.gate.pass(packet, peer, 200, 200)).toBe(false);
    expect(scene.signs).toEqual(['packet']);
    expect(scene.send(hum())).toBe('replaced');
  });

  it('holds back what has no audio in it, and audio under the number of events', () => {
    const scene = new Scene();
    expect(scene.gate.pass(scene.writer.next(0, false, new Uint8Array(0), 0), peer, 0, 0)).toBe(false);
    const confused = new Scene();
    expect(confused.send(hum(), { ...peer, eventPayloadType: 0 })).toBe('held back');
    expect([...scene.signs, ...confused.signs]).toEqual(['packet', 'packet']);
  });

  it('listens on in another codec', () => {
    const scene = new Scene();
    scene.say(200);
    const inALaw = { ...peer, codec: 'PCMA', audioPayloadType: 8 } as const;
    for (let n = 0; n < 5; n += 1) scene.send(tone(5, n, 'PCMA'), inALaw);
    expect(scene.signs).toEqual(['tone']);
  });
});

/** A loud hum of 150 Hz with overtones: no key. */
function hum(): Uint8Array {
  return encodeG711(
    'PCMU',
    Int16Array.from(
      { length: FRAME_SAMPLES },
      (_, n) => 6_000 * Math.sign(Math.sin((2 * Math.PI * 150 * n) / 8_000)),
    ),
  );
}

const silent = (): Uint8Array => encodeG711('PCMU', new Int16Array(FRAME_SAMPLES));

/** Frame `index` of a key at -10 dBm0 a frequency. */
function tone(eventCode: number, index: number, codec: 'PCMU' | 'PCMA' = 'PCMU'): Uint8Array {
  const { lowHz, highHz } = tonePairOf(eventCode) ?? { lowHz: 0, highHz: 0 };
  const peak = rmsOf(-10) * Math.SQRT2;
  const samples = Int16Array.from({ length: FRAME_SAMPLES }, (_, n) => {
    const turn = (2 * Math.PI * (index * FRAME_SAMPLES + n)) / SAMPLE_RATE_HZ;
    return Math.round(peak * (Math.sin(turn * lowHz) + Math.sin(turn * highHz)));
  });
  return encodeG711(codec, samples);
}
