/** RFC 4733 §2.3: event, E bit and volume, duration. */
const EVENT_BLOCK_BYTES = 4;
/** §2.5.1.5 allows several short events in one packet; more than this in one packet is no keypad. */
const EVENT_BLOCKS_MAX = 8;
/** Codes 0-15 are the DTMF keys (§3.2); the rest (16 is hook flash) are removed like them and captured by nobody. */
export const KEY_EVENT_MAX = 15;

export interface TelephoneEvent {
  readonly event: number;
  readonly end: boolean;
  /** Level below 0 dBm0: 0 to 63, 63 the quietest. */
  readonly volume: number;
  /** RTP ticks since the packet's timestamp, 0 to 65,535. */
  readonly durationTicks: number;
}

/** How many event blocks a payload holds; 0 for one that is no RFC 4733 payload. */
export function eventBlocksIn(payload: Uint8Array): number {
  const blocks = payload.length / EVENT_BLOCK_BYTES;
  return Number.isInteger(blocks) && blocks <= EVENT_BLOCKS_MAX ? blocks : 0;
}

/** Reads one block; `undefined` when it does not lie inside the payload. The reserved bit is ignored (§2.3.3). */
export function readTelephoneEvent(payload: Uint8Array, block = 0): TelephoneEvent | undefined {
  if (!Number.isInteger(block) || block < 0 || block >= eventBlocksIn(payload)) return undefined;
  const at = block * EVENT_BLOCK_BYTES;
  const flags = payload[at + 1] ?? 0;
  return {
    event: payload[at] ?? 0,
    end: (flags & 0x80) !== 0,
    volume: flags & 0x3f,
    durationTicks: ((payload[at + 2] ?? 0) << 8) | (payload[at + 3] ?? 0),
  };
}

/** Writes one block. Throws a RangeError naming the field that does not fit. */
export function writeTelephoneEvent(
  event: TelephoneEvent,
  into = new Uint8Array(EVENT_BLOCK_BYTES),
): Uint8Array {
  requireWithin('event', event.event, 0xff);
  requireWithin('volume', event.volume, 0x3f);
  requireWithin('durationTicks', event.durationTicks, 0xffff);
  into[0] = event.event;
  into[1] = (event.end ? 0x80 : 0) | event.volume;
  into[2] = event.durationTicks >> 8;
  into[3] = event.durationTicks & 0xff;
  return into;
}

function requireWithin(field: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new RangeError(`telephone-event ${field} must be an integer from 0 to ${max}, got ${value}`);
  }
}
