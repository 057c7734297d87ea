import type { KeyTransport } from '@sordino/core';
import { encodeG711, type G711Codec } from '../codecs/g711.ts';
import { createStripper } from '../stages/create-stripper.ts';
import type { CustomerPacket, Stripper, StripperOptions } from '../stages/stripper.ts';
import { writeTelephoneEvent } from '../telephone-event/payload.ts';
import { SAMPLES_PER_MS } from '../tones/level.ts';
import { LOOKBACK_MS_DEFAULT } from '../tones/masking-detector.ts';
import { type Sound, toLinear } from './sound.ts';

const AUDIO_PT: Record<G711Codec, number> = { PCMU: 0, PCMA: 8 };
export const EVENT_PT = 101;
const TICK_MS = 5;

/** A packet with the time at which it reaches us. */
export interface Sent {
  readonly atMs: number;
  readonly packet: CustomerPacket;
}

interface CapturedKey {
  readonly code: number;
  readonly transport: KeyTransport;
  readonly onsetMs: number;
}

export interface Heard {
  /** Every payload of leg 7, one after the other. */
  readonly codes: Uint8Array;
  readonly frames: readonly { readonly atMs: number; readonly bytes: number; readonly marker: boolean }[];
  readonly keys: readonly CapturedKey[];
  readonly unexpected: readonly string[];
  readonly stripper: Stripper;
}

export const OPTIONS: StripperOptions = {
  customerCodec: 'PCMU',
  customerAudioPayloadType: AUDIO_PT.PCMU,
  customerEventPayloadType: EVENT_PT,
  cleanCodec: 'PCMU',
  packetTimeMs: 20,
  lookbackMs: LOOKBACK_MS_DEFAULT,
  mask: { style: 'flat_tone', hold: 'per_key' },
};

export interface VoiceStream {
  readonly codec?: G711Codec;
  readonly packetTimeMs?: number;
  readonly startMs?: number;
  readonly ssrc?: number;
  readonly sequence?: number;
  readonly timestamp?: number;
}

/** Audio as a phone sends it: one packet per packet time, each when its last sample has been recorded. */
export function voice(sound: Sound, stream: VoiceStream = {}): Sent[] {
  const { codec = 'PCMU', packetTimeMs = 20, startMs = 0, ssrc = 0xc0ffee } = stream;
  const { sequence = 65_500, timestamp = 0xffff_f000 } = stream;
  const codes = encodeG711(codec, toLinear(sound));
  const samples = packetTimeMs * SAMPLES_PER_MS;
  return Array.from({ length: Math.floor(codes.length / samples) }, (_, n) => ({
    atMs: startMs + (n + 1) * packetTimeMs,
    packet: {
      payloadType: AUDIO_PT[codec],
      marker: n === 0,
      sequence: (sequence + n) & 0xffff,
      timestamp: (timestamp + n * samples) >>> 0,
      ssrc,
      payload: codes.slice(n * samples, (n + 1) * samples),
    },
  }));
}

export interface EventPress {
  readonly code: number;
  readonly atMs: number;
  readonly ms: number;
  /** Between packets of one event. */
  readonly everyMs?: number;
}

/**
 * Weaves events into a voice stream as RFC 4733 says: same SSRC and sequence, one timestamp per event, the end sent
 * three times. `beside`: `pause` takes the audio packets of the press away, as most phones do; `keep` leaves them.
 */
export function withEvents(
  stream: readonly Sent[],
  presses: readonly EventPress[],
  beside: 'pause' | 'keep',
): Sent[] {
  const first = stream[0];
  if (first === undefined) return [];
  const packetTimeMs = first.packet.payload.length / SAMPLES_PER_MS;
  const beginsMs = first.atMs - packetTimeMs;
  const during = (atMs: number): boolean =>
    presses.some((press) => atMs > press.atMs && atMs <= press.atMs + press.ms + packetTimeMs);
  const events = presses.flatMap((press) => {
    const timestamp = (first.packet.timestamp + (press.atMs - beginsMs) * SAMPLES_PER_MS) >>> 0;
    const everyMs = press.everyMs ?? 20;
    const updates = Math.max(1, Math.floor(press.ms / everyMs));
    return Array.from({ length: updates + 3 }, (_, n) => {
      const end = n >= updates;
      const durationTicks = Math.min(0xffff, (end ? press.ms : (n + 1) * everyMs) * SAMPLES_PER_MS);
      return {
        atMs: press.atMs + (end ? press.ms : (n + 1) * everyMs) + (end ? n - updates + 1 : 0),
        packet: {
          payloadType: EVENT_PT,
          marker: n === 0,
          sequence: 0,
          timestamp,
          ssrc: first.packet.ssrc,
          payload: writeTelephoneEvent({ event: press.code, end, volume: 10, durationTicks }),
        },
      };
    });
  });
  const audio = beside === 'keep' ? stream : stream.filter((sent) => !during(sent.atMs));
  return [...audio, ...events]
    .sort((a, b) => a.atMs - b.atMs)
    .map((sent, n) => ({
      ...sent,
      packet: { ...sent.packet, sequence: (first.packet.sequence + n) & 0xffff },
    }));
}

/** Takes packets away: those whose place in the stream `loses` names. */
export const withLoss = (stream: readonly Sent[], loses: (n: number) => boolean): Sent[] =>
  stream.filter((_, n) => !loses(n));

/** Plays a stream through a stripper packet by packet, with its tick, and returns all that came out. */
export function play(
  stream: readonly Sent[],
  options: Partial<StripperOptions> = {},
  act?: { readonly untilMs?: number; readonly each?: (stripper: Stripper, nowMs: number) => void },
): Heard {
  const frames: { atMs: number; bytes: number; marker: boolean }[] = [];
  const chunks: Uint8Array[] = [];
  const keys: CapturedKey[] = [];
  const unexpected: string[] = [];
  let nowMs = 0;
  const stripper = createStripper(
    { ...OPTIONS, ...options },
    {
      cleanFrame: (payload, marker) => {
        frames.push({ atMs: nowMs, bytes: payload.length, marker });
        chunks.push(payload.slice());
      },
      key: (code, transport, onsetMs) => keys.push({ code, transport, onsetMs }),
      transportUnexpected: (transport) => unexpected.push(transport),
      shortKey: () => unexpected.push('short key'),
    },
  );
  const untilMs = act?.untilMs ?? stream.reduce((latest, sent) => Math.max(latest, sent.atMs), 0);
  let next = 0;
  for (let tickMs = 0; tickMs <= untilMs; tickMs += TICK_MS) {
    for (let sent = stream[next]; sent !== undefined && sent.atMs <= tickMs; sent = stream[next]) {
      nowMs = sent.atMs;
      stripper.packet(sent.packet, nowMs);
      next += 1;
    }
    nowMs = tickMs;
    act?.each?.(stripper, nowMs);
    stripper.tick(nowMs);
  }
  return { codes: concat(chunks), frames, keys, unexpected, stripper };
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  chunks.reduce((at, chunk) => {
    whole.set(chunk, at);
    return at + chunk.length;
  }, 0);
  return whole;
}
