/** One charge as a simulated gateway has really booked it; no card data. */
export interface BookedCharge {
  /** The gateway's own. */
  readonly id: string;
  /** Ours: the key of the charge. */
  readonly reference: string;
  readonly kind: 'charge' | 'authorize' | 'tokenize';
  /** As the gateway counts it. */
  readonly amount: number;
  /** Lower case. */
  readonly currency: string;
  readonly status: 'approved' | 'declined' | 'settled' | 'voided' | 'refunded';
  readonly decline_code: string | null;
  readonly settled: number;
  readonly refunded: number;
}

export interface BookedReport {
  readonly entries: readonly BookedCharge[];
  /** Requests that gave an earlier answer again. */
  readonly replays: number;
}
