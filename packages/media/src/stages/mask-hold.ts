import type { MaskHold } from '@sordino/core';
import { HOP_MS } from '../tones/hop-bank.ts';

/** With `until_idle` the mask stays this long after the last key: longer than people pause between two keys of a number. */
export const IDLE_MS = 3000;
const IDLE_HOPS = IDLE_MS / HOP_MS;

/** How long the mask stays on, beyond the keys themselves: what hides how many there were, and when. */
export class MaskHolder {
  readonly name = 'mask hold';
  readonly #hold: MaskHold;
  #collecting = false;
  #throughHop = -1;

  constructor(hold: MaskHold) {
    this.#hold = hold;
  }

  /** The output must not show keys, by its packet times either. */
  get hides(): boolean {
    return this.#hold !== 'per_key';
  }

  /** A field is open: keys are expected. */
  get collecting(): boolean {
    return this.#collecting;
  }

  /** A key is being pressed at `hop`. */
  key(hop: number): void {
    this.#throughHop = Math.max(this.#throughHop, hop + IDLE_HOPS);
  }

  /** `throughHop`: the newest hop that was heard while collecting; it is still in the line when collecting ends. */
  collect(collecting: boolean, throughHop: number): void {
    if (this.#collecting && !collecting) this.#throughHop = Math.max(this.#throughHop, throughHop);
    this.#collecting = collecting;
  }

  masks(hop: number): boolean {
    switch (this.#hold) {
      case 'per_key':
        return false;
      case 'until_idle':
        return hop <= this.#throughHop;
      case 'whole_field':
        return this.#collecting || hop <= this.#throughHop;
    }
  }

  wipe(): void {
    this.#throughHop = -1;
  }
}
