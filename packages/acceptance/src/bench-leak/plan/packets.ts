import { SAMPLES_PER_MS, type SeededRandom, telephoneEventPayload } from '@sordino/testkit';
import { EVENT_PAYLOAD_TYPE, FIRST_TIMESTAMP, type PlannedKey, type PlannedPacket } from './call-plan.ts';
import { AUDIO_PAYLOAD_TYPE, type LegCodec, TIMESTAMPS_PER_SAMPLE } from './line-codec.ts';

export interface EventShape {
  /** How long after the key's onset the event begins: what a gateway needs to notice the tone. */
  readonly afterMs: number;
  /** Most phones send no audio beside an event; some do. */
  readonly audioBeside: boolean;
}

export interface NetworkShape {
  readonly lossPercent: number;
  /** Packets are late by up to this, evenly; order is kept. */
  readonly jitterMs: number;
  /** Share of packets that come after the one that follows them. */
  readonly reorderPercent: number;
  /** The longest time for which nothing comes, and then all of it at once. */
  readonly stallMs: number;
}

export const CALM: NetworkShape = { lossPercent: 0, jitterMs: 0, reorderPercent: 0, stallMs: 0 };

/** RFC 4733 §2.5.1.4: the end of an event is sent three times; and a packet each 20 ms while it lasts. */
const END_PACKETS = 3;
const EVENT_EVERY_MS = 20;
const FIRST_SEQUENCE = 65_400;
/** One packet in so many is held up, and all those behind it. */
const STALL_SHARE = 1 / 25;
/** Loss spares the beginning: what passes of it tells how long the path is. */
const NETWORK_FROM_MS = 1_500;

/** The line as a phone sends it: a packet for each `packetTimeMs`, when its last sample has been spoken. */
export function audioPackets(
  payloads: readonly Uint8Array[],
  codec: LegCodec,
  packetTimeMs: number,
): PlannedPacket[] {
  const length = packetTimeMs * SAMPLES_PER_MS;
  return payloads.map((payload, n) => ({
    atMs: (n + 1) * packetTimeMs,
    phone: 0,
    payloadType: AUDIO_PAYLOAD_TYPE[codec],
    marker: n === 0,
    sequence: 0,
    timestamp: (FIRST_TIMESTAMP + n * length * TIMESTAMPS_PER_SAMPLE[codec]) >>> 0,
    payload,
    position: n * length,
  }));
}

/** Adds an event for each key, and takes away the audio that a phone does not send meanwhile. */
export function withEvents(
  audio: readonly PlannedPacket[],
  keys: readonly PlannedKey[],
  { afterMs, audioBeside }: EventShape,
): PlannedPacket[] {
  const beside = keys.map(({ startMs, endMs }) => [startMs + afterMs, endMs] as const);
  const speaks = ({ position = 0 }: PlannedPacket): boolean =>
    audioBeside ||
    !beside.some(([from, to]) => position >= from * SAMPLES_PER_MS && position < to * SAMPLES_PER_MS);
  return [...audio.filter(speaks), ...keys.flatMap((key) => eventPackets(key, key.startMs + afterMs))].sort(
    (one, other) => one.atMs - other.atMs,
  );
}

function eventPackets({ key, endMs }: PlannedKey, fromMs: number): PlannedPacket[] {
  const timestamp = (FIRST_TIMESTAMP + fromMs * SAMPLES_PER_MS) >>> 0;
  const updates = Math.max(1, Math.floor((endMs - fromMs) / EVENT_EVERY_MS));
  return Array.from({ length: updates + END_PACKETS }, (_, n) => {
    const end = n >= updates;
    const durationMs = end ? endMs - fromMs : (n + 1) * EVENT_EVERY_MS;
    return {
      atMs: fromMs + durationMs + (end ? n - updates + 1 : 0),
      phone: 0,
      payloadType: EVENT_PAYLOAD_TYPE,
      marker: n === 0,
      sequence: 0,
      timestamp,
      payload: telephoneEventPayload(key, end, durationMs * SAMPLES_PER_MS),
      position: undefined,
    };
  });
}

/** Numbers the packets and sends them through the network: those that arrive, in the order in which they do. */
export function through(
  packets: readonly PlannedPacket[],
  network: NetworkShape,
  random: SeededRandom,
): PlannedPacket[] {
  const { lossPercent, jitterMs, reorderPercent, stallMs } = network;
  let stalledUntilMs = 0;
  const numbered = packets.map((packet, n) => ({ ...packet, sequence: (FIRST_SEQUENCE + n) & 0xffff }));
  let latestMs = 0;
  const arrived = numbered
    .filter(({ atMs }) => atMs < NETWORK_FROM_MS || random.next() * 100 >= lossPercent)
    .map((packet) => {
      if (
        stallMs > 0 &&
        packet.atMs > NETWORK_FROM_MS &&
        packet.atMs >= stalledUntilMs &&
        random.next() < STALL_SHARE
      ) {
        stalledUntilMs = packet.atMs + random.next() * stallMs;
      }
      latestMs = Math.max(latestMs, packet.atMs + random.next() * jitterMs, stalledUntilMs);
      return { ...packet, atMs: latestMs };
    });
  for (let n = 1; n < arrived.length; n += 1) {
    const [one, other] = [arrived[n - 1], arrived[n]];
    if (one === undefined || other === undefined || one.atMs < NETWORK_FROM_MS) continue;
    if (random.next() * 100 >= reorderPercent) continue;
    // One overtakes the other and arrives in its place.
    arrived[n - 1] = { ...other, atMs: one.atMs };
    arrived[n] = { ...one, atMs: other.atMs };
    n += 1;
  }
  return arrived;
}
