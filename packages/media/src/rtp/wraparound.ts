/** Sequence numbers (16 bits) and timestamps (32 bits) compared on their circle, RFC 3550 §5.1 and RFC 1982. */

/** How far `later` lies after `earlier`: -32,768 to 32,767; negative when it lies before. */
export const sequenceDistance = (earlier: number, later: number): number => ((later - earlier) << 16) >> 16;

export const nextSequence = (sequence: number, step = 1): number => (sequence + step) & 0xffff;

/** How far `later` lies after `earlier` in ticks: -2^31 to 2^31 - 1. */
export const timestampDistance = (earlier: number, later: number): number => (later - earlier) | 0;

export const nextTimestamp = (timestamp: number, ticks: number): number => (timestamp + ticks) >>> 0;
