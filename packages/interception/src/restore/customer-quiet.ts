import type { Cancel, Scheduler } from '@sordino/core';
import { CUSTOMER_QUIET_MS, QUIET_POLL_MS } from '../limits.ts';
import type { MediaBridge } from '../ports/media-relay.ts';

export interface CustomerSilence {
  readonly quiet: boolean;
  /** Unix ms of the customer's last packet; null when none ever came, or when the relay is gone that could tell. */
  readonly lastPacketAtMs: number | null;
}

/** Asks the relay, every 100 ms until `until` returns true, whether the customer's packets have stopped (rule 5). */
export function watchCustomerQuiet(
  bridge: Pick<MediaBridge, 'figures'>,
  scheduler: Scheduler,
  until: (silence: CustomerSilence) => boolean,
): Cancel {
  let canceled = false;
  let cancelTimer: Cancel = () => {};
  const poll = async (): Promise<void> => {
    // A relay that cannot say any more relays nothing any more: that is as quiet as it gets.
    const agoMs = await bridge.figures().then(
      ({ customer }) => customer.last_in_ms_ago,
      () => null,
    );
    if (canceled) return;
    const silence = {
      quiet: agoMs === null || agoMs >= CUSTOMER_QUIET_MS,
      lastPacketAtMs: agoMs === null ? null : scheduler.wallMs() - agoMs,
    };
    if (until(silence)) return;
    cancelTimer = scheduler.after(QUIET_POLL_MS, () => void poll());
  };
  void poll();
  return () => {
    canceled = true;
    cancelTimer();
  };
}
