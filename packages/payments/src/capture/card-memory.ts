/**
 * Where buffers for card data come from: zeroed memory of exactly `byteCount` bytes. A port, so that a process can hand out locked
 * or pooled memory, and a test can look into every buffer afterwards.
 */
export type CardMemory = (byteCount: number) => Uint8Array;

export const plainCardMemory: CardMemory = (byteCount) => new Uint8Array(byteCount);
