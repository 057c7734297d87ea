/** One charge of a simulated gateway, and what became of it; no card data. */
export interface MoneyEntry {
  /** The gateway's own id. */
  readonly id: string;
  /** Our key. */
  readonly reference: string;
  readonly kind: 'charge' | 'authorize' | 'tokenize';
  /** Minor units; null for a saved card. */
  readonly amount: number | null;
  readonly currency: string | null;
  readonly status: 'approved' | 'declined' | 'voided' | 'settled' | 'refunded';
  readonly settled: number;
  readonly refunded: number;
}

export interface MoneyReport {
  readonly approved: number;
  readonly declined: number;
  /** Requests that gave an earlier answer again. */
  readonly replays: number;
  readonly entries: readonly MoneyEntry[];
}

/** What really happened to money at a simulated gateway, however many answers were lost. */
export class MoneyLedger {
  readonly #entries = new Map<string, MoneyEntry>();
  #replays = 0;

  add(entry: Omit<MoneyEntry, 'settled' | 'refunded'>): void {
    this.#entries.set(entry.id, { ...entry, settled: 0, refunded: 0 });
  }

  change(id: string, change: Partial<MoneyEntry>): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) this.#entries.set(id, { ...entry, ...change });
  }

  replayed(): void {
    this.#replays += 1;
  }

  report(): MoneyReport {
    const entries = [...this.#entries.values()];
    const declined = entries.filter(({ status }) => status === 'declined').length;
    return { approved: entries.length - declined, declined, replays: this.#replays, entries };
  }
}
