import type { PacketIo, PacketSocket } from './io/packet-io.ts';

/** RTP on the even port, RTCP on the odd one above it (RFC 3550 §11). */
export interface PortPair {
  readonly rtp: PacketSocket;
  readonly rtcp: PacketSocket;
  readonly rtpPort: number;
  readonly rtcpPort: number;
  /** Resolves when both ports are free again; repeats are harmless. */
  close(): Promise<void>;
}

/** Inclusive; `0/0` means any free pair of the system's own range. */
export interface PortRange {
  readonly min: number;
  readonly max: number;
}

/**
 * With `0/0` the system proposes a port and the other half of the pair may be taken. One proposal in two fits on a busy
 * machine; 64 misses in a row mean that no pair is left.
 */
const PROPOSALS_MAX = 64;

/**
 * A pair that was used rests so long before its next call: packets of the old one, and ICMP answers to ours, are over by then. It is a
 * preference: media comes from the signalled peer alone, so when nothing else is left, a call is better than a refusal.
 */
const REST_MS = 10_000;

export interface PortFigures {
  /** Pairs of the range; null when the system chooses. */
  readonly pairs: number | null;
  readonly used: number;
  readonly resting: number;
  /** How often no pair was left. */
  readonly refused: number;
}

/** The ports of one worker. No other worker has a port of this range: nothing is shared, nothing is locked. */
export class PortPairs {
  readonly #io: PacketIo;
  readonly #host: string;
  readonly #range: PortRange;
  readonly #now: () => number;
  readonly #taken = new Set<number>();
  /** When each pair that was used may be used again. */
  readonly #restUntilMs = new Map<number, number>();
  #next: number;
  #refused = 0;

  constructor(io: PacketIo, host: string, range: PortRange, now: () => number) {
    this.#io = io;
    this.#host = host;
    this.#range = range;
    this.#now = now;
    this.#next = firstEven(range.min);
  }

  /** Binds a pair, or `undefined` when none is free. */
  async reserve(): Promise<PortPair | undefined> {
    const pair =
      this.#range.max === 0
        ? await this.#reserveAny()
        : ((await this.#reserveInRange((port) => !this.#rests(port))) ??
          (await this.#reserveInRange((port) => this.#rests(port))));
    if (pair === undefined) this.#refused += 1;
    return pair;
  }

  figures(): PortFigures {
    const resting = [...this.#restUntilMs.keys()].filter((port) => this.#rests(port));
    return {
      pairs: this.#range.max === 0 ? null : pairsIn(this.#range),
      used: this.#taken.size,
      resting: resting.length,
      refused: this.#refused,
    };
  }

  /** Goes round the range instead of taking the lowest free pair: each rests as long as it can. */
  async #reserveInRange(fits: (port: number) => boolean): Promise<PortPair | undefined> {
    const pairs = pairsIn(this.#range);
    for (let tried = 0; tried < pairs; tried += 1) {
      const port = this.#next;
      this.#next = port + 3 > this.#range.max ? firstEven(this.#range.min) : port + 2;
      if (this.#taken.has(port) || !fits(port)) continue;
      const pair = await this.#bindPair(port);
      if (pair !== undefined) return pair;
    }
    return undefined;
  }

  async #reserveAny(): Promise<PortPair | undefined> {
    for (let tried = 0; tried < PROPOSALS_MAX; tried += 1) {
      const proposed = await this.#io.open(this.#host, 0);
      if (proposed === undefined) continue;
      const port = firstEven(proposed.port - 1);
      await proposed.close();
      const pair = port < 1024 ? undefined : await this.#bindPair(port);
      if (pair !== undefined) return pair;
    }
    return undefined;
  }

  #rests(port: number): boolean {
    return (this.#restUntilMs.get(port) ?? 0) > this.#now();
  }

  async #bindPair(rtpPort: number): Promise<PortPair | undefined> {
    this.#taken.add(rtpPort);
    const rtp = await this.#io.open(this.#host, rtpPort);
    const rtcp = rtp === undefined ? undefined : await this.#io.open(this.#host, rtpPort + 1);
    if (rtp === undefined || rtcp === undefined) {
      await rtp?.close();
      this.#taken.delete(rtpPort);
      return undefined;
    }
    let closing: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      await Promise.all([rtp.close(), rtcp.close()]);
      this.#taken.delete(rtpPort);
      // The system proposes others by itself.
      if (this.#range.max !== 0) this.#restUntilMs.set(rtpPort, this.#now() + REST_MS);
    };
    return {
      rtp,
      rtcp,
      rtpPort,
      rtcpPort: rtpPort + 1,
      close: () => {
        closing ??= close();
        return closing;
      },
    };
  }
}

/** How many pairs fit: an even port whose odd neighbour is still inside. */
export function pairsIn(range: PortRange): number {
  return Math.max(0, Math.floor((range.max - firstEven(range.min) + 1) / 2));
}

/** Disjoint, nearly equal shares of a range, one per worker. */
export function splitRange(range: PortRange, shares: number): PortRange[] {
  if (range.max === 0) return Array.from({ length: shares }, () => range);
  const pairs = pairsIn(range);
  const first = firstEven(range.min);
  return Array.from({ length: shares }, (_, share) => ({
    min: first + 2 * Math.floor((pairs * share) / shares),
    max: first + 2 * Math.floor((pairs * (share + 1)) / shares) - 1,
  }));
}

function firstEven(port: number): number {
  return port + (port & 1);
}
