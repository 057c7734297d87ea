import type { SessionId } from '@sordino/core';

/** Names of everything that Sordino has in Redis. `{…}` is the hash tag of Redis Cluster: what shares it lives on one node. */
export class RedisKeys {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Hash; stream of events; hash of attempts and operations. */
  session(id: SessionId): readonly [string, string, string] {
    const key = `${this.#prefix}:{${id}}`;
    return [key, `${key}:events`, `${key}:money`];
  }

  /** The session that a hash belongs to. */
  sessionOf(key: string): SessionId | undefined {
    const [, id] = /\{(ses_[^}]+)\}$/.exec(key) ?? [];
    return id as SessionId | undefined;
  }

  /** Their hashes only: money stays where its session is gone, and is more from year to year. */
  get allSessions(): string {
    return `${this.#prefix}:{ses_*}`;
  }

  answer(key: string): string {
    return `${this.#prefix}:answer:${key}`;
  }

  get allAnswers(): string {
    return `${this.#prefix}:answer:*`;
  }

  /** Exists as long as the process says that it lives. */
  writer(id: string): string {
    return `${this.#prefix}:writer:${id}`;
  }

  get changes(): string {
    return `${this.#prefix}:changes`;
  }
}
