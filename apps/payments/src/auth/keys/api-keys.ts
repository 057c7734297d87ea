import { type ApiKeyObject, type ApiScope, type Clock, makeId, type RandomBytes } from '@sordino/core';
import type { Caller } from '@sordino/payments';
import {
  API_KEYS_PER_TENANT_MAX,
  DEAD_API_KEY_KEPT_MS,
  KEY_CHANGES_LOOK_MS,
  LAST_USED_STEP_MS,
  ROLL_OVERLAP_DEFAULT_SECONDS,
} from '../../limits.ts';
import { type ApiKeyRecord, isStored, type StoredKey, statusOf, viewOf } from './key-record.ts';
import type { KeyShelf } from './key-shelf.ts';
import { hashCredential, isApiKey, makeApiKey } from './key-text.ts';

const SHA256_HEX = /^[0-9a-f]{64}$/;
/** Of the checksum, which is made from the rest: enough to tell two keys apart, and no help in guessing one. */
const ENDING_CHARACTERS = 4;

export interface NewKey {
  readonly name?: string | undefined;
  readonly scopes: readonly ApiScope[];
  /** Unix ms. */
  readonly expires: number | null;
}

export type KeyRefusal =
  | 'no_such_api_key'
  | 'api_key_is_configured'
  | 'api_key_not_active'
  | 'api_key_in_rotation'
  | 'too_many_api_keys';

/** The keys of the configuration and those that were made here. */
export class ApiKeys {
  readonly #configured: readonly ApiKeyRecord[];
  readonly #shelf: KeyShelf;
  readonly #clock: Clock;
  readonly #random: RandomBytes;
  #stored: readonly StoredKey[] = [];
  #byHash: ReadonlyMap<string, ApiKeyRecord> = new Map();
  #lookedMs = Number.NEGATIVE_INFINITY;
  readonly #used: Map<string, number>;
  #usedNotedMs: number;

  /** Throws when a record's hash is none: a configuration that would lock everyone out, or hold a key in the clear. */
  constructor(configured: readonly ApiKeyRecord[], shelf: KeyShelf, clock: Clock, random: RandomBytes) {
    for (const record of configured)
      if (!SHA256_HEX.test(record.sha256))
        throw new Error(
          `API key ${record.id}: sha256 must be 64 hexadecimal digits: what "sordino keys make" prints beside the key.`,
        );
    this.#configured = configured;
    this.#shelf = shelf;
    this.#clock = clock;
    this.#random = random;
    this.#used = new Map(shelf.lastUsed());
    this.#usedNotedMs = clock.wallMs();
    this.#index();
    this.#look();
  }

  /** Undefined: mistyped, unknown, expired or revoked. Looked up by hash: what time that takes tells nothing from which a key can be made. */
  find(key: string): ApiKeyRecord | undefined {
    if (!isApiKey(key)) return undefined;
    this.#look();
    const found = this.#byHash.get(hashCredential(key));
    // A test key can never act in live mode, whatever the configuration says of its hash.
    if (!found || !key.startsWith(found.livemode ? 'sk_live_' : 'sk_test_')) return undefined;
    if (statusOf(found, this.#clock.wallMs()) !== 'active') return undefined;
    this.#noteUse(found.id);
    return found;
  }

  /** Whether the key with this hash is one that may act now: what it has made ends with it. */
  isActive(sha256: string): boolean {
    this.#look();
    const key = this.#byHash.get(sha256);
    return key !== undefined && statusOf(key, this.#clock.wallMs()) === 'active';
  }

  /** Newest first; those of the configuration are the oldest. */
  list(caller: Caller): readonly ApiKeyObject[] {
    this.#look();
    return this.#own(caller).map((key) => this.#view(key));
  }

  read(caller: Caller, id: string): ApiKeyObject | undefined {
    return this.list(caller).find((key) => key.id === id);
  }

  create(caller: Caller, { name, scopes, expires }: NewKey): ApiKeyObject | KeyRefusal {
    this.#look();
    this.#dropDead();
    if (this.#live(caller).length >= API_KEYS_PER_TENANT_MAX) return 'too_many_api_keys';
    return this.#make(caller, { name: name ?? null, scopes, expires, replaces: null });
  }

  /** Another key with the same rights; the old one goes on for `overlapSeconds`, so that each server can change in its time. */
  roll(caller: Caller, id: string, overlapSeconds = ROLL_OVERLAP_DEFAULT_SECONDS): ApiKeyObject | KeyRefusal {
    const old = this.#changeable(caller, id);
    if (typeof old === 'string') return old;
    const now = this.#clock.wallMs();
    const live = this.#live(caller);
    // Two at most: with a third nobody could say any more which one is in use where.
    if (live.some((key) => isStored(key) && (key.replaces === id || key.id === old.replaces)))
      return 'api_key_in_rotation';
    const made = this.#make(caller, {
      name: old.name,
      scopes: old.scopes,
      expires: old.expires === null ? null : now + (old.expires - old.created),
      replaces: id,
    });
    const until = now + overlapSeconds * 1_000;
    this.#put({ ...old, expires: Math.min(until, old.expires ?? until) });
    return made;
  }

  revoke(caller: Caller, id: string): ApiKeyObject | KeyRefusal {
    const old = this.#changeable(caller, id);
    if (typeof old === 'string') return old;
    const revoked = { ...old, revoked: this.#clock.wallMs() };
    this.#put(revoked);
    return this.#view(revoked);
  }

  /** What is remembered of uses goes to disk. */
  close(): void {
    this.#writeUses();
  }

  #make(
    { tenant, livemode }: Caller,
    rest: Pick<StoredKey, 'name' | 'scopes' | 'expires' | 'replaces'>,
  ): ApiKeyObject {
    const key = makeApiKey(livemode, this.#random);
    const made: StoredKey = {
      id: makeId('key', this.#random),
      sha256: hashCredential(key),
      tenant,
      livemode,
      endsWith: key.slice(-ENDING_CHARACTERS),
      created: this.#clock.wallMs(),
      revoked: null,
      ...rest,
    };
    this.#put(made);
    return { ...this.#view(made), key };
  }

  #changeable(caller: Caller, id: string): StoredKey | KeyRefusal {
    this.#look();
    const key = this.#own(caller).find((own) => own.id === id);
    if (key === undefined) return 'no_such_api_key';
    if (!isStored(key)) return 'api_key_is_configured';
    return statusOf(key, this.#clock.wallMs()) === 'active' ? key : 'api_key_not_active';
  }

  #own({ tenant, livemode }: Caller): readonly ApiKeyRecord[] {
    return [...this.#stored, ...this.#configured].filter(
      (key) => key.tenant === tenant && key.livemode === livemode,
    );
  }

  #live(caller: Caller): readonly ApiKeyRecord[] {
    return this.#own(caller).filter((key) => statusOf(key, this.#clock.wallMs()) === 'active');
  }

  #view(key: ApiKeyRecord): ApiKeyObject {
    return viewOf(key, this.#clock.wallMs(), this.#used.get(key.id));
  }

  #put(key: StoredKey): void {
    this.#shelf.put(key);
    this.#look(true);
  }

  /** Another process may have made or revoked a key: a look at the directory tells. */
  #look(isDue = this.#clock.monotonicMs() - this.#lookedMs >= KEY_CHANGES_LOOK_MS): void {
    if (!isDue) return;
    this.#lookedMs = this.#clock.monotonicMs();
    const stored = this.#shelf.changed();
    if (stored === undefined) return;
    this.#stored = stored.toSorted(
      (one, other) => other.created - one.created || (one.id < other.id ? 1 : -1),
    );
    this.#index();
  }

  #index(): void {
    // Those of the configuration last: nothing that was made here takes the place of one.
    this.#byHash = new Map([...this.#stored, ...this.#configured].map((key) => [key.sha256, key]));
  }

  #dropDead(): void {
    const before = this.#clock.wallMs() - DEAD_API_KEY_KEPT_MS;
    const dead = this.#stored.filter(
      ({ revoked, expires }) => Math.min(revoked ?? Infinity, expires ?? Infinity) < before,
    );
    for (const { id } of dead) {
      this.#shelf.drop(id);
      this.#used.delete(id);
    }
    if (dead.length > 0) this.#look(true);
  }

  #noteUse(id: string): void {
    const now = this.#clock.wallMs();
    this.#used.set(id, now);
    if (now - this.#usedNotedMs < LAST_USED_STEP_MS) return;
    this.#usedNotedMs = now;
    this.#writeUses();
  }

  #writeUses(): void {
    try {
      this.#shelf.noteUsed(this.#used);
    } catch {
      // A full disk is told by those who cannot work without it; this is tried again in a minute.
    }
  }
}
