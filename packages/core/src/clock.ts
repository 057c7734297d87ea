/** Time as a dependency. `monotonicMs` never goes back; `wallMs` is Unix time and may jump. */
export interface Clock {
  monotonicMs(): number;
  wallMs(): number;
}

export type Cancel = () => void;

/** Timers as a dependency. The returned function cancels; calling it late or twice is harmless. */
export interface Scheduler extends Clock {
  after(delayMs: number, run: () => void): Cancel;
}
