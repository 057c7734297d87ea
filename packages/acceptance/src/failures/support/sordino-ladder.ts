import type { SordinoOptions } from '@sordino/sordino';
import { Ladder } from '@sordino/testkit';

type TraceEntry = Parameters<NonNullable<SordinoOptions['trace']>>[0];

/** What crossed the sockets of Sordino: also what the platform sent by hand, past its own stack. */
export class SordinoLadder {
  readonly #entries: TraceEntry[] = [];
  #from = 0;

  readonly trace = (entry: TraceEntry): void => {
    this.#entries.push(entry);
  };

  /** What came before is not drawn. */
  start(): void {
    this.#from = this.#entries.length;
  }

  shape(): string {
    const ladder = new Ladder({ columns: ['platform', 'sordino'] });
    for (const { atMs, direction, text } of this.#entries.slice(this.#from)) {
      const [from, to] = direction === 'in' ? ['platform', 'sordino'] : ['sordino', 'platform'];
      ladder.message({ atMs, from, to, text });
    }
    return ladder.shape();
  }
}
