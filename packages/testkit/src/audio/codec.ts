import { decodeG711, encodeG711, type G711Codec } from './g711.ts';
import { SAMPLES_PER_MS } from './samples.ts';

/** What a simulated phone can speak. Its own audio is at 8 kHz whatever it speaks. */
export type SpokenCodec = G711Codec | 'G722' | 'opus';

export interface CodecFacts {
  readonly payloadType: number;
  /** As `a=rtpmap` has it. */
  readonly rtpmap: string;
  /** RFC 3551 §4.5.2: 8 for G.722, too. RFC 7587 §4.1: 48 for Opus. */
  readonly ticksPerMs: number;
  /** What browsers, and nearly everybody else, have for telephone-event at this clock. */
  readonly eventPayloadType: number;
}

export const CODECS: Readonly<Record<SpokenCodec, CodecFacts>> = {
  PCMU: { payloadType: 0, rtpmap: 'PCMU/8000', ticksPerMs: 8, eventPayloadType: 101 },
  PCMA: { payloadType: 8, rtpmap: 'PCMA/8000', ticksPerMs: 8, eventPayloadType: 101 },
  G722: { payloadType: 9, rtpmap: 'G722/8000', ticksPerMs: 8, eventPayloadType: 101 },
  opus: { payloadType: 111, rtpmap: 'opus/48000/2', ticksPerMs: 48, eventPayloadType: 110 },
};

export const SPOKEN_CODECS = Object.keys(CODECS) as readonly SpokenCodec[];

const isG711 = (codec: SpokenCodec): codec is G711Codec => codec === 'PCMU' || codec === 'PCMA';

/** One direction of one stream. */
export interface Coder {
  encode(samples: Int16Array): Uint8Array;
  decode(payload: Uint8Array): Int16Array;
  free(): void;
}

let wideband: typeof import('@sordino/relay/testing').widebandCoder | undefined;

/** Before the first coder of anything but G.711. */
export async function loadCodec(codec: SpokenCodec): Promise<void> {
  if (!isG711(codec)) wideband ??= (await import('@sordino/relay/testing')).widebandCoder;
}

export function coderOf(codec: SpokenCodec): Coder {
  if (isG711(codec)) {
    return {
      encode: (samples) => encodeG711(codec, samples),
      decode: (payload) => decodeG711(codec, payload),
      free: () => {},
    };
  }
  if (wideband === undefined) throw new Error(`${codec} is not loaded: await loadCodec('${codec}') first`);
  return wideband(codec);
}

/** How much audio is in a packet, ms. */
export const lengthMs = (codec: SpokenCodec, payload: Uint8Array): number =>
  codec === 'opus' ? opusMs(payload) : payload.length / SAMPLES_PER_MS;

/** RFC 6716 §3.1: ms of a frame by the configuration: SILK, hybrid, CELT. */
const SILK_MS = [10, 20, 40, 60];
const HYBRID_MS = [10, 20];
const CELT_MS = [2.5, 5, 10, 20];
const FIRST_HYBRID = 12;
const FIRST_CELT = 16;

function opusMs([toc = 0, count = 0]: Uint8Array): number {
  const configuration = toc >> 3;
  const frameMs =
    configuration >= FIRST_CELT
      ? CELT_MS[configuration & 3]
      : configuration >= FIRST_HYBRID
        ? HYBRID_MS[configuration & 1]
        : SILK_MS[configuration & 3];
  const frames = [1, 2, 2, count & 0x3f][toc & 3];
  return (frameMs ?? 0) * (frames ?? 0);
}
