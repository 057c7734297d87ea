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
  /** The same measure on the agent's audio while nobody keyed: what speech alone reads. */
  readonly speechFloorDbm0: number;
  readonly gapMs: {
    readonly engage: { readonly to_agent: number; readonly to_customer: number };
    readonly restore: { readonly to_agent: number; readonly to_customer: number };
  };
  /** Whether each heard the other, in each stretch of the call: correlation of what was said with what was heard. */
  readonly talk: readonly { readonly when: string; readonly to: string; readonly correlation: number }[];
}

/** Around a switch of media: from well before it is asked for until it has settled. */
const BEFORE_SWITCH_MS = 200;
const AFTER_SWITCH_MS = 600;

/** Speech that is correlated: two seconds tell for certain. */
const LISTEN_MS = 2_000;

export function gatherEvidence(
  payments: readonly PaymentRecord[],
  { customer, agent }: WorldReports,
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
    speechFloorDbm0: speechFloor(first, customer, agent),
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
  return added ?? Number.NaN;
}

/** The keys that were never pressed, looked for just before the first one was: the floor of the residue measure. */
function speechFloor(payment: PaymentRecord, customer: PhoneReport, agent: PhoneReport): number {
  const ghosts = customer.keys.slice(0, 16).map((key, index) => {
    const startMs = payment.keysFromMs - LISTEN_MS + index * 100;
    return { ...key, startMs, endMs: startMs + 100 };
  });
  return toneResidueDbm0(agent.heard, ghosts);
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
    // The last of what was said may still be on its way when the recording ends.
    const span = { fromMs, toMs: fromMs + LISTEN_MS - 300 };
    return [
      { when, to: 'agent', correlation: audioDelay(customer.sent, agent.heard, span)?.correlation ?? 0 },
      { when, to: 'customer', correlation: audioDelay(agent.sent, customer.heard, span)?.correlation ?? 0 },
    ];
  });
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
