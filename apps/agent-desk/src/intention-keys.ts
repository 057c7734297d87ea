/**
 * One Idempotency-Key for one intention. It is kept while its answer is lost, so that pressing the button again cannot do the
 * thing twice; once answered, doing it again is a new intention.
 */
export class IntentionKeys {
  readonly #newKey: () => string;
  readonly #keys = new Map<string, string>();

  constructor(newKey: () => string) {
    this.#newKey = newKey;
  }

  keyOf(intention: string): string {
    const key = this.#keys.get(intention) ?? this.#newKey();
    this.#keys.set(intention, key);
    return key;
  }

  answered(intention: string): void {
    this.#keys.delete(intention);
  }
}
