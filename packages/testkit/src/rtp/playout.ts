import { CODECS, type Coder, coderOf, lengthMs, type SpokenCodec } from '../audio/codec.ts';
import { SAMPLES_PER_MS } from '../audio/samples.ts';
import type { TimedAudio } from '../audio/timed-audio.ts';

/** An audio packet as it came in. */
export interface AudioArrival {
  readonly arrivalMs: number;
  readonly ssrc: number;
  readonly timestamp: number;
  /** RFC 3551 §4.1: a talkspurt begins; the phone may place it anew. */
  readonly marker?: boolean;
  readonly codec: SpokenCodec;
  readonly payload: Uint8Array;
}

/** A phone's jitter buffer: a packet that comes later than this after its turn can not be played where it belongs. */
const JITTER_BUFFER_MS = 60;
/** Timestamps this far off the clock are a new timeline, not speech from the future or the past. */
const TIMELINE_JUMP_MS = 200;
/** A sender that was silent longer than this starts anew. */
const PAUSE_MAX_MS = 500;

/** Packets in a row that all come too late: the path has become much longer, and the phone adapts to it at once. */
const LATE_TO_ADAPT = 3;
/** Packets in a row of which none came within `SLOWER_MS` of the fastest: the path has become a little longer for good. */
const SLOWER_TO_ADAPT = 25;
const SLOWER_MS = 40;

/** One uninterrupted run of one sender on one path. */
interface Spell {
  readonly ssrc: number;
  readonly anchorTimestamp: number;
  /** When the first sample would have come by the fastest packet of the run. */
  anchorMs: number;
  lastArrivalMs: number;
  readonly packets: AudioArrival[];
  /** Came too late to be played, unless those after them are as late. */
  late: AudioArrival[];
  /** Packets since the last one that was about as fast as the fastest. */
  slower: number;
}

/**
 * What a phone would have played, without its constant buffering delay: each sender's samples lie where their RTP
 * timestamps put them, counted from its fastest packet. A packet that comes more than a jitter buffer later is missing. A sender that
 * begins later takes over at once, and what the earlier one still sends is not heard.
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
  const begin = (first: AudioArrival): Spell => {
    const { ssrc, timestamp, arrivalMs } = first;
    const spell = {
      ssrc,
      anchorTimestamp: timestamp,
      anchorMs: arrivalMs,
      lastArrivalMs: arrivalMs,
      packets: [],
      late: [],
      slower: 0,
    };
    latest.set(ssrc, spell);
    spells.push(spell);
    return spell;
  };
  for (const arrival of arrivals) {
    const known = latest.get(arrival.ssrc);
    const spell = known === undefined || startsAnew(known, arrival) ? begin(arrival) : known;
    const lateMs = arrival.arrivalMs - turnMs(spell, arrival);
    spell.slower = lateMs < SLOWER_MS ? 0 : spell.slower + 1;
    if (spell.slower >= SLOWER_TO_ADAPT) {
      play(begin(arrival), arrival);
      continue;
    }
    if (lateMs <= JITTER_BUFFER_MS) {
      spell.late = [];
      play(spell, arrival);
      continue;
    }
    spell.late.push(arrival);
    spell.lastArrivalMs = arrival.arrivalMs;
    if (spell.late.length < LATE_TO_ADAPT) continue;
    const adapted = begin(spell.late[0] ?? arrival);
    for (const packet of spell.late) play(adapted, packet);
    spell.late = [];
  }
  return spells;
}

function play(spell: Spell, arrival: AudioArrival): void {
  spell.packets.push(arrival);
  spell.lastArrivalMs = arrival.arrivalMs;
  const earlyMs = turnMs(spell, arrival) - arrival.arrivalMs;
  if (earlyMs > 0) spell.anchorMs -= earlyMs;
}

function startsAnew(spell: Spell, arrival: AudioArrival): boolean {
  if (arrival.marker === true) return true;
  const aheadMs = turnMs(spell, arrival) - arrival.arrivalMs;
  return Math.abs(aheadMs) > TIMELINE_JUMP_MS || arrival.arrivalMs - spell.lastArrivalMs > PAUSE_MAX_MS;
}

/** When the packet's first sample is due. RTP timestamps wrap at 32 bits: the difference is taken as signed. */
function turnMs(spell: Spell, arrival: AudioArrival): number {
  return (
    spell.anchorMs + ((arrival.timestamp - spell.anchorTimestamp) | 0) / CODECS[arrival.codec].ticksPerMs
  );
}

function spellStartMs(spell: Spell): number {
  return spell.packets.reduce((start, packet) => Math.min(start, turnMs(spell, packet)), spell.anchorMs);
}

function spellEndMs(spell: Spell): number {
  return spell.packets.reduce(
    (end, packet) => Math.max(end, turnMs(spell, packet) + lengthMs(packet.codec, packet.payload)),
    spell.anchorMs,
  );
}

function paint(timeline: TimedAudio, spell: Spell): void {
  const from = indexOf(spell.anchorMs - timeline.startMs);
  const to = indexOf(spellEndMs(spell) - timeline.startMs);
  timeline.samples.fill(0, from, to);
  timeline.present.fill(0, from, to);
  const coders = new Map<SpokenCodec, Coder>();
  for (const packet of spell.packets) {
    const offset = indexOf(turnMs(spell, packet) - timeline.startMs);
    const coder = coders.get(packet.codec) ?? coderOf(packet.codec);
    coders.set(packet.codec, coder);
    const samples = coder.decode(packet.payload).subarray(0, timeline.samples.length - offset);
    timeline.samples.set(samples, offset);
    timeline.present.fill(1, offset, offset + samples.length);
  }
  for (const coder of coders.values()) coder.free();
}

function indexOf(ms: number): number {
  return Math.round(ms * SAMPLES_PER_MS);
}
