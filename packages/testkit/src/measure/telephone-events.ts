import type { HeardPacket } from '../rtp/heard-audio.ts';

/** One RFC 4733 event: all packets of one sender with one timestamp. */
export interface TelephoneEvent {
  readonly key: string;
  readonly ssrc: number;
  readonly timestamp: number;
  readonly firstArrivalMs: number;
  readonly packets: number;
  readonly endPackets: number;
  readonly durationTicks: number;
}

const EVENT_KEYS = '0123456789*#ABCD';
const EVENT_BYTES = 4;
/** RFC 3551 §6: telephone-event has no static payload type. */
const FIRST_DYNAMIC_PAYLOAD_TYPE = 96;

/**
 * The telephone events among packets. With `payloadTypes`, only those; without, whatever of a dynamic payload type
 * has the shape of a key (RFC 4733 §2.3), agreed or not: a leak need not follow the SDP.
 */
export function telephoneEvents(
  packets: readonly HeardPacket[],
  payloadTypes?: readonly number[],
): TelephoneEvent[] {
  const events = new Map<string, TelephoneEvent>();
  for (const packet of packets) {
    const [code = 0, flags = 0, high = 0, low = 0] = packet.payload;
    const key = EVENT_KEYS[code];
    const asked =
      payloadTypes?.includes(packet.payloadType) ?? packet.payloadType >= FIRST_DYNAMIC_PAYLOAD_TYPE;
    if (!asked || key === undefined || packet.payload.length !== EVENT_BYTES) continue;
    const id = `${packet.ssrc}/${packet.timestamp}`;
    const known = events.get(id);
    events.set(id, {
      key,
      ssrc: packet.ssrc,
      timestamp: packet.timestamp,
      firstArrivalMs: known?.firstArrivalMs ?? packet.arrivalMs,
      packets: (known?.packets ?? 0) + 1,
      endPackets: (known?.endPackets ?? 0) + (flags >> 7),
      durationTicks: Math.max(known?.durationTicks ?? 0, high * 256 + low),
    });
  }
  return [...events.values()];
}
