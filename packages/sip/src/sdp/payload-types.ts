import { DYNAMIC_PAYLOAD_TYPE_MIN, PAYLOAD_TYPE_MAX } from './sdp-limits.ts';

export type Encoding = 'PCMU' | 'PCMA' | 'TELEPHONE-EVENT';

/** Static types of RFC 3551, and 101 as nearly everybody has it for telephone-event. */
const USUAL: Readonly<Record<Encoding, number>> = { PCMU: 0, PCMA: 8, 'TELEPHONE-EVENT': 101 };

/**
 * Payload types over the life of one session: RFC 3264 §8.3.2 forbids to map a number to another codec later on, so a
 * number once used by either side keeps its meaning.
 */
export class PayloadTypes {
  readonly #ours = new Map<string, number>();
  readonly #meaning = new Map<number, string>();

  /** What a description said, ours or the peer's. */
  remember(payloadType: number, encoding: string): void {
    if (!this.#meaning.has(payloadType)) this.#meaning.set(payloadType, encoding);
  }

  /** The number that this encoding has from now on. */
  use(encoding: Encoding, payloadType: number): void {
    this.#ours.set(encoding, payloadType);
    this.remember(payloadType, encoding);
  }

  /** The number to offer this encoding with. */
  numberFor(encoding: Encoding): number {
    const known = this.#ours.get(encoding);
    if (known !== undefined) return known;
    let payloadType = USUAL[encoding];
    const isTaken = (number: number): boolean => (this.#meaning.get(number) ?? encoding) !== encoding;
    for (let next = DYNAMIC_PAYLOAD_TYPE_MIN; isTaken(payloadType) && next <= PAYLOAD_TYPE_MAX; next++) {
      payloadType = next;
    }
    this.use(encoding, payloadType);
    return payloadType;
  }
}
