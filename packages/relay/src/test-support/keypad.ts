import type { HostPort } from '@sordino/interception';
import {
  type AudioCodec,
  createEncoder,
  rmsOf,
  SAMPLE_RATE_HZ,
  tonePairOf,
  writeTelephoneEvent,
} from '@sordino/media';
import type { TestPhone } from './phone.ts';

export const EVENT_PAYLOAD_TYPE = 101;

/** A key as RFC 4733 events: one packet each 20 ms, the last one three times (§2.5.1.4). Takes 100 ms. */
export async function pressAsEvents(phone: TestPhone, to: HostPort, eventCode: number): Promise<void> {
  const timestamp = phone.timestamp;
  const durations = [160, 320, 480, 640, 800, 800, 800];
  for (const [index, durationTicks] of durations.entries()) {
    const end = index >= 4;
    const payload = writeTelephoneEvent({ event: eventCode, end, volume: 10, durationTicks });
    phone.send(to, payload, { payloadType: EVENT_PAYLOAD_TYPE, marker: index === 0, timestamp });
    if (!end) await pause();
  }
  phone.timestamp = (timestamp + 800) >>> 0;
  await pause();
}

/** A key as a tone of 100 ms at -10 dBm0 a frequency, then 60 ms of silence. */
export function pressAsTone(phone: TestPhone, to: HostPort, eventCode: number): Promise<void> {
  return phone.talk(to, 8, (index) => toneFrame(phone.codec, eventCode, index));
}

/** Frame `index` (20 ms) of a tone that begins with frame 0 and ends after frame 4. */
function toneFrame(codec: AudioCodec, eventCode: number, index: number): Uint8Array {
  const pair = tonePairOf(eventCode);
  if (pair === undefined) throw new Error(`event ${eventCode} is no key`);
  const peak = index < 5 ? rmsOf(-10) * Math.SQRT2 : 0;
  const samples = Int16Array.from({ length: 160 }, (_, n) => {
    const turn = (2 * Math.PI * (index * 160 + n)) / SAMPLE_RATE_HZ;
    return Math.round(peak * (Math.sin(turn * pair.lowHz) + Math.sin(turn * pair.highHz)));
  });
  const payload = new Uint8Array(640);
  return payload.subarray(0, createEncoder(codec, 8_000).encode(samples, 160, payload));
}

/** The pace of a real keypad: part of what is sent, not a wait for something. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
