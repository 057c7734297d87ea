/** Big-endian words of packets. */
export function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return ((readUint16(bytes, at) << 16) | readUint16(bytes, at + 2)) >>> 0;
}

export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Into what is there: the counters of both ciphers are a salt with numbers mixed into it. */
export function xorUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = (bytes[at] ?? 0) ^ (value >>> 24);
  bytes[at + 1] = (bytes[at + 1] ?? 0) ^ (value >>> 16);
  bytes[at + 2] = (bytes[at + 2] ?? 0) ^ (value >>> 8);
  bytes[at + 3] = (bytes[at + 3] ?? 0) ^ value;
}
