import type { MaskHold, MaskStyle } from '@sordino/core';
import type { SeededRandom, Spandsp } from '@sordino/testkit';
import { OPUS_APPLICATION, OPUS_BROWSER, type OpusShape } from '../../codecs/opus-line.ts';
import type { LegSuites, PlannedChange, PlannedKey, ToneShape } from './call-plan.ts';
import { type Damage, throughGsm, throughOpus, unharmed } from './damage.ts';
import type { LegCodec } from './line-codec.ts';
import { CALM, type EventShape, type NetworkShape } from './packets.ts';

/** One class of case; what it does not name is as in `ORDINARY`. */
export interface LeakCase {
  readonly name: string;
  readonly codec: LegCodec;
  readonly cleanCodec: LegCodec;
  /** How the customer's phone encodes if its codec is Opus. */
  readonly opus: OpusShape;
  /** Sides with SRTP; then it goes over sockets only. */
  readonly srtp: LegSuites;
  readonly tone: (random: SeededRandom) => ToneShape;
  readonly talkOverDbm0: number | undefined;
  readonly noiseDbm0: number;
  readonly damage: Damage;
  readonly network: NetworkShape;
  /** Share of the call that is over before the first key: a card late in the call. */
  readonly lateness: number;
  /** Calls so short that one key has room: the first, before any was captured. */
  readonly firstKeysOnly: boolean;
  readonly events: EventShape | undefined;
  readonly toneCutMs: number | undefined;
  readonly eventsNegotiated: boolean;
  readonly packetTimeMs: number;
  readonly mask: { readonly style: MaskStyle; readonly hold: MaskHold };
  readonly changes: (keys: readonly PlannedKey[]) => readonly PlannedChange[];
  /** Where the strongest peer leaks, and the plain case beside it: what a short run is made of. */
  readonly isHard: boolean;
}

const key = (changes: Partial<ToneShape> = {}): ToneShape => ({
  durationMs: 80,
  levelDbm0: -12,
  twistDb: 0,
  deviationPercent: 0,
  rampMs: 1,
  ...changes,
});

const someKey = (random: SeededRandom): ToneShape =>
  key({
    durationMs: Math.round(random.between(50, 120)),
    levelDbm0: random.between(-20, -4),
    twistDb: random.between(-3, 3),
  });

const ORDINARY: Omit<LeakCase, 'name'> = {
  codec: 'PCMU',
  cleanCodec: 'PCMU',
  opus: OPUS_BROWSER,
  srtp: {},
  tone: someKey,
  talkOverDbm0: undefined,
  noiseDbm0: -60,
  damage: unharmed,
  network: CALM,
  lateness: 0,
  firstKeysOnly: false,
  events: undefined,
  toneCutMs: undefined,
  eventsNegotiated: false,
  packetTimeMs: 20,
  // The mask that hides the least: it is put on and taken off for each key.
  mask: { style: 'silence', hold: 'per_key' },
  changes: () => [],
  isHard: false,
};

/** The case that every judge has to hear without a mask. */
export const PLAIN = 'ordinary keys, u-law';

/** All classes of case of the issue, in its order; see also where the strongest peer leaks. */
export function leakCases(spandsp: Spandsp): LeakCase[] {
  const aCase = (name: string, changes: Partial<LeakCase>): LeakCase => ({ ...ORDINARY, name, ...changes });
  const lossy = (lossPercent: number): Partial<LeakCase> => ({ network: { ...CALM, lossPercent } });
  return [
    aCase(PLAIN, { isHard: true }),
    aCase('ordinary keys, A-law to u-law', { codec: 'PCMA' }),
    aCase('ordinary keys, u-law to A-law', { cleanCodec: 'PCMA' }),
    aCase('levels of 0 to -36 dBm0', { tone: (r) => key({ levelDbm0: r.between(-36, 0) }) }),
    aCase('twist of -8 to +8 dB', {
      isHard: true,
      codec: 'PCMA',
      cleanCodec: 'PCMA',
      tone: (r) => key({ twistDb: r.between(-8, 8) }),
    }),
    aCase('twist of -10 and +6 dB', { tone: (r) => key({ twistDb: r.next() < 0.5 ? -10 : 6 }) }),
    aCase('23 to 200 ms', {
      tone: (r) => key({ durationMs: Math.round(r.next() < 0.6 ? r.between(23, 50) : r.between(50, 200)) }),
    }),
    aCase('off by up to 3.5 %', { tone: (r) => key({ deviationPercent: r.between(-3.5, 3.5) }) }),
    aCase('noise 12 dB below', { isHard: true, noiseDbm0: -21, tone: () => key() }),
    aCase('noise 20 dB below', { noiseDbm0: -29, tone: () => key({ durationMs: 60 }) }),
    aCase('a voice 3 dB below', {
      talkOverDbm0: -15,
      tone: (r) => key({ durationMs: Math.round(r.between(60, 120)) }),
    }),
    aCase('a voice 9 dB below', {
      isHard: true,
      talkOverDbm0: -21,
      tone: (r) => key({ durationMs: Math.round(r.between(50, 120)) }),
    }),
    aCase('ramps of 2 to 20 ms', { tone: (r) => key({ durationMs: 90, rampMs: r.between(2, 20) }) }),
    aCase('through GSM', { damage: throughGsm(spandsp) }),
    aCase('through GSM with a voice 9 dB below', {
      damage: throughGsm(spandsp),
      talkOverDbm0: -21,
      tone: () => key(),
    }),
    aCase('first keys of calls, through GSM', { damage: throughGsm(spandsp), firstKeysOnly: true }),
    aCase('first keys of calls, through GSM with a voice 9 dB below', {
      damage: throughGsm(spandsp),
      talkOverDbm0: -21,
      tone: () => key(),
      firstKeysOnly: true,
    }),
    aCase('through Opus at 12 kbit/s', { damage: throughOpus(12_000) }),
    aCase('through Opus at 24 kbit/s', { damage: throughOpus(24_000) }),
    aCase('1 % lost', lossy(1)),
    aCase('5 % lost', { ...lossy(5), isHard: true }),
    aCase('1 % lost, card late', { isHard: true, ...lossy(1), lateness: 0.6 }),
    aCase('5 % lost, card late', { ...lossy(5), lateness: 0.6 }),
    aCase('jitter of 30 ms', { network: { ...CALM, jitterMs: 30 } }),
    aCase('5 % reordered', { network: { ...CALM, reorderPercent: 5 } }),
    aCase('jitter, loss and reordering', {
      network: { ...CALM, lossPercent: 2, jitterMs: 40, reorderPercent: 3 },
    }),
    aCase('stalls of up to 80 ms', { network: { ...CALM, stallMs: 80 } }),
    aCase('stalls of up to 400 ms', { isHard: true, network: { ...CALM, stallMs: 400 } }),
    aCase('40 ms of tone, then the event', {
      isHard: true,
      eventsNegotiated: true,
      events: { afterMs: 40, audioBeside: false },
      toneCutMs: 40,
      tone: () => key({ durationMs: 140, rampMs: 0 }),
    }),
    aCase('tone and event at once', {
      isHard: true,
      eventsNegotiated: true,
      events: { afterMs: 20, audioBeside: true },
      tone: () => key({ durationMs: 120 }),
    }),
    aCase('tone beside an event that comes 60 ms late', {
      eventsNegotiated: true,
      events: { afterMs: 60, audioBeside: true },
      tone: () => key({ durationMs: 140 }),
    }),
    aCase('events negotiated, tones sent', { isHard: true, eventsNegotiated: true }),
    aCase('re-INVITE in mid-tone: the customer moves', {
      isHard: true,
      changes: everyFourth((atMs, turn) => ({
        atMs,
        side: 'customer',
        codec: 'PCMU',
        phone: turn % 2 === 0 ? 1 : 0,
      })),
    }),
    aCase('re-INVITE in mid-tone: the agent changes its codec', {
      changes: everyFourth((atMs, turn) => ({
        atMs,
        side: 'clean',
        codec: turn % 2 === 0 ? 'PCMA' : 'PCMU',
        phone: 0,
      })),
    }),
    aCase('G.722 to u-law', { codec: 'G722' }),
    aCase('G.722 on both legs', { codec: 'G722', cleanCodec: 'G722' }),
    aCase('Opus to u-law', { isHard: true, codec: 'opus' }),
    aCase('Opus in speech mode to A-law, a voice 9 dB below', {
      codec: 'opus',
      cleanCodec: 'PCMA',
      opus: OPUS_APPLICATION,
      talkOverDbm0: -21,
      tone: () => key(),
    }),
    aCase('Opus on both legs', { codec: 'opus', cleanCodec: 'opus' }),
    aCase('Opus in speech mode on both legs, each packet repeating the one before', {
      codec: 'opus',
      cleanCodec: 'opus',
      opus: OPUS_APPLICATION,
    }),
    aCase('Opus on both legs, levels of 0 to -36 dBm0', {
      codec: 'opus',
      cleanCodec: 'opus',
      tone: (r) => key({ levelDbm0: r.between(-36, 0) }),
    }),
    aCase('Opus on both legs, 5 % lost, card late', {
      ...lossy(5),
      codec: 'opus',
      cleanCodec: 'opus',
      opus: OPUS_APPLICATION,
      lateness: 0.6,
    }),
    aCase('Opus on both legs, packets of 60 ms', { codec: 'opus', cleanCodec: 'opus', packetTimeMs: 60 }),
    aCase('u-law to Opus', { cleanCodec: 'opus' }),
    aCase('SRTP (AES_CM_128) on both legs, new keys in mid-tone', {
      isHard: true,
      srtp: { customer: 'AES_CM_128_HMAC_SHA1_80', clean: 'AES_CM_128_HMAC_SHA1_80' },
      changes: everyFourth((atMs, turn) => ({
        atMs,
        side: 'customer',
        codec: 'PCMU',
        phone: turn % 2 === 0 ? 1 : 0,
      })),
    }),
    aCase('SRTP (AEAD_AES_128_GCM) from the customer, 5 % lost, card late', {
      ...lossy(5),
      srtp: { customer: 'AEAD_AES_128_GCM' },
      lateness: 0.6,
    }),
    aCase('SRTP (AES_CM_128) to the agent, 5 % reordered', {
      srtp: { clean: 'AES_CM_128_HMAC_SHA1_80' },
      network: { ...CALM, reorderPercent: 5 },
    }),
    aCase('SRTP with Opus on both legs, AEAD_AES_128_GCM to AES_CM_128', {
      codec: 'opus',
      cleanCodec: 'opus',
      srtp: { customer: 'AEAD_AES_128_GCM', clean: 'AES_CM_128_HMAC_SHA1_80' },
    }),
    aCase('packets of 10 ms', { packetTimeMs: 10 }),
    aCase('packets of 30 ms', { packetTimeMs: 30 }),
    aCase('packets of 60 ms', { packetTimeMs: 60 }),
    aCase('masked with a tone', { mask: { style: 'flat_tone', hold: 'per_key' } }),
    aCase('masked with noise', { mask: { style: 'comfort_noise', hold: 'per_key' } }),
    aCase('masked until idle', { mask: { style: 'silence', hold: 'until_idle' } }),
    aCase('masked for the whole field', { mask: { style: 'comfort_noise', hold: 'whole_field' } }),
  ];
}

/** A change in the middle of every fourth key. */
const everyFourth =
  (change: (atMs: number, turn: number) => PlannedChange): LeakCase['changes'] =>
  (keys) =>
    keys.filter((_, n) => n % 4 === 1).map(({ startMs, endMs }, turn) => change((startMs + endMs) / 2, turn));
