import type { Seen } from '../call-view.ts';
import { type Finding, mustChange, notSeen, pass } from '../report.ts';

/** The customer's media comes to us, the agent's comes on leg 7. */
export function media(seen: Seen): readonly Finding[] {
  return [...readiness(seen), ...agentsAudio(seen)];
}

/** What the platform left undone, by the failure that came of it. */
const UNDONE: Readonly<Record<string, string>> = {
  no_media:
    "no media of the customer came: give the SDP of our 200 on leg 5 to the customer's side by re-INVITE on leg 4",
  leg5_ack_lost:
    'the 200 on leg 5 was never acknowledged: send the ACK, in the delayed offer with the answer of the customer',
  leg5_released: 'leg 5 was released before the customer was here',
  bad_sdp: 'the ACK brought no usable answer: with a delayed offer the answer of the customer goes into it',
};

function readiness({ call }: Seen): readonly Finding[] {
  const gap = call.event('session.engaged')?.data.gap_ms;
  if (call.ready)
    return [pass('media', `the customer is here and clean audio flows; the gap was at most ${gap} ms`)];
  const strangers = call.media('leg6_media')?.foreign_in ?? 0;
  if (strangers > 0) {
    return [
      mustChange(
        'media',
        `${strangers} packets came from an address that no SDP on leg 5 had named, and none from the one that was: name the customer's real media address, or set leg5_media to what the platform does`,
      ),
    ];
  }
  const code = call.failureCode ?? 'not_ready';
  return [mustChange('media', UNDONE[code] ?? `the call never was ready: ${code}`)];
}

/** Leg 7 that brings nothing was taken and never joined. */
function agentsAudio({ call }: Seen): readonly Finding[] {
  const clean = call.media('leg7_out');
  if (!call.ready || clean === undefined) return [notSeen("agent's audio", 'the call was not ready')];
  if (clean.packets_in > 0) return [pass("agent's audio", `${clean.packets_in} packets came on leg 7`)];
  return [
    mustChange(
      "agent's audio",
      'nothing came on leg 7: join it to the agent (leg 8), so that the customer hears them',
    ),
  ];
}
