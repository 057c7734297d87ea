import { HEARTBEAT_MS } from './protocol.ts';

/** The guardian looks as often as the heart beats. */
export const LOOK_EVERY_MS = HEARTBEAT_MS;

/**
 * Looks without a heartbeat after which the service hangs: 2 s, so that killing it and handing its calls back ends within 3. Looks are
 * counted and not time: a machine that stands still stops the looking as well, and must not cost the calls. A long turn
 * of the event loop is not taken for a hang: the longest that is known, reading back a journal, is far below.
 */
const HANG_LOOKS = 8;

/** While it loads: a cold disk takes its time, and no call waits. 30 s. */
const START_HANG_LOOKS = 120;

/** Whether the service is alive, as far as its heartbeats tell. */
export class Pulse {
  #silentLooks = 0;

  beat(): void {
    this.#silentLooks = 0;
  }

  /** True: it hangs. */
  look(starting: boolean): boolean {
    this.#silentLooks += 1;
    return this.#silentLooks >= (starting ? START_HANG_LOOKS : HANG_LOOKS);
  }
}
