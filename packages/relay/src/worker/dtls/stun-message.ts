import { createHmac, timingSafeEqual } from 'node:crypto';
import { crc32 } from './crc32.ts';

/** RFC 8489 §5. */
export const STUN_MAGIC_COOKIE = 0x2112_a442;
const STUN_HEADER_BYTES = 20;

/** A check with all its attributes has about 120 bytes; RFC 8489 §6.1 keeps all messages below the path MTU. */
const STUN_MESSAGE_BYTES_MAX = 1_280;

/** Ten are usual; each costs a view. */
const ATTRIBUTES_MAX = 32;

/** Class and method in one number, as on the wire (RFC 8489 §5, figure 3). */
export const STUN_TYPE = { bindingRequest: 0x0001, bindingSuccess: 0x0101, bindingError: 0x0111 } as const;

/** RFC 8489 §18.3 and RFC 8445 §20.1. Below 0x8000 a receiver must understand it. */
export const STUN_ATTRIBUTE = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
  iceControlling: 0x802a,
} as const;

const INTEGRITY_BYTES = 20;
const CHECKSUM_BYTES = 4;
const ATTRIBUTE_HEADER_BYTES = 4;
/** RFC 8489 §14.7. */
const FINGERPRINT_MASK = 0x5354_554e;

export interface StunAttribute {
  readonly type: number;
  readonly value: Uint8Array;
  /** Of the attribute's header in the message. */
  readonly offset: number;
}

/** Views of the datagram that was read: valid as long as it is. */
export interface StunMessage {
  readonly type: number;
  readonly transactionId: Uint8Array;
  /** Up to and with MESSAGE-INTEGRITY, and FINGERPRINT: what stands between or behind them counts for nothing (§14.5). */
  readonly attributes: readonly StunAttribute[];
  readonly bytes: Uint8Array;
}

/** Undefined: not one whole message of RFC 8489. Looks at shape only; who sent it is for `hasIntegrity` to say. */
export function readStun(datagram: Uint8Array): StunMessage | undefined {
  if (datagram.length < STUN_HEADER_BYTES || datagram.length > STUN_MESSAGE_BYTES_MAX) return undefined;
  const view = viewOf(datagram);
  const type = view.getUint16(0);
  const length = view.getUint16(2);
  if (type > 0x3fff || view.getUint32(4) !== STUN_MAGIC_COOKIE) return undefined;
  if (length % 4 !== 0 || STUN_HEADER_BYTES + length !== datagram.length) return undefined;
  const attributes: StunAttribute[] = [];
  let isSealed = false;
  for (let offset = STUN_HEADER_BYTES; offset < datagram.length; ) {
    // The length is a multiple of 4, so that a header always fits.
    const attributeType = view.getUint16(offset);
    const valueBytes = view.getUint16(offset + 2);
    const start = offset + ATTRIBUTE_HEADER_BYTES;
    const end = start + valueBytes;
    if (end > datagram.length || attributes.length >= ATTRIBUTES_MAX) return undefined;
    if (!isSealed || attributeType === STUN_ATTRIBUTE.fingerprint)
      attributes.push({ type: attributeType, value: datagram.subarray(start, end), offset });
    isSealed ||= attributeType === STUN_ATTRIBUTE.messageIntegrity;
    offset = start + padded(valueBytes);
    if (attributeType === STUN_ATTRIBUTE.fingerprint && offset !== datagram.length) return undefined;
  }
  return { type, transactionId: datagram.subarray(8, STUN_HEADER_BYTES), attributes, bytes: datagram };
}

export function attributeOf(message: StunMessage, type: number): StunAttribute | undefined {
  return message.attributes.find((attribute) => attribute.type === type);
}

/** RFC 8489 §14.5: HMAC-SHA1 with the short-term password over all before it, as if it were the last attribute. */
export function hasIntegrity(message: StunMessage, password: string): boolean {
  const integrity = attributeOf(message, STUN_ATTRIBUTE.messageIntegrity);
  if (integrity?.value.length !== INTEGRITY_BYTES) return false;
  return timingSafeEqual(integrityOf(message.bytes.subarray(0, integrity.offset), password), integrity.value);
}

/** RFC 8489 §14.7: the last attribute, so that STUN is told from anything else that begins like it. */
export function hasFingerprint(message: StunMessage): boolean {
  const fingerprint = attributeOf(message, STUN_ATTRIBUTE.fingerprint);
  if (fingerprint?.value.length !== CHECKSUM_BYTES) return false;
  return viewOf(fingerprint.value).getUint32(0) === checksumOf(message.bytes.subarray(0, fingerprint.offset));
}

export interface StunReply {
  readonly type: number;
  readonly transactionId: Uint8Array;
  readonly attributes: readonly { readonly type: number; readonly value: Uint8Array }[];
}

/** A message with MESSAGE-INTEGRITY and FINGERPRINT behind its attributes (RFC 8445 §7.3.1). */
export function writeStun(reply: StunReply, password: string): Buffer {
  const parts: Uint8Array[] = [];
  let length = 0;
  const add = (type: number, value: Uint8Array): void => {
    const attribute = Buffer.alloc(ATTRIBUTE_HEADER_BYTES + padded(value.length));
    attribute.writeUInt16BE(type, 0);
    attribute.writeUInt16BE(value.length, 2);
    attribute.set(value, ATTRIBUTE_HEADER_BYTES);
    parts.push(attribute);
    length += attribute.length;
  };
  const soFar = (): Buffer => {
    const header = Buffer.alloc(STUN_HEADER_BYTES);
    header.writeUInt16BE(reply.type, 0);
    header.writeUInt16BE(length, 2);
    header.writeUInt32BE(STUN_MAGIC_COOKIE, 4);
    header.set(reply.transactionId, 8);
    return Buffer.concat([header, ...parts]);
  };
  for (const { type, value } of reply.attributes) add(type, value);
  add(STUN_ATTRIBUTE.messageIntegrity, integrityOf(soFar(), password));
  const checksum = Buffer.alloc(CHECKSUM_BYTES);
  checksum.writeUInt32BE(checksumOf(soFar()));
  add(STUN_ATTRIBUTE.fingerprint, checksum);
  return soFar();
}

function integrityOf(before: Uint8Array, password: string): Buffer {
  return createHmac('sha1', password)
    .update(withLength(before, ATTRIBUTE_HEADER_BYTES + INTEGRITY_BYTES))
    .digest();
}

function checksumOf(before: Uint8Array): number {
  return (crc32(withLength(before, ATTRIBUTE_HEADER_BYTES + CHECKSUM_BYTES)) ^ FINGERPRINT_MASK) >>> 0;
}

/** Both sums are taken with the length that the message has when their own attribute is its last. */
function withLength(before: Uint8Array, ownBytes: number): Buffer {
  const copy = Buffer.from(before);
  copy.writeUInt16BE(before.length - STUN_HEADER_BYTES + ownBytes, 2);
  return copy;
}

const padded = (bytes: number): number => (bytes + 3) & ~3;
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
