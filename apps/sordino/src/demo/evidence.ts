import {
  audioDelay,
  type CapturedPacket,
  type Delay,
  dtmfDecode,
  gapMs,
  HeardAudio,
  hostMsOfUnix,
  type PhoneReport,
  type TelephoneEvent,
  type TimedAudio,
  telephoneEvents,
  toneResidueDbm0,
  type WorldReports,
} from '@sordino/testkit';
import type { PaymentRecord } from './payment.ts';

/** What the simulated phones and the platform really received, in figures. Nothing here is said by Sordino. */
export interface Evidence {
  readonly createToReadyMs: number;
  readonly lookbackMs: number;
  readonly digitsReadableOnLeg7: number;
  readonly digitsReadableByAgent: number;
  readonly telephoneEventsOnLeg7: number;
  readonly toneResidueDbm0Max: number;
  readonly gapMs: {
    readonly engage: { readonly to_agent: number; readonly to_customer: number };
    readonly restore: { readonly to_agent: number; readonly to_customer: number };
  };
  /** Legs 5 and 7 as the platform saw them: per cycle, whether each came up and was released. */
  readonly dialogs: readonly { readonly leg: string; readonly path: string }[];
  /**
   * Whether each heard the other, in each stretch of the call: correlation of what was said with what was heard, in the second best of
   * seven words. Other speech reads 0.2 to 0.5; a machine that stands still costs the words in which it does.
   */
  readonly talk: readonly { readonly when: string; readonly to: string; readonly correlation: number }[];
}

/** Around a switch of media: from well before it is asked for until it has settled. */
const BEFORE_SWITCH_MS = 200;
const AFTER_SWITCH_MS = 600;

/** How much of each stretch is listened to. */
const LISTEN_MS = 2_000;

/** Long enough to be told from any other quarter of a second of speech; the last may still be on its way when the recording ends. */
const WORD_MS = 250;
const WORDS = 7;

/** A stretch of speech that came through reads 0.9 and more; other speech reads 0.2. */
export const HEARD_CORRELATION_MIN = 0.7;

export function gatherEvidence(
  payments: readonly PaymentRecord[],
  { customer, agent, platform }: WorldReports,
  leg7: readonly CapturedPacket[],
): Evidence {
  const engaged = payments.map(({ readyMs, restoringMs }) => ({ fromMs: readyMs, toMs: restoringMs }));
  const first = payments[0];
  if (first === undefined) throw new Error('no payment was played');
  const worst = (measure: (payment: PaymentRecord) => number): number => Math.max(...payments.map(measure));
  const engageGap = (heard: TimedAudio) => (payment: PaymentRecord) =>
    gapMs(heard, payment.createdMs - BEFORE_SWITCH_MS, payment.readyMs + AFTER_SWITCH_MS);
  const restoreGap = (heard: TimedAudio) => (payment: PaymentRecord) =>
    gapMs(heard, payment.restoringMs - BEFORE_SWITCH_MS, payment.restoredMs + AFTER_SWITCH_MS);

  return {
    createToReadyMs: worst(({ createdMs, readyMs }) => readyMs - createdMs),
    lookbackMs: addedDelayMs(first, customer, agent),
    digitsReadableOnLeg7: readableKeys(leg7),
    digitsReadableByAgent: dtmfDecode(agent.heard.samples).length,
    telephoneEventsOnLeg7: eventsOn(leg7).length,
    toneResidueDbm0Max: toneResidueDbm0(agent.heard, customer.keys),
    gapMs: {
      engage: {
        to_agent: worst(engageGap(agent.heard)),
        to_customer: worst(engageGap(customer.heard)),
      },
      restore: {
        to_agent: worst(restoreGap(agent.heard)),
        to_customer: worst(restoreGap(customer.heard)),
      },
    },
    dialogs: platform.legs
      .filter(({ role }) => role === 'leg5_in' || role === 'leg7_out')
      .map(({ role, cycle, states }) => ({
        leg: `payment ${cycle}: ${role}`,
        path: states.map(({ state }) => state).join(' › '),
      })),
    talk: payments.flatMap((payment, index) =>
      talkAround(payment, engaged[index]?.fromMs ?? 0, customer, agent),
    ),
  };
}

/** The delay of the customer's voice while engaged, less that of the direct path before. Not a number: it was not heard. */
function addedDelayMs(payment: PaymentRecord, customer: PhoneReport, agent: PhoneReport): number {
  const delayFrom = (fromMs: number): number =>
    median(
      wordsHeard(customer.sent, agent.heard, fromMs).flatMap((word) =>
        word !== undefined && word.correlation >= HEARD_CORRELATION_MIN ? [word.delayMs] : [],
      ),
    );
  return Math.max(0, delayFrom(payment.keysFromMs - LISTEN_MS) - delayFrom(payment.createdMs - LISTEN_MS));
}

function talkAround(
  payment: PaymentRecord,
  engagedMs: number,
  customer: PhoneReport,
  agent: PhoneReport,
): Evidence['talk'] {
  const stretches = [
    ['before', payment.createdMs - LISTEN_MS],
    ['engaged', Math.max(engagedMs, payment.keysFromMs - LISTEN_MS)],
    ['after', payment.restoredMs],
  ] as const;
  return stretches.flatMap(([when, fromMs]) => {
    return [
      { when, to: 'agent', correlation: heardOf(customer.sent, agent.heard, fromMs) },
      { when, to: 'customer', correlation: heardOf(agent.sent, customer.heard, fromMs) },
    ];
  });
}

function heardOf(said: TimedAudio, heard: TimedAudio, fromMs: number): number {
  const correlations = wordsHeard(said, heard, fromMs).map((word) => word?.correlation ?? 0);
  return correlations.sort((one, other) => other - one)[1] ?? 0;
}

/** Word by word: a hiccup of the machine moves what follows it, and must not count against all that came before. */
function wordsHeard(said: TimedAudio, heard: TimedAudio, fromMs: number): (Delay | undefined)[] {
  return Array.from({ length: WORDS }, (_, word) => {
    const startMs = fromMs + word * WORD_MS;
    return audioDelay(said, heard, { fromMs: startMs, toMs: startMs + WORD_MS });
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? Number.NaN;
}

/** Leg 7 as the platform's socket received it, laid out as audio and read by a decoder that shares nothing with ours. */
function readableKeys(packets: readonly CapturedPacket[]): number {
  return dtmfDecode(playOut(packets).timeline().samples).length;
}

function eventsOn(packets: readonly CapturedPacket[]): TelephoneEvent[] {
  return telephoneEvents(playOut(packets).packets);
}

function playOut(packets: readonly CapturedPacket[]): HeardAudio {
  const heard = new HeardAudio();
  heard.learnCodec(0, 'PCMU');
  heard.learnCodec(8, 'PCMA');
  for (const { kind, from, atMs, bytes } of packets) {
    if (kind === 'rtp') heard.receive(bytes, from, hostMsOfUnix(atMs));
  }
  return heard;
}
