/**
 * Runs the work of one session one piece at a time, in the order it was given. A piece that fails does not stop the next.
 */
export class SerialQueue {
  #tail: Promise<void> = Promise.resolve();
  #waiting = 0;

  get waiting(): number {
    return this.#waiting;
  }

  run<Value>(work: () => Promise<Value> | Value): Promise<Value> {
    this.#waiting += 1;
    const result = this.#tail.then(work).finally(() => {
      this.#waiting -= 1;
    });
    this.#tail = result.then(ignore, ignore);
    return result;
  }

  /** Resolves when all work given so far is done. */
  idle(): Promise<void> {
    return this.#tail;
  }
}

const ignore = (): void => {};
