import type { CallFailureCode } from '../events.ts';
import type { ReturnAddressProblem } from '../platform/return-address.ts';
import type { BridgeRefusal } from '../ports/media-relay.ts';
import type { SdpProblem } from '../ports/sdp-negotiator.ts';
import type { SipHeaders } from '../ports/sip-calls.ts';

/** A refusal of leg 5 before the commit point: the platform gets a final answer and the original call was never touched. */
export interface Leg5Refusal {
  readonly status: number;
  readonly code: CallFailureCode;
  readonly text: string;
  readonly headers: SipHeaders;
}

/** Seconds after which an overloaded or draining process may be asked again. */
const RETRY_AFTER_S = '5';

const reasonHeader = (status: number, text: string): readonly [string, string] => [
  'Reason',
  `SIP ;cause=${status} ;text="${text}"`,
];

/** RFC 3261 §20.43 warn-codes: 305 incompatible media format, 304 media type not available, 399 miscellaneous. */
export function sdpRefusal(problem: SdpProblem): Leg5Refusal {
  const warning = { no_common_codec: 305, no_common_crypto: 399, no_audio: 304, malformed: 399 }[
    problem.code
  ];
  const text = problem.message.replace(/["\\\r\n]/g, "'");
  return {
    status: 488,
    code: problem.code === 'malformed' || problem.code === 'no_audio' ? 'bad_sdp' : 'no_common_codec',
    text: problem.message,
    headers: [['Warning', `${warning} sordino "${text}"`], reasonHeader(488, text)],
  };
}

/** Leg 7 would have gone to a host that nobody configured: nothing of it leaves. */
export function returnAddressRefusal({ from, message }: ReturnAddressProblem): Leg5Refusal {
  const text = `the return address of the ${from} is not allowed: ${message}`;
  return { status: 403, code: 'return_address_not_allowed', text, headers: [reasonHeader(403, text)] };
}

export function relayRefusal(refusal: BridgeRefusal): Leg5Refusal {
  const draining = refusal === 'draining';
  const text = draining ? 'draining' : 'no media capacity';
  return {
    status: 503,
    code: draining ? 'draining' : 'overloaded',
    text,
    headers: [['Retry-After', RETRY_AFTER_S], reasonHeader(503, text)],
  };
}

export function leg7Refusal(
  code: 'leg7_refused' | 'leg7_no_answer',
  status: number | undefined,
): Leg5Refusal {
  const text = code === 'leg7_refused' ? `leg 7 refused with ${status ?? 'an error'}` : 'leg 7 not answered';
  return {
    status: 503,
    code,
    text,
    headers: [['Retry-After', RETRY_AFTER_S], reasonHeader(503, text)],
  };
}

/** We were asked to hand the call back, or to go down, before there was anything to hand back. */
export function releaseRefusal(code: CallFailureCode, text: string): Leg5Refusal {
  const status = code === 'shutdown' ? 503 : 480;
  const retry: SipHeaders = code === 'shutdown' ? [['Retry-After', RETRY_AFTER_S]] : [];
  return { status, code, text, headers: [...retry, reasonHeader(status, text)] };
}

/** One text for unknown, used, expired and ambiguous: a prober learns nothing (design section 7). */
export const RENDEZVOUS_REFUSAL: { readonly status: number; readonly headers: SipHeaders } = {
  status: 404,
  headers: [reasonHeader(404, 'rendezvous unknown, used, expired or ambiguous')],
};

export const DRAINING_REFUSAL: { readonly status: number; readonly headers: SipHeaders } = {
  status: 503,
  headers: [['Retry-After', RETRY_AFTER_S], reasonHeader(503, 'draining')],
};
