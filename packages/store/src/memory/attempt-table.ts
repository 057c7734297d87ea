import type { AttemptId, ConnectorId, SessionId } from '@sordino/core';
import { type ChargeAttempt, KEY_END_CHARACTERS } from '@sordino/payments';
import { OPEN, put, type Undo } from './table.ts';

/** Attempts, and which one others mean by the names that they have for it. */
export class AttemptTable {
  /** In order of creation. */
  readonly #attempts = new Map<AttemptId, ChargeAttempt>();
  /** By its key, by `…` and its end, and by `connector gatewayId`. */
  readonly #byName = new Map<string, AttemptId>();

  put(attempt: ChargeAttempt): Undo[] {
    return [
      put(this.#attempts, attempt.id, attempt),
      ...namesOf(attempt).map((name) => put(this.#byName, name, attempt.id)),
    ];
  }

  dropAllOf(session: SessionId): void {
    for (const attempt of this.#attempts.values()) {
      if (attempt.session !== session) continue;
      this.#attempts.delete(attempt.id);
      for (const name of namesOf(attempt)) this.#byName.delete(name);
    }
  }

  all(): Iterable<ChargeAttempt> {
    return this.#attempts.values();
  }

  get(id: AttemptId): ChargeAttempt | undefined {
    return this.#attempts.get(id);
  }

  open(): readonly ChargeAttempt[] {
    return [...this.#attempts.values()].filter(({ state }) => OPEN.has(state));
  }

  openOfCard(cardTag: string): readonly ChargeAttempt[] {
    return this.open().filter((attempt) => attempt.cardTag === cardTag);
  }

  byKey(key: string): ChargeAttempt | undefined {
    return this.#named(key);
  }

  byKeyEnd(end: string): ChargeAttempt | undefined {
    return this.#named(`…${end}`);
  }

  byGatewayId(connector: ConnectorId, gatewayId: string): ChargeAttempt | undefined {
    return this.#named(gatewayName(connector, gatewayId));
  }

  #named(name: string): ChargeAttempt | undefined {
    const id = this.#byName.get(name);
    return id === undefined ? undefined : this.#attempts.get(id);
  }
}

const gatewayName = (connector: ConnectorId, gatewayId: string): string => `${connector} ${gatewayId}`;

function namesOf({ key, connector, gatewayId }: ChargeAttempt): string[] {
  // Attempts in the journal of an older version have no gateway id.
  const names = [key, `…${key.slice(-KEY_END_CHARACTERS)}`];
  return (gatewayId ?? null) === null ? names : [...names, gatewayName(connector, String(gatewayId))];
}
