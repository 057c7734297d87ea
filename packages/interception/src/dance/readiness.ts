/**
 * What has to come together before a call is `engaged`, and before it is `ready`. It comes in any order: the ACK may be overtaken by
 * the customer's media, and both by leg 7.
 *
 *   engaged   leg 5 answered, the customer's media is here, and it flows on to leg 7
 *   ready     engaged, and leg 5 is acknowledged: nothing about the path is provisional any more
 */
export class Readiness {
  /** 200 has gone out on leg 5. */
  committed = false;
  leg5Acknowledged = false;
  cleanFlowing = false;
  #customerStartedAtMs: number | undefined;
  #address: string | undefined;
  /** a-3: the first description on leg 5 is the platform's own; the customer's comes by re-INVITE. */
  #awaitingSwap: boolean;

  constructor(awaitsSwap: boolean) {
    this.#awaitingSwap = awaitsSwap;
  }

  /** When the customer's media began; what came from a platform's own address was not the customer. Unix ms. */
  get customerStartedAtMs(): number | undefined {
    return this.#awaitingSwap ? undefined : this.#customerStartedAtMs;
  }

  mediaStarted(atMs: number): void {
    this.#customerStartedAtMs ??= atMs;
  }

  /** A description on leg 5 was taken. The first that names another address than the one before is the customer's. */
  described(address: string | undefined): void {
    const isSwap = this.#address !== undefined && address !== this.#address;
    this.#address = address;
    if (!this.#awaitingSwap || !isSwap) return;
    this.#awaitingSwap = false;
    this.#customerStartedAtMs = undefined;
  }

  get engaged(): boolean {
    return this.committed && this.cleanFlowing && this.customerStartedAtMs !== undefined;
  }

  get ready(): boolean {
    return this.engaged && this.leg5Acknowledged;
  }
}
