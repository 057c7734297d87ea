/** An INFO may be this far from the key in the media: the signalling path of a slow platform. */
const PARTNER_WITHIN_MS = 1_000;
/** Presses that may wait for a partner: the fastest dialler makes 12 a second. */
const PRESSES_MAX = 16;
/** Columns of the table. */
const COLUMNS = 3;
const CODE = 0;
const TRANSPORT = 1;
const AT_MS = 2;

const EMPTY = -1;
const MEDIA = 0;
const INFO = 1;

/**
 * One press, one key, also where a platform reports in SIP INFO what the customer's media carried as well. A press by one of
 * the two transports takes the oldest unpaired press of the same key by the other; a second press by the same transport is a
 * second press. The stripper does the same for events and tones.
 */
export class KeyPairing {
  /** 384 bytes, so that wiping reaches them. */
  readonly #presses = new Float64Array(PRESSES_MAX * COLUMNS).fill(EMPTY);
  #next = 0;

  /** True: a new press. False: the partner of one that was taken already. */
  take(eventCode: number, transport: 'media' | 'info', atMs: number): boolean {
    const own = transport === 'info' ? INFO : MEDIA;
    for (let seen = 0; seen < PRESSES_MAX; seen += 1) {
      const row = ((this.#next + seen) % PRESSES_MAX) * COLUMNS;
      if (this.#presses[row + CODE] !== eventCode || this.#presses[row + TRANSPORT] === own) continue;
      if (Math.abs(atMs - (this.#presses[row + AT_MS] ?? 0)) > PARTNER_WITHIN_MS) continue;
      this.#presses.fill(EMPTY, row, row + COLUMNS);
      return false;
    }
    this.#presses.set([eventCode, own, atMs], this.#next * COLUMNS);
    this.#next = (this.#next + 1) % PRESSES_MAX;
    return true;
  }

  wipe(): void {
    this.#presses.fill(EMPTY);
  }
}
