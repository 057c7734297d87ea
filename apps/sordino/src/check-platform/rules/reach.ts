import type { Seen } from '../call-view.ts';
import { advice, type Finding, mustChange, notSeen, pass } from '../report.ts';

const ITEM = 'OPTIONS';

/** The platform answers OPTIONS, and takes what the dance needs. */
export function reach({ platform }: Seen): readonly Finding[] {
  const { probe } = platform;
  if (probe.state === 'unreachable') {
    const why = probe.status === null ? (probe.reason ?? 'no answer') : `it answered ${probe.status}`;
    return [
      mustChange(
        ITEM,
        `${platform.return_uri} does not answer (${why}): let SIP from Sordino's address through and answer OPTIONS (RFC 3261 §11), with any status; else an outage is first seen by an agent`,
      ),
    ];
  }
  const answered = `answered ${probe.status} in ${probe.round_trip_ms} ms`;
  if (probe.missing.length > 0) return probe.missing.map((words) => mustChange(ITEM, words));
  if (probe.allow === null) return [pass(ITEM, answered), notSeen('Allow', 'the answer has no Allow header')];
  const update = probe.allow.some((method) => method.toUpperCase() === 'UPDATE');
  return [
    pass(ITEM, `${answered}; Allow: ${probe.allow.join(', ')}`),
    ...(update ? [] : [advice('UPDATE', 'is not in Allow: session timers are then refreshed by re-INVITE')]),
  ];
}
