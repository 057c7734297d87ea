import type { HostRecord, NaptrRecord, SipResolver, SrvRecord } from './sip-resolver.ts';

/** Answers kept at a time: some 200 bytes each. */
const ENTRIES_MAX = 1_000;
/** Node tells no TTL of SRV and NAPTR. A minute is the least that operators give them. */
const SERVICE_TTL_MS = 60_000;
/** RFC 2308 lets the zone decide, up to hours; a name that was just made should work soon. */
const NOTHING_TTL_MS = 10_000;
/** No address is trusted for longer, whatever its TTL. */
const TTL_MAX_MS = 3_600_000;
/** RFC 8767: what has expired is better than nothing, while the DNS gives no answer at all. */
const STALE_MS = 3_600_000;

interface Entry {
  readonly records: readonly unknown[];
  readonly freshUntilMs: number;
}

/** Asks once for all who wait, and remembers. */
export class CachedResolver implements SipResolver {
  readonly #inner: SipResolver;
  readonly #nowMs: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #asked = new Map<string, Promise<readonly unknown[]>>();

  constructor(inner: SipResolver, nowMs: () => number) {
    this.#inner = inner;
    this.#nowMs = nowMs;
  }

  naptr(domain: string): Promise<readonly NaptrRecord[]> {
    return this.#get(
      `NAPTR ${domain}`,
      () => this.#inner.naptr(domain),
      () => SERVICE_TTL_MS,
    );
  }

  srv(service: string): Promise<readonly SrvRecord[]> {
    return this.#get(
      `SRV ${service}`,
      () => this.#inner.srv(service),
      () => SERVICE_TTL_MS,
    );
  }

  hosts(name: string, family: 4 | 6): Promise<readonly HostRecord[]> {
    return this.#get(
      `${family} ${name}`,
      () => this.#inner.hosts(name, family),
      (records) => 1_000 * Math.min(...records.map(({ ttlS }) => ttlS)),
    );
  }

  #get<Found>(
    question: string,
    ask: () => Promise<readonly Found[]>,
    ttlMs: (records: readonly Found[]) => number,
  ): Promise<readonly Found[]> {
    const key = question.toLowerCase();
    const known = this.#entries.get(key);
    if (known !== undefined && this.#nowMs() < known.freshUntilMs) {
      return Promise.resolve(known.records as readonly Found[]);
    }
    const asked = this.#asked.get(key) ?? this.#ask(key, ask, ttlMs, known);
    this.#asked.set(key, asked);
    return asked as Promise<readonly Found[]>;
  }

  async #ask<Found>(
    key: string,
    ask: () => Promise<readonly Found[]>,
    ttlMs: (records: readonly Found[]) => number,
    known: Entry | undefined,
  ): Promise<readonly unknown[]> {
    try {
      const records = await ask();
      const keepMs = records.length === 0 ? NOTHING_TTL_MS : Math.min(ttlMs(records), TTL_MAX_MS);
      this.#keep(key, { records, freshUntilMs: this.#nowMs() + keepMs });
      return records;
    } catch (error) {
      if (known === undefined || this.#nowMs() > known.freshUntilMs + STALE_MS) throw error;
      return known.records;
    } finally {
      this.#asked.delete(key);
    }
  }

  #keep(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= ENTRIES_MAX) return;
      this.#entries.delete(oldest);
    }
  }
}
