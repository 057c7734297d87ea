import type { Seen } from '../call-view.ts';
import { advice, type Finding, mustChange, notSeen, pass } from '../report.ts';

/** Restore (c-1): BYE on 5, the customer goes back to the platform, the platform sends BYE on 7. */
export function restoring({ call, platform }: Seen): readonly Finding[] {
  const restoringAt = call.event('session.restoring')?.created;
  if (!call.ready || restoringAt === undefined) return [notSeen('restore', 'the call never was with us')];
  const findings: Finding[] = [];
  const restored = call.event('session.restored');
  const takeBackS = platform.timers.take_back_ms / 1_000;
  if (call.event('session.degraded') !== undefined || restored === undefined) {
    findings.push(
      mustChange(
        'restore',
        `${takeBackS} s after our BYE on leg 5 the customer still was with us: re-INVITE the customer to yourself when leg 5 ends`,
      ),
    );
  } else {
    findings.push(
      pass(
        'restore',
        `the customer was back ${restored.created - restoringAt} ms after leg 5 was released; gap at most ${restored.data.gap_ms ?? 'unknown'} ms`,
      ),
    );
  }
  const [theirs, again] = call.requests(7, 'in', 'BYE');
  const [ours] = call.requests(7, 'out', 'BYE');
  if (theirs !== undefined) findings.push(pass('BYE on leg 7', 'came from the platform'));
  else if (ours !== undefined && restored !== undefined)
    findings.push(
      mustChange(
        'BYE on leg 7',
        'did not come in 5 s, so Sordino sent it: end leg 7 when customer and agent are joined again',
      ),
    );
  if (again !== undefined) findings.push(mustChange('BYE on leg 7', 'came twice as different requests'));
  if (call.requests(5, 'in', 'BYE').length > 0)
    findings.push(advice('BYE on leg 5', 'crossed ours: harmless, and not needed'));
  return findings;
}
