import type { Log, Scheduler } from '@sordino/core';
import { readDialogFile, type StoredDialogs, sayFarewell, settleDialogFile } from '@sordino/sip/farewell';

/** RFC 3261 timer F, less what was waited already: until then a peer may still answer. */
const SECOND_TRY_MS = 27_000;

/**
 * Ends every leg that a dead process left in `file`, and says in the log how that went. Never rejects. Who has not answered is asked
 * on in the background, while the next service has the ports. Returns the sessions whose calls are back.
 */
export async function sayFarewellTo(
  file: string,
  scheduler: Scheduler,
  log: Log,
): Promise<readonly string[]> {
  const startedMs = scheduler.monotonicMs();
  try {
    const dialogs = readDialogFile(file, scheduler.wallMs());
    if (dialogs.torn > 0) log.warn('lines of the dialogs cannot be read', { lines: dialogs.torn });
    if (dialogs.legs.length === 0) return dialogs.handedBack;
    const { handedBack, unanswered } = await sayFarewell({ dialogs, scheduler, log });
    const all = [...dialogs.handedBack, ...handedBack];
    settleDialogFile(file, all);
    log.warn('the calls of a dead service were handed back', {
      legs: dialogs.legs.length,
      calls: handedBack.length,
      unanswered: unanswered.length,
      took_ms: Math.round(scheduler.monotonicMs() - startedMs),
    });
    if (unanswered.length > 0) void tryOn({ ...dialogs, legs: unanswered }, scheduler, log);
    return all;
  } catch (error) {
    log.error('the calls of a dead service could not be handed back', { reason: String(error) });
    return [];
  }
}

async function tryOn(dialogs: StoredDialogs, scheduler: Scheduler, log: Log): Promise<void> {
  const answered = await sayFarewell({
    dialogs,
    scheduler,
    log,
    limitMs: SECOND_TRY_MS,
    elsewhere: true,
  }).catch(() => ({ unanswered: dialogs.legs }));
  for (const { label, role } of answered.unanswered) {
    log.error('nobody answers for a leg of a dead service: its call may wait for media that never comes', {
      session: label?.call ?? null,
      leg: label?.role ?? role,
    });
  }
}
