import { SAMPLES_PER_MS, SeededRandom, type Spandsp } from '@sordino/testkit';
import { type CallPlan, EVENT_PAYLOAD_TYPE, type PlannedKey, type PlannedPacket } from './call-plan.ts';
import type { LeakCase } from './cases.ts';
import { aLine, VOICE_MS } from './line.ts';
import { audioPackets, through, withEvents } from './packets.ts';

/** Between the voice at the beginning and the first key. */
const BEFORE_KEYS_MS = 300;

/** A packet as late as this may have been played as something else. */
const LATE_MS = 45;

/** One call of a class of case; the same seed gives the same call. */
export async function planCall(
  leakCase: LeakCase,
  durationMs: number,
  seed: number,
  spandsp: Spandsp,
): Promise<CallPlan> {
  const random = new SeededRandom(seed);
  const { codec, events } = leakCase;
  const firstKeyMs = Math.max(VOICE_MS + BEFORE_KEYS_MS, Math.round(leakCase.lateness * durationMs));
  const { payloads, line, tones, keys } = await aLine(
    { ...leakCase, random, durationMs, firstKeyMs },
    spandsp,
  );
  const audio = audioPackets(payloads, codec, leakCase.packetTimeMs);
  const sent = events === undefined ? audio : withEvents(audio, keys, events);
  const changes = leakCase.changes(keys);
  const moves = changes.filter(({ side }) => side === 'customer');
  const packets = through(sent, leakCase.network, random).map((packet) => ({
    ...packet,
    phone: moves.findLast(({ atMs }) => atMs < packet.atMs)?.phone ?? packet.phone,
  }));
  const moved = ({ startMs, endMs }: PlannedKey): boolean =>
    changes.some(({ atMs }) => atMs >= startMs && atMs <= endMs);
  return {
    name: leakCase.name,
    durationMs,
    keys: keys.map((key) => ({
      ...key,
      mustCapture: key.mustCapture && !moved(key) && allArrived(key, sent, packets),
    })),
    packets,
    line,
    tones,
    customerCodec: codec,
    cleanCodec: leakCase.cleanCodec,
    eventPayloadType: leakCase.eventsNegotiated ? EVENT_PAYLOAD_TYPE : undefined,
    mask: leakCase.mask,
    srtp: leakCase.srtp,
    packetTimeMs: leakCase.packetTimeMs,
    changes,
  };
}

/** All of the audio that was sent around the key arrived, and in time to be played. */
function allArrived(
  { startMs, endMs }: PlannedKey,
  sent: readonly PlannedPacket[],
  arrived: readonly PlannedPacket[],
): boolean {
  const around = ({ position }: PlannedPacket): boolean =>
    position !== undefined &&
    position > (startMs - 60) * SAMPLES_PER_MS &&
    position < (endMs + 20) * SAMPLES_PER_MS;
  const arrivedMs = new Map(arrived.filter(around).map(({ position, atMs }) => [position, atMs]));
  return sent
    .filter(around)
    .every(({ position, atMs }) => (arrivedMs.get(position) ?? atMs + 1_000) - atMs < LATE_MS);
}
