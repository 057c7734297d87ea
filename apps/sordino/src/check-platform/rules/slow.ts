import type { Seen } from '../call-view.ts';
import { INVITE_TIMER_MIN_MS } from '../patience.ts';
import { advice, type Finding, mustChange, notSeen, pass } from '../report.ts';

const ITEM_INVITE = 'INVITE timer';
const ITEM_RTP = 'RTP-loss timer';

/** What takes a call of its own: how long the platform waits for an answer, and for media. */
export function slow(seen: Seen): readonly Finding[] {
  return [inviteTimer(seen), rtpLoss(seen)];
}

function inviteTimer({ held, holdMs }: Seen): Finding {
  if (held === undefined)
    return notSeen(ITEM_INVITE, 'run with --slow to see how long INVITE 5 may wait for its answer');
  const { invite5 } = held;
  if (invite5 === undefined) return notSeen(ITEM_INVITE, 'the second test call did not come');
  const [cancel] = held.requests(5, 'in', 'CANCEL');
  if (cancel === undefined) return pass(ITEM_INVITE, `INVITE 5 waited ${holdMs / 1_000} s for its answer`);
  const waitedMs = Math.round(cancel.atMs - invite5.atMs);
  return waitedMs < INVITE_TIMER_MIN_MS
    ? mustChange(
        ITEM_INVITE,
        `INVITE 5 was canceled after ${waitedMs} ms: let it wait ${INVITE_TIMER_MIN_MS / 1_000} s at least`,
      )
    : pass(
        ITEM_INVITE,
        `INVITE 5 was canceled after ${waitedMs} ms, later than the ${INVITE_TIMER_MIN_MS / 1_000} s that are needed`,
      );
}

function rtpLoss({ silent, silentSinceMs, lossMs }: Seen): Finding {
  if (silent === undefined)
    return notSeen(ITEM_RTP, 'run with --slow to see what the platform does when our media stops');
  if (silentSinceMs === undefined) return notSeen(ITEM_RTP, 'the third test call was not ready');
  const bye = [...silent.requests(5, 'in', 'BYE'), ...silent.requests(7, 'in', 'BYE')]
    .map(({ atMs }) => atMs - silentSinceMs)
    .filter((afterMs) => afterMs > 0 && afterMs <= lossMs)
    .sort((a, b) => a - b)[0];
  return bye === undefined
    ? advice(
        ITEM_RTP,
        `${lossMs / 1_000} s without media and no BYE: without an RTP timeout two people stay in silence when a machine dies; the guardian of \`sordino start\` ends such calls`,
      )
    : pass(ITEM_RTP, `BYE came ${Math.round(bye)} ms after our media stopped`);
}
