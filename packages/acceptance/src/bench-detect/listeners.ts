import { createStripper, LOOKBACK_MS_DEFAULT } from '@sordino/media';
import { decodeG711, encodeG711, type G711Codec, SAMPLES_PER_MS, type Spandsp } from '@sordino/testkit';

/** What somebody made of a piece of audio. */
export interface Heard {
  readonly keys: readonly HeardKey[];
  /** How much of it the customer's agent did not get to hear. */
  readonly maskedMs: number;
}

export interface HeardKey {
  readonly key: string;
  /** A sample of the key: its onset for us, the report for spandsp. */
  readonly sample: number;
}

const PACKET_MS = 20;
const PACKET_SAMPLES = PACKET_MS * SAMPLES_PER_MS;
const PAYLOAD_TYPE = { PCMU: 0, PCMA: 8 } as const;
/** When the stream begins on the clock of the chain. */
const START_MS = 1000;
/** spandsp's Goertzel block of 102 samples: the least that a mask on its word would take away. */
const SPANDSP_BLOCK_MS = 102 / SAMPLES_PER_MS;
/** By RFC 4733 event code. */
const NAMES = '0123456789*#ABCD';

/** The product's own chain, look-back, mask and all, with a mask that ends with each key. `isFieldOpen`: keys are asked for. */
export function product(
  samples: Int16Array,
  codec: G711Codec = 'PCMU',
  { isFieldOpen } = { isFieldOpen: false },
): Heard {
  const keys: HeardKey[] = [];
  const payloadType = PAYLOAD_TYPE[codec];
  const stripper = createStripper(
    {
      customerCodec: codec,
      customerAudioPayloadType: payloadType,
      customerEventPayloadType: undefined,
      cleanCodec: codec,
      packetTimeMs: PACKET_MS,
      lookbackMs: LOOKBACK_MS_DEFAULT,
      mask: { style: 'silence', hold: 'per_key' },
    },
    {
      cleanFrame: () => {},
      key: (code, _, onsetMs) =>
        keys.push({ key: NAMES[code] ?? '', sample: (onsetMs - START_MS) * SAMPLES_PER_MS }),
      transportUnexpected: () => {},
      shortKey: () => {},
    },
  );
  stripper.setCollecting(isFieldOpen);
  const codes = encodeG711(codec, samples);
  for (let packet = 0; (packet + 1) * PACKET_SAMPLES <= codes.length; packet += 1) {
    const from = packet * PACKET_SAMPLES;
    stripper.packet(
      {
        ...{ payloadType, marker: packet === 0, sequence: packet & 0xffff, timestamp: from >>> 0, ssrc: 1 },
        payload: codes.subarray(from, from + PACKET_SAMPLES),
      },
      START_MS + (packet + 1) * PACKET_MS,
    );
  }
  return { keys, maskedMs: stripper.figures().maskedMs };
}

/** A switch's receiver, which does not mask: what it reports as a key would be muted for as long as it reports it. */
export async function baseline(
  spandsp: Spandsp,
  samples: Int16Array,
  codec: G711Codec = 'PCMU',
): Promise<Heard> {
  const digits = await spandsp.dtmf(decodeG711(codec, encodeG711(codec, samples)));
  return { keys: digits, maskedMs: digits.length * SPANDSP_BLOCK_MS };
}
