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

/** The ports of one worker. No other worker has a port of this range: nothing is shared, nothing is locked. */
export class PortPairs {
  readonly #io: PacketIo;
  readonly #host: string;
  readonly #range: PortRange;
  readonly #taken = new Set<number>();
  #next: number;

  constructor(io: PacketIo, host: string, range: PortRange) {
    this.#io = io;
    this.#host = host;
    this.#range = range;
    this.#next = firstEven(range.min);
  }

  /** Binds a pair, or `undefined` when none is free. */
  async reserve(): Promise<PortPair | undefined> {
    return this.#range.max === 0 ? this.#reserveAny() : this.#reserveInRange();
  }

  /** Goes round the range instead of taking the lowest free pair: late packets of a closed call meet a port that is shut. */
  async #reserveInRange(): Promise<PortPair | undefined> {
    const pairs = pairsIn(this.#range);
    for (let tried = 0; tried < pairs; tried += 1) {
      const port = this.#next;
      this.#next = port + 3 > this.#range.max ? firstEven(this.#range.min) : port + 2;
      if (this.#taken.has(port)) continue;
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
