/** Finds where stretches of what was said come back in what was heard, sample for sample. */

/** Equal samples in a row that are no coincidence in audio of 8-bit codes, wherever they are found. */
export const GRAM_SAMPLES = 8;

/** Where each stretch of `GRAM_SAMPLES` of `said[from, to)` begins; one that says nothing (a constant) is left out. */
export class StretchIndex {
  readonly #said: Int16Array;
  readonly #starts = new Map<number, number[]>();

  constructor(said: Int16Array, from: number, to: number) {
    this.#said = said;
    for (let at = Math.max(0, from); at + GRAM_SAMPLES <= Math.min(to, said.length); at += 1) {
      if (isConstant(said, at)) continue;
      const hash = hashAt(said, at);
      const starts = this.#starts.get(hash);
      if (starts === undefined) this.#starts.set(hash, [at]);
      else starts.push(at);
    }
  }

  /** Every place of which `heard[at, ...)` says the same. */
  find(heard: Int16Array, at: number): readonly number[] {
    const starts = this.#starts.get(hashAt(heard, at));
    if (starts === undefined) return [];
    return starts.filter((start) => {
      for (let n = 0; n < GRAM_SAMPLES; n += 1) if (this.#said[start + n] !== heard[at + n]) return false;
      return true;
    });
  }
}

/** How much later than said each lag's stretches were heard, the best supported first; `least` samples or it was chance. */
export function lagsOf(
  index: StretchIndex,
  heard: Int16Array,
  from: number,
  to: number,
  least: number,
): number[] {
  const votes = new Map<number, number>();
  for (let at = Math.max(0, from); at + GRAM_SAMPLES <= Math.min(to, heard.length); at += 1) {
    for (const start of index.find(heard, at)) votes.set(at - start, (votes.get(at - start) ?? 0) + 1);
  }
  return [...votes]
    .filter(([, count]) => count >= least)
    .sort(([, one], [, other]) => other - one)
    .map(([lag]) => lag);
}

function hashAt(samples: Int16Array, at: number): number {
  let hash = 0;
  for (let n = 0; n < GRAM_SAMPLES; n += 1) hash = (Math.imul(hash, 0x01000193) ^ (samples[at + n] ?? 0)) | 0;
  return hash;
}

function isConstant(samples: Int16Array, at: number): boolean {
  for (let n = 1; n < GRAM_SAMPLES; n += 1) if (samples[at + n] !== samples[at]) return false;
  return true;
}
