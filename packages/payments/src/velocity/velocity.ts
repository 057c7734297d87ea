import type { Clock, RandomBytes } from '@sordino/core';
import type { CardMemory } from '../capture/card-memory.ts';
import type { Caller } from '../session/service.ts';
import { COUNTERS_MAX, type VelocityKind, type VelocityLimits } from './limits.ts';

/** Many cards are being tried. Holds neither a number nor a card. */
export interface CardTestingAlarm {
  readonly by: VelocityKind;
  readonly tenant: string;
  readonly livemode: boolean;
  readonly declines: number;
  readonly lockMs: number;
}

export interface VelocityDeps {
  readonly limits: VelocityLimits;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  readonly cardMemory: CardMemory;
  readonly alarm: (alarm: CardTestingAlarm) => void;
}

/** What one charge counts towards. */
export interface Velocities {
  readonly caller: Caller;
  readonly keys: Readonly<Partial<Record<VelocityKind, string>>>;
}

interface Counter {
  /** Monotonic ms of the declines within the window. */
  declines: number[];
  /** Charges that wait for their outcome. */
  pending: number;
  lockedUntilMs: number;
}

/** Charges under way count where many at a time are no customer; a tenant may have hundreds. */
const PENDING_COUNTS: ReadonlySet<string> = new Set<VelocityKind>(['caller', 'card']);
const SECRET_BYTES = 32;
/** Secret, tenant (64 characters) and value (a caller's number may have 255), each in UTF-8. */
const SCRATCH_BYTES = 2_048;

/**
 * Card testing through the call: declined charges are counted by caller, card, BIN and tenant, and too many of them lock whatever they have in
 * common. Counters are named by keyed hashes whose key dies with the process, and tenants have nothing in common. Monotonic time: a
 * clock that is set neither opens nor prolongs a lock.
 */
export class Velocity {
  readonly #deps: VelocityDeps;
  readonly #secret: Uint8Array;
  readonly #scratch: Uint8Array;
  readonly #counters = new Map<string, Counter>();

  constructor(deps: VelocityDeps) {
    this.#deps = deps;
    this.#secret = deps.random(SECRET_BYTES);
    this.#scratch = deps.cardMemory(SCRATCH_BYTES);
  }

  /** `account`: a card number or the number of a bank account. Views; nothing of them is kept. */
  of(
    caller: Caller,
    ani: string | undefined,
    { account, issuer }: { readonly account: Uint8Array; readonly issuer: Uint8Array },
  ): Velocities {
    return {
      caller,
      keys: {
        ...this.#byCaller(caller, ani),
        card: this.#hash(caller, 'card', account),
        bin: this.#hash(caller, 'bin', issuer),
        tenant: this.#hash(caller, 'tenant', new Uint8Array()),
      },
    };
  }

  /** What is locked for anybody who calls from there, before any card is known. */
  lockedCaller(caller: Caller, ani: string | undefined): VelocityKind | undefined {
    return this.#locked({ caller, keys: this.#byCaller(caller, ani) });
  }

  /** Before the charge; undefined: it may be made, and `settled` has to be called for it. */
  begin(velocities: Velocities): VelocityKind | undefined {
    const locked = this.#locked(velocities) ?? this.#crowded(velocities);
    if (locked !== undefined) return locked;
    for (const { counter } of this.#countersOf(velocities)) counter.pending += 1;
    return undefined;
  }

  settled(velocities: Velocities, declined: boolean): void {
    const { limits, clock, alarm } = this.#deps;
    const now = clock.monotonicMs();
    for (const { kind, counter } of this.#countersOf(velocities)) {
      counter.pending = Math.max(0, counter.pending - 1);
      if (!declined) continue;
      counter.declines = [...counter.declines.filter((at) => now - at < limits.windowMs), now];
      if (counter.declines.length < limits.declines[kind]) continue;
      const { tenant, livemode } = velocities.caller;
      alarm({ by: kind, tenant, livemode, declines: counter.declines.length, lockMs: limits.lockMs });
      counter.lockedUntilMs = now + limits.lockMs;
      counter.declines = [];
    }
  }

  #locked({ keys }: Velocities): VelocityKind | undefined {
    const now = this.#deps.clock.monotonicMs();
    return kindsOf(keys).find(([, key]) => (this.#counters.get(key)?.lockedUntilMs ?? 0) > now)?.[0];
  }

  /** Fifty at once must not all pass because none of them is declined yet. */
  #crowded({ keys }: Velocities): VelocityKind | undefined {
    const { limits, clock } = this.#deps;
    const now = clock.monotonicMs();
    return kindsOf(keys).find(([kind, key]) => {
      const counter = this.#counters.get(key);
      if (counter === undefined || counter.pending === 0 || !PENDING_COUNTS.has(kind)) return false;
      const recent = counter.declines.filter((at) => now - at < limits.windowMs).length;
      return recent + counter.pending >= limits.declines[kind];
    })?.[0];
  }

  #countersOf({ keys }: Velocities): { readonly kind: VelocityKind; readonly counter: Counter }[] {
    return kindsOf(keys).map(([kind, key]) => ({ kind, counter: this.#counter(key) }));
  }

  /** The one that was used last is the last to go. */
  #counter(key: string): Counter {
    const counter = this.#counters.get(key) ?? { declines: [], pending: 0, lockedUntilMs: 0 };
    this.#counters.delete(key);
    this.#counters.set(key, counter);
    if (this.#counters.size > COUNTERS_MAX) {
      const [oldest] = this.#counters.keys();
      if (oldest !== undefined) this.#counters.delete(oldest);
    }
    return counter;
  }

  #byCaller(caller: Caller, ani: string | undefined): Velocities['keys'] {
    // Withheld numbers have nothing in common.
    if (ani === undefined || ani === '') return {};
    return { caller: this.#hash(caller, 'caller', new TextEncoder().encode(ani)) };
  }

  #hash({ tenant, livemode }: Caller, kind: VelocityKind, value: Uint8Array): string {
    const scope = new TextEncoder().encode(`${kind} ${livemode} ${tenant}\0`);
    const length = SECRET_BYTES + scope.length + value.length;
    try {
      this.#scratch.set(this.#secret);
      this.#scratch.set(scope, SECRET_BYTES);
      this.#scratch.set(value, SECRET_BYTES + scope.length);
      const digest = this.#deps.sha256(this.#scratch.subarray(0, length));
      return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
    } finally {
      this.#scratch.fill(0);
    }
  }
}

const kindsOf = (keys: Velocities['keys']): (readonly [VelocityKind, string])[] =>
  Object.entries(keys) as [VelocityKind, string][];
