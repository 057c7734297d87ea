import type { Cancel, Scheduler } from '@sordino/core';
import { LEG7_CLOSE_TIMEOUT_MS, LINGER_MAX_MS } from '../limits.ts';
import type { MediaBridge } from '../ports/media-relay.ts';
import { type CustomerSilence, watchCustomerQuiet } from './customer-quiet.ts';

export interface HandBackPorts {
  /** The relay, as far as it tells whether the customer still sends. */
  readonly customer: Pick<MediaBridge, 'figures'>;
  readonly scheduler: Scheduler;
  /**
   * `to_platform`: the platform takes the customer back and closes leg 7 itself.
   * `customer_gone`: nobody is coming back for leg 7; it is released as soon as the customer's packets have stopped.
   */
  readonly kind: 'to_platform' | 'customer_gone';
  /** How long the platform may take to take the customer back (`timers.takeBackMs` of its profile). */
  readonly takeBackMs: number;
  /** Unix ms at which leg 7 ended, null while it lives. */
  leg7EndedAtMs(): number | null;
  /** BYE on leg 7. */
  releaseLeg7(reason: string): void;
  /** The platform did not take the customer back in time: people talk on through us, masked. */
  overdue(): void;
  /** The customer is gone from us and leg 7 is closed. */
  /** `gapMs` undefined: no packet of the customer is known of, so there is nothing to measure from. */
  done(result: { readonly gapMs: number | undefined }): void;
}

/**
 * The second half of restore (c-1), after the BYE on leg 5 (or after the platform's own BYE): keep relaying, masked, until the
 * customer's packets stop and leg 7 is closed. Normally the platform re-INVITEs the customer to itself and then BYEs leg 7.
 */
export function handBack(ports: HandBackPorts): Cancel {
  const { scheduler } = ports;
  const startedMs = scheduler.monotonicMs();
  let leg7GoneSinceMs: number | null = null;
  let saidOverdue = false;

  const settled = (silence: CustomerSilence): boolean => {
    const nowMs = scheduler.monotonicMs();
    const leg7EndedAtMs = ports.leg7EndedAtMs();
    if (leg7EndedAtMs !== null) {
      leg7GoneSinceMs ??= nowMs;
      if (!silence.quiet && nowMs - leg7GoneSinceMs < LINGER_MAX_MS) return false;
      const { lastPacketAtMs } = silence;
      const gapMs =
        lastPacketAtMs === null ? undefined : Math.round(Math.max(0, leg7EndedAtMs - lastPacketAtMs));
      ports.done({ gapMs });
      return true;
    }
    const waitedMs = nowMs - startedMs;
    if (ports.kind === 'customer_gone') {
      if (silence.quiet || waitedMs >= LINGER_MAX_MS) ports.releaseLeg7('the customer is gone');
      return false;
    }
    if (silence.quiet && waitedMs >= LEG7_CLOSE_TIMEOUT_MS) ports.releaseLeg7('the customer is back');
    if (!silence.quiet && !saidOverdue && waitedMs >= ports.takeBackMs) {
      saidOverdue = true;
      ports.overdue();
    }
    return false;
  };
  return watchCustomerQuiet(ports.customer, scheduler, settled);
}
