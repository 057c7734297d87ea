/** A relay that the benchmark drives: a process of its own. */
export interface RelayUnderTest extends AsyncDisposable {
  readonly pid: number;
  /** Fixed delay of the customer's voice on its way to the agent, and of the agent's on its way back; not counted as added. */
  readonly lookbackMs: { readonly toAgent: number; readonly toCustomer: number };
  /** The ports that the two ends of a call send to. */
  openCall(customerPort: number, cleanPort: number): Promise<readonly [customer: number, clean: number]>;
  /** What only a relay of Node has: what went into collections of garbage, and the lateness of its loop, since the last time. */
  troubles(): Promise<RelayTroubles | undefined>;
}

export interface RelayTroubles {
  readonly gcMsPerS: number;
  readonly gcMaxMs: number;
  readonly loopLagMs: number;
}
