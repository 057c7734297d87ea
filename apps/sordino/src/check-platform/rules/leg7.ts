import { audioOf, type Seen } from '../call-view.ts';
import { advice, ask, type Finding, mustChange, notSeen, pass } from '../report.ts';

/** The platform takes leg 7, in the order of the profile and in time; and what it records. */
export function leg7(seen: Seen): readonly Finding[] {
  const { call } = seen;
  if (call.invite7 === undefined) return [notSeen('leg 7', 'no INVITE 7 was sent')];
  return [...taken(seen), ...recorder(seen)];
}

function taken({ call, platform }: Seen): readonly Finding[] {
  const { invite7, answer7, answer5 } = call;
  const limitMs = platform.timers.leg7_answer_ms;
  if (call.failureCode === 'leg7_no_answer') {
    const hint =
      platform.commit === 'after_leg7'
        ? 'take leg 7 before leg 5 is answered, or set commit to at_once'
        : 'answer it, or raise timers.leg7_answer_ms';
    return [
      mustChange('leg 7', `INVITE 7 to ${platform.return_uri} had no answer in ${limitMs} ms: ${hint}`),
    ];
  }
  const { status = 0 } = answer7 ?? {};
  if (status >= 300)
    return [mustChange('leg 7', `INVITE 7 was refused with ${status}: ${whyRefused(status)}`)];
  if (answer7 === undefined || invite7 === undefined)
    return [notSeen('leg 7', 'INVITE 7 was given up before its answer')];
  const tookMs = Math.round(answer7.atMs - invite7.atMs);
  const order =
    answer5 !== undefined && answer5.atMs < answer7.atMs
      ? 'after leg 5 was answered'
      : 'before leg 5 was answered';
  return [
    pass('leg 7', `was taken ${order}, in ${tookMs} ms`),
    ...(2 * tookMs > limitMs
      ? [
          advice(
            'leg 7 answer time',
            `${tookMs} ms is more than half of timers.leg7_answer_ms (${limitMs}): raise it, or answer sooner`,
          ),
        ]
      : []),
  ];
}

function whyRefused(status: number): string {
  if (status === 404 || status === 481)
    return 'it did not find its call; send correlation_headers, or put {call_id} into return_uri';
  if (status === 401 || status === 407) return 'it wants credentials; set platforms[].auth';
  if (status === 403) return "allow Sordino's address";
  if (status === 415 || status === 488)
    return 'it takes none of the codecs offered; compare with platforms[].codecs';
  return 'the platform must take it and join it to the agent';
}

/** RFC 7866 §6.2: `a=record` tells of a recorder; without it nothing on the wire does. */
function recorder({ call }: Seen): readonly Finding[] {
  const onLeg5 = call.descriptions(5).map((sdp) => audioOf(sdp)?.record);
  const onLeg7 = call.descriptions(7).map((sdp) => audioOf(sdp)?.record);
  const recorded: Finding[] = [];
  if (onLeg5.includes('on'))
    recorded.push(
      mustChange(
        'recorder',
        "a=record:on on leg 5: the customer's side is recorded, with the tones in it; record leg 7 instead",
      ),
    );
  if (onLeg7.includes('on'))
    recorded.push(pass('recorder', 'a=record:on on leg 7: what is recorded is clean'));
  if (recorded.length > 0) return recorded;
  return [
    ask(
      'recorder',
      'which side does it record while leg 7 is up? It must be leg 7 (or the agent), never leg 4 or 5, where the tones are',
    ),
  ];
}
