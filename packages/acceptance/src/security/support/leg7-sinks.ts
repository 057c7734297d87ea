import {
  type CapturedPacket,
  decodeG711,
  dtmfDecode,
  dtmfSequence,
  encodeG711,
  type G711Codec,
  HeardAudio,
  hostMsOfUnix,
  mixInto,
  type TimedAudio,
  telephoneEventPayload,
  telephoneEvents,
} from '@sordino/testkit';
import type { Sink } from './sinks.ts';

const RTP_HEADER_BYTES = 12;
const CODEC_OF: ReadonlyMap<number, G711Codec> = new Map([
  [0, 'PCMU'],
  [8, 'PCMA'],
]);
/** What the simulated phones agree on. */
const EVENT_PAYLOAD_TYPE = 101;

const payloadTypeOf = ({ bytes }: CapturedPacket): number => (bytes[1] ?? 0) & 0x7f;

/** Leg 7 as the platform's sockets received it, in every form in which keys could be read from it. */
export function leg7Sinks(packets: readonly CapturedPacket[]): Sink[] {
  const rtp = packets.filter(({ kind }) => kind === 'rtp');
  const played = playOut(packets);
  return [
    { where: 'RTP of leg 7, raw', content: Buffer.concat(rtp.map(({ bytes }) => bytes)) },
    {
      where: 'RTCP of leg 7, raw',
      content: Buffer.concat(packets.filter(({ kind }) => kind === 'rtcp').map(({ bytes }) => bytes)),
    },
    {
      where: 'RTP of leg 7, telephone-events',
      content: telephoneEvents(played.packets)
        .map(({ key }) => key)
        .join(''),
    },
    { where: 'RTP of leg 7, tones', content: tonesIn(packets) },
  ];
}

/** Leg 7 as it would have been heard, on the host's clock. */
export const leg7Audio = (packets: readonly CapturedPacket[]): TimedAudio => playOut(packets).timeline();

/** The keys that a decoder reads which shares nothing with ours. */
export const tonesIn = (packets: readonly CapturedPacket[]): string =>
  dtmfDecode(leg7Audio(packets).samples)
    .map(({ key }) => key)
    .join('');

export const eventsIn = (packets: readonly CapturedPacket[]): number =>
  telephoneEvents(playOut(packets).packets).length;

/** Payload types that are on leg 7. */
export const payloadTypesIn = (packets: readonly CapturedPacket[]): number[] => [
  ...new Set(packets.filter(({ kind }) => kind === 'rtp').map(payloadTypeOf)),
];

function playOut(packets: readonly CapturedPacket[]): HeardAudio {
  const heard = new HeardAudio();
  for (const { kind, from, atMs, bytes } of packets) {
    if (kind === 'rtp') heard.receive(bytes, from, hostMsOfUnix(atMs));
  }
  return heard;
}

/** A copy of leg 7 on which each key also goes out as one telephone-event packet, as a relay that forwards would do. */
export function withEvents(packets: readonly CapturedPacket[], keys: string): CapturedPacket[] {
  const carriers = packets.filter(({ kind }) => kind === 'rtp');
  if (carriers.length < keys.length) throw new Error(`leg 7 has no ${keys.length} packets to follow`);
  const planted = [...keys].map((key, index): CapturedPacket => {
    const like = carriers[index] as CapturedPacket;
    const header = Buffer.from(like.bytes.subarray(0, RTP_HEADER_BYTES));
    header[1] = EVENT_PAYLOAD_TYPE;
    header.writeUInt32BE(1_000 * (index + 1), 4);
    return { ...like, bytes: Buffer.concat([header, telephoneEventPayload(key, true, 800)]) };
  });
  return [...packets, ...planted];
}

/** A copy of leg 7 with the tones of the keys mixed into its audio, packet by packet. */
export function withTones(packets: readonly CapturedPacket[], keys: string): CapturedPacket[] {
  const tones = dtmfSequence(keys, { levelDbm0: -10 });
  let at = 0;
  return packets.map((packet) => {
    const codec = CODEC_OF.get(payloadTypeOf(packet));
    if (packet.kind !== 'rtp' || codec === undefined) return packet;
    const samples = decodeG711(codec, packet.bytes.subarray(RTP_HEADER_BYTES));
    mixInto(samples, tones, -at);
    at += samples.length;
    const header = packet.bytes.subarray(0, RTP_HEADER_BYTES);
    return { ...packet, bytes: Buffer.concat([header, encodeG711(codec, samples)]) };
  });
}

/** A copy of leg 7 with a text in an RTCP packet, as a source description would carry it (RFC 3550 §6.5). */
export function withRtcpText(packets: readonly CapturedPacket[], text: string): CapturedPacket[] {
  const like = packets[0];
  if (like === undefined) throw new Error('leg 7 has no packet to copy');
  const bytes = Buffer.concat([
    Buffer.from('81ca0008deadbeef07', 'hex'),
    Buffer.of(text.length),
    Buffer.from(text),
  ]);
  return [...packets, { ...like, kind: 'rtcp', bytes }];
}
