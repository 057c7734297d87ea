import type { FaultName } from '@sordino/core';

/** What the stand-ins of one session ask: whether it is time for a fault of theirs. */
export interface Script {
  /** True once after the fault was armed; from then on it has fired. */
  takes(fault: FaultName): boolean;
  after(delayMs: number, run: () => void): void;
  /** When the hand-back was overdue for a while. */
  onceOverdue(run: () => void): void;
}
