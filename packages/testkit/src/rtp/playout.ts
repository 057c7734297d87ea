import { decodeG711, type G711Codec } from '../audio/g711.ts';
import { SAMPLES_PER_MS } from '../audio/samples.ts';
import type { TimedAudio } from '../audio/timed-audio.ts';

/** An audio packet as it came in. */
export interface AudioArrival {
  readonly arrivalMs: number;
  readonly ssrc: number;
  readonly timestamp: number;
  readonly codec: G711Codec;
  readonly payload: Uint8Array;
}

/** A phone's jitter buffer: a packet that comes later than this after its turn can not be played where it belongs. */
export const JITTER_BUFFER_MS = 60;
/** Timestamps this far ahead of the clock are a new timeline, not speech from the future. */
const AHEAD_MAX_MS = 200;
/** A sender that was silent longer than this starts anew. */
const PAUSE_MAX_MS = 500;

/** One uninterrupted run of one sender, anchored at its first packet's arrival. */
interface Spell {
  readonly ssrc: number;
  readonly anchorMs: number;
  readonly anchorTimestamp: number;
  lastArrivalMs: number;
  readonly packets: { readonly atMs: number; readonly arrival: AudioArrival }[];
}

/**
 * What a phone would have played, without its constant buffering delay: each sender's samples lie where their RTP
 * timestamps put them, counted from the arrival of its first packet. A sender that begins later takes over at once,
 * and what the earlier one still sends is not heard.
 */
export function playout(arrivals: readonly AudioArrival[]): TimedAudio {
  const spells = spellsOf(arrivals);
  if (spells.length === 0) return { startMs: 0, samples: new Int16Array(0), present: new Uint8Array(0) };
  const startMs = spells.reduce(
    (start, spell) => Math.min(start, spellStartMs(spell)),
    Number.POSITIVE_INFINITY,
  );
  const endMs = spells.reduce((end, spell) => Math.max(end, spellEndMs(spell)), startMs);
  const length = indexOf(endMs - startMs) + 1;
  const timeline = { startMs, samples: new Int16Array(length), present: new Uint8Array(length) };
  for (const spell of spells) paint(timeline, spell);
  return timeline;
}

function spellsOf(arrivals: readonly AudioArrival[]): Spell[] {
  const latest = new Map<number, Spell>();
  const spells: Spell[] = [];
  for (const arrival of arrivals) {
    let spell = latest.get(arrival.ssrc);
    if (spell === undefined || !continues(spell, arrival)) {
      spell = {
        ssrc: arrival.ssrc,
        anchorMs: arrival.arrivalMs,
        anchorTimestamp: arrival.timestamp,
        lastArrivalMs: arrival.arrivalMs,
        packets: [],
      };
      latest.set(arrival.ssrc, spell);
      spells.push(spell);
    }
    spell.packets.push({ atMs: turnMs(spell, arrival), arrival });
    spell.lastArrivalMs = arrival.arrivalMs;
  }
  return spells;
}

function continues(spell: Spell, arrival: AudioArrival): boolean {
  const aheadMs = turnMs(spell, arrival) - arrival.arrivalMs;
  const pausedMs = arrival.arrivalMs - spell.lastArrivalMs;
  return aheadMs >= -JITTER_BUFFER_MS && aheadMs <= AHEAD_MAX_MS && pausedMs <= PAUSE_MAX_MS;
}

/** When the packet's first sample is due. RTP timestamps wrap at 32 bits: the difference is taken as signed. */
function turnMs(spell: Spell, arrival: AudioArrival): number {
  return spell.anchorMs + ((arrival.timestamp - spell.anchorTimestamp) | 0) / SAMPLES_PER_MS;
}

function spellStartMs(spell: Spell): number {
  return spell.packets.reduce((start, { atMs }) => Math.min(start, atMs), spell.anchorMs);
}

function spellEndMs(spell: Spell): number {
  return spell.packets.reduce(
    (end, { atMs, arrival }) => Math.max(end, atMs + arrival.payload.length / SAMPLES_PER_MS),
    spell.anchorMs,
  );
}

function paint(timeline: TimedAudio, spell: Spell): void {
  const from = indexOf(spell.anchorMs - timeline.startMs);
  const to = indexOf(spellEndMs(spell) - timeline.startMs);
  timeline.samples.fill(0, from, to);
  timeline.present.fill(0, from, to);
  for (const { atMs, arrival } of spell.packets) {
    const offset = indexOf(atMs - timeline.startMs);
    const samples = decodeG711(arrival.codec, arrival.payload);
    timeline.samples.set(samples, offset);
    timeline.present.fill(1, offset, offset + samples.length);
  }
}

function indexOf(ms: number): number {
  return Math.round(ms * SAMPLES_PER_MS);
}
