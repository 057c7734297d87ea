import { DIGITS, dtmfTone, mixInto, SAMPLES_PER_MS, type SeededRandom, type Spandsp } from '@sordino/testkit';
import type { OpusShape } from '../../codecs/opus-line.ts';
import type { PlannedKey, ToneShape } from './call-plan.ts';
import { decodeLine, encodeLine, type LegCodec } from './line-codec.ts';
import { noise, speech } from './sounds.ts';

export interface LineShape {
  readonly random: SeededRandom;
  readonly codec: LegCodec;
  /** How the phone encodes if that is Opus. */
  readonly opus: OpusShape;
  readonly packetTimeMs: number;
  readonly durationMs: number;
  /** When the first key is pressed at the earliest. */
  readonly firstKeyMs: number;
  readonly tone: (random: SeededRandom) => ToneShape;
  /** Level of a person who goes on talking; undefined: only until the keys begin. */
  readonly talkOverDbm0: number | undefined;
  readonly noiseDbm0: number;
  /** Only so much of each tone is in the audio: the gateway takes the rest for an event. */
  readonly toneCutMs: number | undefined;
  /** How the phone's codec harms what it says; keeps the length. */
  readonly damage: (samples: Int16Array) => Promise<Int16Array>;
}

export interface Line {
  /** As it is sent, packet by packet. */
  readonly payloads: readonly Uint8Array[];
  /** As it is heard. */
  readonly line: Int16Array;
  readonly tones: Int16Array;
  readonly keys: readonly PlannedKey[];
}

/** A voice before the keys, and for a while after them. */
export const VOICE_MS = 1_400;
const VOICE_DBM0 = -22;
/** From the end of a key to the next: the mask of the first is over, and what passes between shows where we are. */
const GAP_MS = { least: 180, most: 320 };
/** After the last key, so that the whole of it has gone through. */
const TAIL_MS = 500;

/** What the customer's line carries: a voice, then keys in noise, beside speech or not, through a phone's codec. */
export async function aLine(shape: LineShape, spandsp: Spandsp): Promise<Line> {
  const { random, codec, durationMs, firstKeyMs, packetTimeMs, opus } = shape;
  const samples = durationMs * SAMPLES_PER_MS;
  const tones = new Int16Array(samples);
  const keys: PlannedKey[] = [];
  for (let startMs = firstKeyMs; ; ) {
    const tone = shape.tone(random);
    if (startMs + tone.durationMs + TAIL_MS > durationMs) break;
    const key = DIGITS[Math.floor(random.next() * DIGITS.length)] ?? '0';
    const whole = dtmfTone(key, tone);
    mixInto(
      tones,
      whole.subarray(0, (shape.toneCutMs ?? tone.durationMs) * SAMPLES_PER_MS),
      startMs * SAMPLES_PER_MS,
    );
    keys.push({ key, startMs, endMs: startMs + tone.durationMs, mustCapture: isAcceptable(tone), tone });
    startMs += tone.durationMs + Math.round(random.between(GAP_MS.least, GAP_MS.most));
  }
  const line = noise(samples, shape.noiseDbm0, random);
  mixInto(line, speech(VOICE_MS * SAMPLES_PER_MS, VOICE_DBM0, random));
  if (shape.talkOverDbm0 !== undefined) {
    mixInto(
      line,
      speech(samples - VOICE_MS * SAMPLES_PER_MS, shape.talkOverDbm0, random),
      VOICE_MS * SAMPLES_PER_MS,
    );
  }
  mixInto(line, tones);
  const sent = async (said: Int16Array): Promise<Uint8Array[]> =>
    encodeLine(codec, await shape.damage(said), packetTimeMs, opus, spandsp);
  const payloads = await sent(line);
  return {
    payloads,
    line: await decodeLine(codec, payloads, spandsp),
    tones: await decodeLine(codec, await sent(tones), spandsp),
    keys,
  };
}

/** ITU-T Q.24, table A-1, with 1 dB to spare at the edges that another encoder in the way might cross. */
const isAcceptable = ({ durationMs, levelDbm0, twistDb, deviationPercent, rampMs }: ToneShape): boolean =>
  durationMs - rampMs >= 40 &&
  levelDbm0 - Math.abs(twistDb) / 2 >= -25 &&
  twistDb >= -7 &&
  twistDb <= 3 &&
  Math.abs(deviationPercent) <= 1.5;
