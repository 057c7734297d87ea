import type { Cancel, MaskHold, Scheduler } from '@sordino/core';
import { KEY_GUARD_MAX_MS, KEY_GUARD_MS, QUIET_POLL_MS } from '../limits.ts';
import type { BridgeFigures, MediaBridge } from '../ports/media-relay.ts';

export interface KeyGuardPorts {
  readonly relay: Pick<MediaBridge, 'figures'>;
  readonly scheduler: Scheduler;
  /** `per_key`: the mask ends with the key. The other two keep it on for longer than the guard. */
  readonly hold: MaskHold;
  /** No key was down for 1.5 s. */
  over(): void;
}

/**
 * Rule 5: no restore until 1.5 s after the last key, or the rest of a number would go to the agent in the clear. The relay tells when
 * a key began; that it is still down shows in what goes on being removed or masked, from one look at the figures to the next.
 */
export function guardKeys({ relay, scheduler, hold, over }: KeyGuardPorts): Cancel {
  const startedMs = scheduler.wallMs();
  let canceled = false;
  let cancelTimer: Cancel = () => {};
  let before: BridgeFigures | undefined;
  let keyDownAtMs = Number.NEGATIVE_INFINITY;

  const look = async (): Promise<void> => {
    const figures = await relay.figures().catch(() => undefined);
    if (canceled) return;
    const nowMs = scheduler.wallMs();
    // A relay that cannot say any more relays nothing any more.
    if (figures === undefined || noKeyEver(figures) || nowMs - startedMs >= KEY_GUARD_MAX_MS) {
      over();
      return;
    }
    const masking = before !== undefined && figures.maskedMs > before.maskedMs;
    const removing = before !== undefined && figures.eventPacketsRemoved > before.eventPacketsRemoved;
    if (removing || (masking && hold === 'per_key')) keyDownAtMs = nowMs;
    const waitMs = Math.max(keyDownAtMs, figures.lastKeyAtMs ?? keyDownAtMs) + KEY_GUARD_MS - nowMs;
    // One look alone cannot tell whether a key that began long ago is still down.
    if (before !== undefined && !masking && waitMs <= 0) {
      over();
      return;
    }
    before = figures;
    cancelTimer = scheduler.after(QUIET_POLL_MS, () => void look());
  };
  void look();
  return () => {
    canceled = true;
    cancelTimer();
  };
}

const noKeyEver = ({ lastKeyAtMs, maskedMs, eventPacketsRemoved }: BridgeFigures): boolean =>
  lastKeyAtMs === null && maskedMs === 0 && eventPacketsRemoved === 0;
