/** RFC 6347 §4.1: content types. Only handshake records mean anything to us. */
export const DTLS_CONTENT = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

const RECORD_HEADER_BYTES = 13;
const FRAGMENT_HEADER_BYTES = 12;

/** A certificate chain of several RSA certificates fits; a longer message is somebody who wants our memory. */
const HANDSHAKE_BYTES_MAX = 16_000;

/** DTLS 1.2 (RFC 6347 §4.1). */
export const DTLS_1_2 = 0xfefd;

/** Views of the datagram. */
export interface DtlsRecord {
  readonly contentType: number;
  readonly epoch: number;
  /** 48 bits. */
  readonly sequence: number;
  readonly fragment: Buffer;
  /** Header and fragment. */
  readonly bytes: Buffer;
}

/** RFC 6347 §4.2.2. */
export interface HandshakeFragment {
  readonly type: number;
  /** Of the whole message. */
  readonly length: number;
  readonly messageSeq: number;
  readonly offset: number;
  readonly body: Buffer;
}

/** A whole handshake message. */
export interface HandshakeMessage {
  readonly type: number;
  readonly messageSeq: number;
  readonly body: Buffer;
}

/** The records of a datagram up to the first one that is not whole (RFC 6347 §4.1.2.7: invalid records are dropped in silence). */
export function readRecords(datagram: Buffer): DtlsRecord[] {
  const records: DtlsRecord[] = [];
  for (let start = 0; start + RECORD_HEADER_BYTES <= datagram.length; ) {
    const end = start + RECORD_HEADER_BYTES + datagram.readUInt16BE(start + 11);
    if (end > datagram.length) break;
    records.push({
      contentType: datagram.readUInt8(start),
      epoch: datagram.readUInt16BE(start + 3),
      sequence: datagram.readUIntBE(start + 5, 6),
      fragment: datagram.subarray(start + RECORD_HEADER_BYTES, end),
      bytes: datagram.subarray(start, end),
    });
    start = end;
  }
  return records;
}

/** The handshake fragments of a plaintext record up to the first one that is impossible. */
export function readFragments(record: Buffer): HandshakeFragment[] {
  const fragments: HandshakeFragment[] = [];
  for (let start = 0; start + FRAGMENT_HEADER_BYTES <= record.length; ) {
    const length = record.readUIntBE(start + 1, 3);
    const offset = record.readUIntBE(start + 6, 3);
    const bytes = record.readUIntBE(start + 9, 3);
    const end = start + FRAGMENT_HEADER_BYTES + bytes;
    if (end > record.length || offset + bytes > length || length > HANDSHAKE_BYTES_MAX) break;
    fragments.push({
      type: record.readUInt8(start),
      length,
      messageSeq: record.readUInt16BE(start + 4),
      offset,
      body: record.subarray(start + FRAGMENT_HEADER_BYTES, end),
    });
    start = end;
  }
  return fragments;
}

/** A message as it counts in every hash of the handshake: as if sent in one fragment (RFC 6347 §4.2.6). */
export function writeMessage({ type, messageSeq, body }: HandshakeMessage): Buffer {
  const bytes = Buffer.alloc(FRAGMENT_HEADER_BYTES + body.length);
  bytes.writeUInt8(type, 0);
  bytes.writeUIntBE(body.length, 1, 3);
  bytes.writeUInt16BE(messageSeq, 4);
  bytes.writeUIntBE(body.length, 9, 3);
  bytes.set(body, FRAGMENT_HEADER_BYTES);
  return bytes;
}

/** A plaintext record with one whole message. */
export function writeHandshakeRecord(message: HandshakeMessage, sequence: number): Buffer {
  const fragment = writeMessage(message);
  const bytes = Buffer.alloc(RECORD_HEADER_BYTES + fragment.length);
  bytes.writeUInt8(DTLS_CONTENT.handshake, 0);
  bytes.writeUInt16BE(DTLS_1_2, 1);
  bytes.writeUIntBE(sequence, 5, 6);
  bytes.writeUInt16BE(fragment.length, 11);
  bytes.set(fragment, RECORD_HEADER_BYTES);
  return bytes;
}
