/** As many slots as the packet addon has, so that each keeps its own view. A power of two. */
const SLOTS = 512;
const SLOT_BYTES = 2_048;

const datagrams: (Uint8Array | undefined)[] = new Array(SLOTS);
const payloads: (Uint8Array | undefined)[] = new Array(SLOTS);

/**
 * The payload of a datagram without a new object for each: the addon hands out one view for each slot of its memory, again and
 * again, and the payload of a stream begins at the same place in each. For all other datagrams a view is made.
 */
export function payloadOf(datagram: Uint8Array, offset: number, length: number): Uint8Array {
  const slot = (datagram.byteOffset / SLOT_BYTES) & (SLOTS - 1);
  const kept = payloads[slot];
  if (
    kept !== undefined &&
    datagrams[slot] === datagram &&
    kept.length === length &&
    kept.byteOffset === datagram.byteOffset + offset
  )
    return kept;
  const made = datagram.subarray(offset, offset + length);
  datagrams[slot] = datagram;
  payloads[slot] = made;
  return made;
}
