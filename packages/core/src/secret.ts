const REDACTED = '[redacted]';
const inspect = Symbol.for('nodejs.util.inspect.custom');

/** A value that prints as `[redacted]` in strings, JSON, logs and the inspector. Read it with `reveal()`, on purpose. */
export class Secret<Value> {
  readonly #value: Value;

  constructor(value: Value) {
    this.#value = value;
  }

  reveal(): Value {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect](): string {
    return REDACTED;
  }
}
