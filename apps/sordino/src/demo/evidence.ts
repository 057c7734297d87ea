import {
  audioDelay,
  type CapturedPacket,
  dtmfDecode,
  gapMs,
  HeardAudio,
  hostMsOfUnix,
  lookbackMs,
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
  /** Whether each heard the other, in each stretch of the call: median correlation of what was said with what was heard. */
  readonly talk: readonly { readonly when: string; readonly to: string; readonly correlation: number }[];
}

/** Around a switch of media: from well before it is asked for until it has settled. */
const BEFORE_SWITCH_MS = 200;
const AFTER_SWITCH_MS = 600;

/** Speech whose delay is measured: two seconds tell it to an eighth of a millisecond. */
const LISTEN_MS = 2_000;

/** Long enough to be told from any other half second of speech; the last may still be on its way when the recording ends. */
const WORD_MS = 350;
const WORDS = 5;

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

/** The delay of the customer's voice while engaged, less that of the direct path before. */
function addedDelayMs(payment: PaymentRecord, customer: PhoneReport, agent: PhoneReport): number {
  const direct = audioDelay(customer.sent, agent.heard, {
    fromMs: payment.createdMs - LISTEN_MS,
    toMs: payment.createdMs,
  });
  const added = lookbackMs(customer.sent, agent.heard, {
    fromMs: payment.keysFromMs - LISTEN_MS,
    toMs: payment.keysFromMs,
    directDelayMs: direct?.delayMs ?? 0,
  });
  console.error(
    'DBG',
    direct,
    audioDelay(customer.sent, agent.heard, {
      fromMs: payment.keysFromMs - LISTEN_MS,
      toMs: payment.keysFromMs,
    }),
    audioDelay(customer.sent, agent.heard, { fromMs: payment.restoredMs, toMs: payment.restoredMs + 1500 }),
  );
  return added ?? Number.NaN;
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

/** Word by word: a hiccup of the machine moves what follows it, and must not count against all that came before. */
function heardOf(said: TimedAudio, heard: TimedAudio, fromMs: number): number {
  const correlations = Array.from({ length: WORDS }, (_, word) => {
    const startMs = fromMs + word * WORD_MS;
    return audioDelay(said, heard, { fromMs: startMs, toMs: startMs + WORD_MS })?.correlation ?? 0;
  });
  return correlations.sort((one, other) => one - other)[WORDS >> 1] ?? 0;
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
