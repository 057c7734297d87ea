import type { Topology } from '../call/topology.ts';
import type { SessionId } from '../ids.ts';
import type { PaymentStatus } from '../payment/status.ts';

/** `POST /v1/test/faults`: rehearsals of the failure table on a live test call. */

/**
 * When a fault can take effect. `invite`: with the INVITE on leg 5, so it has to be armed before that comes · `engaged`: at once, or as soon as the
 * session is `ready` · `charge`: with the next confirm · `restore`: with the next hand-back · `reinvite`: with the platform's next
 * re-INVITE · `now`: at once, whatever the call does · `next_refer`: with the next session of the same call, if that asks by REFER.
 */
export type FaultTiming = 'invite' | 'engaged' | 'charge' | 'restore' | 'reinvite' | 'now' | 'next_refer';

/** Where the session ends up (for `next_refer`: the next one). Null: as it would without the fault. */
export interface FaultExpectation {
  readonly topology: Topology | null;
  readonly status: PaymentStatus | null;
  /** `result.failure_code`, or the code of the event or error that tells of it. */
  readonly code: string | null;
  readonly call_safe: boolean;
}

export interface FaultKind {
  readonly timing: FaultTiming;
  /** What will happen, for whoever arms it. */
  readonly description: string;
  readonly expected: FaultExpectation;
}

const restored = (code: string, status: PaymentStatus = 'failed'): FaultExpectation => ({
  topology: 'restored',
  status,
  code,
  call_safe: true,
});
const untouched = (code: string, status: PaymentStatus = 'failed'): FaultExpectation => ({
  topology: 'original',
  status,
  code,
  call_safe: true,
});
const unharmed = (code: string | null): FaultExpectation => ({
  topology: null,
  status: null,
  code,
  call_safe: true,
});
const settled = (topology: Topology, code: string): FaultExpectation => ({
  topology,
  status: 'approved',
  code,
  call_safe: topology !== 'lost',
});

/** Every fault by name, in the order of the failure table. */
export const FAULT_KINDS = {
  no_invite: {
    timing: 'invite',
    description:
      'Every INVITE for this session is answered 404, as if none had come, until its start.timeout_ms is over.',
    expected: untouched('no_invite', 'expired'),
  },
  refer_refused: {
    timing: 'next_refer',
    description:
      'The REFER of the next session for this call (start.method: refer) is not sent; it ends as if the platform had answered 603.',
    expected: untouched('refer_refused'),
  },
  rendezvous_unknown: {
    timing: 'invite',
    description: 'The next INVITE is answered 404, as if its token were unknown; the one after it is taken.',
    expected: { topology: 'original', status: 'awaiting_media', code: null, call_safe: true },
  },
  no_common_codec: {
    timing: 'invite',
    description: 'The INVITE is read as if it offered G.729 only: 488 with a Warning.',
    expected: untouched('no_common_codec'),
  },
  overloaded: {
    timing: 'invite',
    description: 'The relay has no room for this call: 503 with Retry-After.',
    expected: untouched('overloaded'),
  },
  leg7_refused: {
    timing: 'invite',
    description:
      'INVITE 7 is not sent; it ends as if the platform had answered 486: 503 on leg 5 (commit at_once: BYE on leg 5).',
    expected: untouched('leg7_refused'),
  },
  leg7_no_answer: {
    timing: 'invite',
    description:
      'INVITE 7 is not sent and stays unanswered for the 2 s that the platform has: 503 on leg 5 (commit at_once: BYE on leg 5).',
    expected: untouched('leg7_no_answer'),
  },
  leg5_canceled: {
    timing: 'invite',
    description:
      'As soon as INVITE 7 is out, leg 5 is answered 487 as if the platform had sent CANCEL; leg 7 is canceled.',
    expected: untouched('leg5_canceled', 'canceled'),
  },
  ack_lost: {
    timing: 'invite',
    description: 'The ACK of leg 5 is not taken; after 3 s instead of 32 s leg 5 is given up: BYE on leg 5.',
    expected: restored('leg5_ack_lost'),
  },
  no_media: {
    timing: 'invite',
    description: "The customer's packets are not taken from the start: after 5 s BYE on leg 5.",
    expected: restored('no_media'),
  },
  glare: {
    timing: 'reinvite',
    description:
      "The platform's next re-INVITE on leg 5 or 7 is answered 491; it has to come again by RFC 3261 14.1, and is waited for up to 20 s.",
    expected: unharmed(null),
  },
  media_stalled: {
    timing: 'engaged',
    description:
      "From now on no packet of the customer's is taken: leg 6 is stalled after 2 s, and after 5 s BYE on leg 5.",
    expected: restored('no_media'),
  },
  keys_on_wrong_transport: {
    timing: 'engaged',
    description:
      'The next key is taken as if it had come by another transport than was agreed: dtmf.transport_unexpected and field.hint; capture goes on.',
    expected: unharmed('transport_unexpected'),
  },
  mask_off: {
    timing: 'engaged',
    description:
      'The mask of this call is switched off. Key tones get on leg 7 until a second detector hears one, within one key: mask.leak_suspected, and leg 7 is muted until the field ends, and for 3 s at least. Press tones: telephone-events have no way to leg 7, masked or not.',
    expected: unharmed('leak_suspected'),
  },
  agent_left: {
    timing: 'engaged',
    description:
      'Leg 7 is taken for ended, as by the BYE of an agent who left: digits are wiped, BYE on leg 5.',
    expected: restored('agent_left', 'canceled'),
  },
  customer_hangup: {
    timing: 'engaged',
    description:
      'BYE on leg 5, taken for the BYE of a customer who hung up: digits are wiped, leg 7 is closed. The platform has its call back, whatever we say of it.',
    expected: { topology: 'lost', status: 'canceled', code: 'customer_hangup', call_safe: false },
  },
  held: {
    timing: 'engaged',
    description:
      'Leg 5 is held for 3 s, as by a re-INVITE of the platform, and taken off hold again: never unmasked, no alarm.',
    expected: unharmed(null),
  },
  refer_received: {
    timing: 'engaged',
    description:
      'A REFER on leg 5 is refused with 603, as if the platform had sent one; leg.updated tells of it.',
    expected: unharmed('refer_refused'),
  },
  refresh_failed: {
    timing: 'engaged',
    description: 'The session refresh of leg 5 fails, as with 408: BYE on leg 5.',
    expected: restored('leg5_lost'),
  },
  relay_worker_lost: {
    timing: 'engaged',
    description:
      "This call's relay is gone: both legs are moved to another one by re-INVITE, masked from the first packet. The open field is asked for again.",
    expected: { topology: 'degraded', status: null, code: 'relay_lost', call_safe: true },
  },
  relay_move_refused: {
    timing: 'engaged',
    description: "This call's relay is gone and the re-INVITE on leg 5 is refused with 488: BYE on leg 5.",
    expected: restored('relay_lost'),
  },
  process_killed: {
    timing: 'now',
    description:
      'This process is killed (SIGKILL) in a moment: its guardian hands every call back and starts another. Refused where a live session is open.',
    expected: restored('interrupted'),
  },
  gateway_slow: {
    timing: 'charge',
    description:
      "The gateway's answer is held back until the charge is given up, after 3 s instead of 20 s: payment.unknown, then the result. Nothing is sent twice.",
    expected: settled('restored', 'gateway_too_slow'),
  },
  gateway_answer_lost: {
    timing: 'charge',
    description:
      "The gateway's answer is thrown away: payment.unknown, then the result by reference. Nothing is sent twice.",
    expected: settled('restored', 'answer_lost'),
  },
  call_dropped_while_processing: {
    timing: 'charge',
    description: 'customer_hangup while the gateway is asked: the payment finishes and stays readable.',
    expected: settled('lost', 'customer_hangup'),
  },
  not_taken_back: {
    timing: 'restore',
    description:
      'BYE on leg 5 is held back until the hand-back is overdue, after 10 s, and 3 s more: people talk on through us, masked; then the call goes back.',
    expected: { topology: 'restored', status: null, code: 'not_taken_back', call_safe: true },
  },
  storage_unavailable: {
    timing: 'now',
    description:
      'For 5 s no change of this session can be stored: verbs are answered 503, and the legs do not mind.',
    expected: unharmed('storage_unavailable'),
  },
} as const satisfies Readonly<Record<string, FaultKind>>;

export type FaultName = keyof typeof FAULT_KINDS;
export const FAULT_NAMES = Object.keys(FAULT_KINDS) as readonly FaultName[];

export interface ArmFaultBody {
  readonly session: SessionId;
  readonly fault: FaultName;
}

export interface TestFaultObject {
  readonly id: string;
  readonly object: 'test_fault';
  readonly livemode: false;
  /** Unix seconds. */
  readonly created: number;
  readonly session: SessionId;
  readonly fault: FaultName;
  readonly description: string;
  readonly expected: FaultExpectation;
  readonly state: 'armed' | 'fired';
}

export interface FaultKindObject extends FaultKind {
  readonly object: 'test_fault_kind';
  readonly fault: FaultName;
}
