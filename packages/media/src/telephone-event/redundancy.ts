/** RFC 2198 §3: F bit, payload type, timestamp offset (14 bits), length (10 bits); the last header is one byte. */
const HEADER_BYTES = 4;
const LAST_HEADER_BYTES = 1;
/** The newest block and the older ones it repeats; RFC 4733 §2.6.1 has two or three, more is no keypad. */
const BLOCKS_MAX = 8;

/** Finds the blocks of an RFC 2198 payload without copying them. One object, reused for each packet. */
export class RedundancyReader {
  /** Of the last payload read, the oldest first. */
  readonly payloadTypes = new Uint8Array(BLOCKS_MAX);
  /** How much earlier than the packet's timestamp each block's is. */
  readonly offsets = new Uint16Array(BLOCKS_MAX);
  readonly begins = new Uint16Array(BLOCKS_MAX);
  readonly ends = new Uint16Array(BLOCKS_MAX);

  /** How many blocks there are; 0 for a payload that is not exactly headers and the blocks they announce. */
  read(payload: Uint8Array): number {
    let blocks = 0;
    let at = 0;
    let announced = 0;
    for (; ((payload[at] ?? 0) & 0x80) !== 0; at += HEADER_BYTES) {
      if (blocks === BLOCKS_MAX - 1 || at + HEADER_BYTES > payload.length) return 0;
      const word = ((payload[at + 1] ?? 0) << 16) | ((payload[at + 2] ?? 0) << 8) | (payload[at + 3] ?? 0);
      this.payloadTypes[blocks] = (payload[at] ?? 0) & 0x7f;
      this.offsets[blocks] = word >> 10;
      this.begins[blocks] = announced;
      announced += word & 0x3ff;
      this.ends[blocks] = announced;
      blocks += 1;
    }
    const body = at + LAST_HEADER_BYTES;
    if (body + announced > payload.length || payload.length > 0xffff) return 0;
    for (let block = 0; block < blocks; block += 1) {
      this.begins[block] = body + (this.begins[block] ?? 0);
      this.ends[block] = body + (this.ends[block] ?? 0);
    }
    this.payloadTypes[blocks] = (payload[at] ?? 0) & 0x7f;
    this.offsets[blocks] = 0;
    this.begins[blocks] = body + announced;
    this.ends[blocks] = payload.length;
    return blocks + 1;
  }
}
