import type { SessionId, Topology } from '@sordino/core';
import type { CallFailure, CallFailureCode, InterceptionEvent } from '../events.ts';
import { nextTopology, type TopologyEvent } from '../topology/topology-state.ts';

/** Where one call stands, and what is told of it. The only caller of `nextTopology`. */
export class CallStory {
  readonly #session: SessionId;
  readonly #report: (event: InterceptionEvent) => void;
  #topology: Topology = 'original';
  #failure: CallFailure | undefined;

  constructor(session: SessionId, report: (event: InterceptionEvent) => void) {
    this.#session = session;
    this.#report = report;
  }

  get topology(): Topology {
    return this.#topology;
  }

  /** What failed first, where that was leg 7; an agent who hung up has failed nothing. */
  get leg7Failure(): CallFailureCode | undefined {
    const { leg, outcome, code } = this.#failure ?? {};
    return leg === 'leg7_out' && outcome === 'failed' ? code : undefined;
  }

  /** Crossing messages make events normal that lead nowhere: they are not told. */
  move(event: TopologyEvent, detail: { gapMs?: number; reason?: string } = {}): void {
    const topology = nextTopology(this.#topology, event);
    if (topology === undefined || topology === this.#topology) return;
    this.#topology = topology;
    this.#report({ type: 'topology', session: this.#session, topology, ...detail });
  }

  failed(failure: CallFailure): void {
    this.#failure ??= failure;
    this.#report({ type: 'call_failed', session: this.#session, ...failure });
  }
}
