import { describe, expect, it } from '@jest/globals';
import type { AudioCodec } from '@sordino/interception';
import {
  type AudioEncoder,
  createDecoder,
  createEncoder,
  createStripper,
  LOOKBACK_MS_DEFAULT,
  levelOf,
  payloadOctets,
  rmsOf,
  type StripperFigures,
  type StripperOptions,
  timestampsPerTick,
  tonePairOf,
} from '@sordino/media';
import { speechEncoder } from '../test-support/speech-opus.ts';
import { WasmOpus } from './opus/wasm-opus.ts';

const opus = new WasmOpus();
const RATE_HZ = 16_000;
const PER_MS = RATE_HZ / 1000;
const AUDIO_PT = 96;

type Way = readonly [customer: AudioCodec, clean: AudioCodec];
const WAYS: readonly Way[] = [
  ['PCMU', 'G722'],
  ['G722', 'G722'],
  ['G722', 'PCMA'],
  ['L16/8000', 'L16/8000'],
  ['L16/16000', 'L16/16000'],
  ['L16/16000', 'G722'],
  ['opus', 'opus'],
  ['opus', 'PCMU'],
  ['opus', 'G722'],
  ['PCMA', 'opus'],
];

interface Sent {
  readonly payload: Uint8Array;
  readonly atMs: number;
}

/** As a phone sends it: one packet each `packetTimeMs`, when its last sample has been recorded. */
function packets(codec: AudioCodec, pcm: Int16Array, packetTimeMs: number, encoder?: AudioEncoder): Sent[] {
  const encode = encoder ?? createEncoder(codec, RATE_HZ, opus);
  const samples = packetTimeMs * PER_MS;
  const into = new Uint8Array(4_000);
  const sent = Array.from({ length: Math.floor(pcm.length / samples) }, (_, n) => {
    const octets = encode.encode(pcm.subarray(n * samples, (n + 1) * samples), samples, into);
    return { payload: into.slice(0, octets), atMs: (n + 1) * packetTimeMs };
  });
  encode.reset();
  return sent;
}

interface Heard {
  readonly payloads: readonly Uint8Array[];
  readonly ticks: readonly number[];
  readonly keys: readonly number[];
  readonly figures: StripperFigures;
}

function strip([customer, clean]: Way, sent: readonly Sent[], options: Partial<StripperOptions> = {}): Heard {
  const payloads: Uint8Array[] = [];
  const ticks: number[] = [];
  const keys: number[] = [];
  const stripper = createStripper(
    {
      customerCodec: customer,
      customerAudioPayloadType: AUDIO_PT,
      customerEventPayloadType: undefined,
      cleanCodec: clean,
      packetTimeMs: 20,
      lookbackMs: LOOKBACK_MS_DEFAULT,
      mask: { style: 'silence', hold: 'per_key' },
      opus,
      ...options,
    },
    {
      cleanFrame: (payload, _marker, frameTicks) => {
        payloads.push(payload.slice());
        ticks.push(frameTicks);
      },
      key: (code) => keys.push(code),
      transportUnexpected: () => {},
      shortKey: () => {},
    },
  );
  let timestamp = 0xffff_fff0;
  let lastMs = 0;
  for (const [n, { payload, atMs }] of sent.entries()) {
    const packet = {
      payloadType: AUDIO_PT,
      marker: false,
      sequence: n & 0xffff,
      timestamp,
      ssrc: 1,
      payload,
    };
    for (let ms = lastMs + 5; ms < atMs; ms += 5) stripper.tick(ms);
    stripper.packet(packet, atMs);
    timestamp = (timestamp + (atMs - lastMs) * 8 * timestampsPerTick(customer)) >>> 0;
    lastMs = atMs;
  }
  const figures = stripper.figures();
  stripper.wipe();
  return { payloads, ticks, keys, figures };
}

function decode(codec: AudioCodec, payloads: readonly Uint8Array[]): Int16Array {
  const decoder = createDecoder(codec, RATE_HZ, opus);
  const into = new Int16Array(120 * PER_MS);
  const heard = payloads.flatMap((payload) => [
    ...into.subarray(0, decoder.decode(payload, payload.length, into)),
  ]);
  decoder.reset();
  return Int16Array.from(heard);
}

/** The level of the loudest 5 ms, dBm0. */
function peakDbm0(pcm: Int16Array): number {
  const window = 5 * PER_MS;
  let most = 0;
  for (let at = 0; at + window <= pcm.length; at += window / 2) {
    most = Math.max(most, pcm.subarray(at, at + window).reduce((sum, x) => sum + x * x, 0) / window);
  }
  return levelOf(most);
}

const KEYS = Array.from({ length: 16 }, (_, code) => code);
const FIRST_MS = 403.7;
const EVERY_MS = 331.3;

/** Keys of several lengths, levels and twists, beginning anywhere in a packet; nothing else is to be heard. */
function keyed(): Int16Array {
  const pcm = new Int16Array(Math.ceil(FIRST_MS + KEYS.length * EVERY_MS) * PER_MS);
  for (const code of KEYS) {
    const pair = tonePairOf(code);
    const from = Math.round((FIRST_MS + code * EVERY_MS) * PER_MS);
    const samples = [60, 90, 150][code % 3] ?? 60;
    const peak = rmsOf([-8, -14, -20][code % 3] ?? -8) * Math.SQRT2;
    const twist = 10 ** (([-6, 0, 4][(code >> 1) % 3] ?? 0) / 20);
    for (let n = 0; n < samples * PER_MS; n += 1) {
      const low = Math.sin((2 * Math.PI * (pair?.lowHz ?? 0) * n) / RATE_HZ);
      const high = Math.sin((2 * Math.PI * (pair?.highHz ?? 0) * n) / RATE_HZ + 1);
      pcm[from + n] = Math.round((peak * (low + twist * high)) / Math.max(1, twist));
    }
  }
  return pcm;
}

/** Noise at -20 dBm0: no key, and in every band. */
function voice(ms: number): Int16Array {
  let state = 11;
  return Int16Array.from({ length: ms * PER_MS }, () => {
    state = (state * 48_271) % 0x7fffffff;
    return Math.round((state / 0x7fffffff - 0.5) * 2 * Math.sqrt(3) * rmsOf(-20));
  });
}

const meanDbm0 = (pcm: Int16Array): number => levelOf(pcm.reduce((sum, x) => sum + x * x, 0) / pcm.length);

const tone = (hz: number, ms: number): Int16Array =>
  Int16Array.from({ length: ms * PER_MS }, (_, n) =>
    Math.round(rmsOf(-16) * Math.SQRT2 * Math.sin((2 * Math.PI * hz * n) / RATE_HZ)),
  );

/** Quieter than this is what each codec makes of silence. */
const INAUDIBLE_DBM0 = -48;

describe('keys in the audio', () => {
  const sound = keyed();

  it.each(WAYS)('%s to %s: nothing of them is left, each is captured once', (...way) => {
    const sent = packets(way[0], sound, 20);
    const control = decode(
      way[0],
      sent.map(({ payload }) => payload),
    );
    expect(peakDbm0(control)).toBeGreaterThan(-8);
    const heard = strip(way, sent);
    expect(heard.keys).toEqual(KEYS);
    expect(heard.figures.packetsUninspectable).toBe(0);
    // What the decoder of leg 7 begins with is not of the call.
    expect(peakDbm0(decode(way[1], heard.payloads))).toBeLessThan(INAUDIBLE_DBM0);
  });

  it.each([10, 30, 40, 60])('in packets of %d ms', (packetTimeMs) => {
    for (const way of [
      ['G722', 'G722'],
      ['L16/8000', 'PCMU'],
      ['opus', 'opus'],
    ] as const) {
      const heard = strip(way, packets(way[0], sound, packetTimeMs));
      expect(heard.keys).toEqual(KEYS);
      expect(peakDbm0(decode(way[1], heard.payloads))).toBeLessThan(INAUDIBLE_DBM0);
    }
  });

  it('in Opus as phones make it, with a speech mode and in-band FEC', () => {
    const sent = packets('opus', sound, 20, speechEncoder(RATE_HZ));
    // RFC 6716 §3.1: the configurations of the speech mode are those below 12.
    expect(sent.some(({ payload }) => (payload[0] ?? 0xff) >> 3 < 12)).toBe(true);
    const heard = strip(['opus', 'opus'], sent);
    expect(heard.keys).toEqual(KEYS);
    expect(peakDbm0(decode('opus', heard.payloads))).toBeLessThan(INAUDIBLE_DBM0);
  });
});

describe('a voice', () => {
  it.each(WAYS)('%s to %s: is as loud as it was, in frames of one length', (...way) => {
    const heard = strip(way, packets(way[0], voice(1_200), 20));
    expect(heard.figures.maskedMs).toBe(0);
    expect(heard.keys).toEqual([]);
    // The look-back of a stream that begins may be cut into shorter ones.
    expect(new Set(heard.ticks.slice(2))).toEqual(new Set([160]));
    // Half of the noise is above what a narrow codec has: 3 dB.
    const level = meanDbm0(decode(way[1], heard.payloads).subarray(400 * PER_MS));
    expect(level).toBeGreaterThan(-25);
    expect(level).toBeLessThan(-19);
  });

  it.each([
    ['G722', 'G722'],
    ['L16/16000', 'G722'],
    ['opus', 'G722'],
    ['opus', 'opus'],
    ['L16/16000', 'opus'],
  ] as const)('%s to %s: stays wideband', (...way) => {
    const heard = strip(way, packets(way[0], tone(5_500, 1_200), 20));
    expect(peakDbm0(decode(way[1], heard.payloads).subarray(400 * PER_MS))).toBeGreaterThan(-20);
  });

  it('L16 to L16 keeps every bit', () => {
    const sent = packets('L16/16000', voice(600), 20);
    const delay = LOOKBACK_MS_DEFAULT * payloadOctets('L16/16000', 8);
    const whole = Buffer.concat(sent.map(({ payload }) => payload));
    const heard = Buffer.concat([...strip(['L16/16000', 'L16/16000'], sent).payloads]);
    expect(heard.subarray(delay).equals(whole.subarray(0, heard.length - delay))).toBe(true);
  });

  it.each([10, 20, 40, 60])(
    'Opus in packets of %d ms leaves packet for packet as it came',
    (packetTimeMs) => {
      const sent = packets('opus', voice(1_200), packetTimeMs);
      const { payloads } = strip(['opus', 'opus'], sent);
      const first = payloads.findIndex((payload) =>
        Buffer.from(payload).equals(Buffer.from(sent[0]?.payload ?? [])),
      );
      const left = payloads.slice(first);
      expect(left.length).toBeGreaterThan(sent.length - 120 / packetTimeMs);
      left.forEach((payload, n) => {
        expect(payload).toEqual(sent[n]?.payload);
      });
    },
  );

  it.each([10, 20, 30, 50, 60])('leaves in frames of %d ms in any sampled codec', (packetTimeMs) => {
    for (const clean of ['G722', 'L16/8000', 'L16/16000', 'PCMU'] as const) {
      const heard = strip(['G722', clean], packets('G722', voice(900), 20), { packetTimeMs });
      const octets = payloadOctets(clean, packetTimeMs * 8);
      expect(new Set(heard.payloads.map(({ length }) => length))).toEqual(new Set([octets]));
    }
  });
});

describe('what cannot be inspected', () => {
  const clean = packets('opus', voice(600), 20);
  const stereo = (payload: Uint8Array): Uint8Array =>
    payload.map((octet, n) => (n === 0 ? octet | 4 : octet));

  it.each([
    ['that says it is longer than it is', () => Uint8Array.of(0xfb, 0x43, 0xff, 0xff)],
    ['in two channels', () => stereo(clean[12]?.payload ?? new Uint8Array())],
    ['of 5 ms', () => Uint8Array.of(0xe8, 1, 2, 3)],
    ['of no octet', () => new Uint8Array()],
    ['longer than any', () => new Uint8Array(1_600).fill(0xf8)],
  ])('an Opus packet %s is replaced, and its neighbours leave', (_, make) => {
    const foreign = make();
    const sent = clean.map((one, n) => (n === 12 ? { ...one, payload: foreign } : one));
    const heard = strip(['opus', 'opus'], sent);
    const hex = heard.payloads.map((payload) => Buffer.from(payload).toString('hex'));
    if (foreign.length > 0) expect(hex).not.toContain(Buffer.from(foreign).toString('hex'));
    expect(hex).toContain(Buffer.from(clean[10]?.payload ?? []).toString('hex'));
    expect(hex).toContain(Buffer.from(clean[15]?.payload ?? []).toString('hex'));
    expect(heard.figures.packetsUninspectable).toBe(1);
    const lengthMs = heard.ticks.reduce((sum, ticks) => sum + ticks, 0) / 8;
    expect(lengthMs).toBeGreaterThan(600 - 60);
  });

  it.each([
    ['L16/8000', Uint8Array.of(1, 2, 3)],
    ['L16/16000', new Uint8Array(642)],
    ['G722', new Uint8Array(1_000)],
  ] as const)('%s of a length that it cannot have is replaced', (codec, payload) => {
    const sent = packets(codec, voice(400), 20).map((one, n) => (n === 9 ? { ...one, payload } : one));
    const { figures, payloads } = strip([codec, codec], sent);
    expect(figures.packetsUninspectable).toBe(1);
    expect(payloads.length).toBeGreaterThan(15);
  });

  it('random octets throw nothing, whatever the codec, and Opus never comes out as it went in', () => {
    let state = 7;
    const random = (): number => {
      state = (state * 48_271) % 0x7fffffff;
      return state;
    };
    for (const [customer, to] of WAYS) {
      const sent = Array.from({ length: 60 }, (_, n) => ({
        atMs: (n + 1) * 20,
        payload: Uint8Array.from({ length: random() % 400 }, () => random() & 0xff),
      }));
      expect(() => strip([customer, to], sent)).not.toThrow();
    }
  });

  it('without an Opus library a call in Opus is refused', () => {
    expect(() => strip(['opus', 'PCMU'], [], { opus: undefined })).toThrow(/Opus library/);
  });
});

describe('a re-INVITE that changes the codec', () => {
  it.each([
    ['PCMU', 'G722'],
    ['G722', 'opus'],
    ['opus', 'PCMA'],
  ] as const)('%s to %s on both sides in mid-tone: nothing of the key is left', (before, after) => {
    const sound = keyed().subarray(0, 1_600 * PER_MS);
    const cut = Math.round(FIRST_MS + 2 * EVERY_MS + 30) - (Math.round(FIRST_MS + 2 * EVERY_MS + 30) % 20);
    const heard: { codec: AudioCodec; payload: Uint8Array }[] = [];
    let codec: AudioCodec = before;
    const keys: number[] = [];
    const stripper = createStripper(
      {
        customerCodec: before,
        customerAudioPayloadType: AUDIO_PT,
        customerEventPayloadType: undefined,
        cleanCodec: before,
        packetTimeMs: 20,
        lookbackMs: LOOKBACK_MS_DEFAULT,
        mask: { style: 'silence', hold: 'per_key' },
        opus,
      },
      {
        cleanFrame: (payload) => heard.push({ codec, payload: payload.slice() }),
        key: (code) => keys.push(code),
        transportUnexpected: () => {},
        shortKey: () => {},
      },
    );
    const sent = [
      ...packets(before, sound.subarray(0, cut * PER_MS), 20),
      ...packets(after, sound.subarray(cut * PER_MS), 20).map((one) => ({ ...one, atMs: one.atMs + cut })),
    ];
    let timestamp = 0;
    for (const [n, { payload, atMs }] of sent.entries()) {
      if (atMs === cut + 20) {
        codec = after;
        stripper.reconfigure({
          customerCodec: after,
          customerAudioPayloadType: AUDIO_PT,
          customerEventPayloadType: undefined,
          cleanCodec: after,
        });
      }
      const packet = { payloadType: AUDIO_PT, marker: false, sequence: n, timestamp, ssrc: 1, payload };
      stripper.packet(packet, atMs);
      timestamp += 160 * timestampsPerTick(codec);
    }
    stripper.wipe();
    expect(keys.slice(0, 2)).toEqual([0, 1]);
    for (const spoken of [before, after]) {
      const payloads = heard.filter((one) => one.codec === spoken).map(({ payload }) => payload);
      expect(peakDbm0(decode(spoken, payloads))).toBeLessThan(INAUDIBLE_DBM0);
    }
  });
});
