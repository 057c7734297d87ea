import type { BridgeSide } from '../ports/media-relay.ts';
import type { Reoffer } from '../ports/sip-calls.ts';
import type { MediaPath } from './media-path.ts';
import { sdpRefusal } from './refusals.ts';

/** Answers a re-INVITE or UPDATE on a leg; `path` is undefined where there is no media any more, or not yet. False: refused. */
export function answerReoffer(path: MediaPath | undefined, side: BridgeSide, reoffer: Reoffer): boolean {
  if (path === undefined) {
    reoffer.reject(481);
    return false;
  }
  const answer = path.answerReoffer(side, reoffer.sdp);
  if (answer.ok) reoffer.accept(answer.value);
  else reoffer.reject(488, sdpRefusal(answer.problem).headers);
  return answer.ok;
}
