import { SEALED_PLAINTEXT_BYTES } from '@sordino/core';
import type { MediaDescription } from '@sordino/interception';
import { srtpSuite } from '@sordino/media';
import { SEAL_PUBLIC_KEY_BYTES } from './key-sealer.ts';
import type { Request } from './protocol.ts';

type Fields = Readonly<Record<string, unknown>>;

const MASK_STYLES = ['silence', 'flat_tone', 'comfort_noise'];
const MASK_HOLDS = ['per_key', 'until_idle', 'whole_field'];
const CODECS = ['PCMU', 'PCMA', 'G722', 'L16/8000', 'L16/16000', 'opus'];
const DIRECTIONS = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

/**
 * Looks at a message before anything trusts it. Messages come from our own main thread; yet a worker carries many calls, and a
 * wrong message must cost one answer, not all of them. Undefined: not a request of this protocol.
 */
export function parseRequest(message: unknown): Request | undefined {
  if (!isFields(message) || !isCount(message.id)) return undefined;
  return isBody(message) ? (message as unknown as Request) : undefined;
}

/** The id of a message that is no request, so that its sender gets an error instead of silence. */
export function idOf(message: unknown): number | undefined {
  return isFields(message) && isCount(message.id) ? message.id : undefined;
}

function isBody(message: Fields): boolean {
  if (message.type === 'stats') return true;
  if (message.type === 'take_place')
    return isFields(message.ports) && isCount(message.ports.min) && isCount(message.ports.max);
  if (!isCount(message.bridge)) return false;
  switch (message.type) {
    case 'open':
      return (
        typeof message.session === 'string' &&
        message.sealTo instanceof Uint8Array &&
        message.sealTo.length === SEAL_PUBLIC_KEY_BYTES &&
        isFields(message.mask) &&
        isOneOf(MASK_STYLES, message.mask.style) &&
        isOneOf(MASK_HOLDS, message.mask.hold) &&
        isCount(message.firstKeySeq) &&
        (message.ice === undefined ||
          (isFields(message.ice) && isIce(message.ice.customer) && isIce(message.ice.clean)))
      );
    case 'set_peer':
      return isSide(message.side) && isDescription(message.peer);
    case 'set_keys':
      return isSide(message.side) && isSrtpPair(message.keys);
    case 'send_dtls':
      return isSide(message.side) && message.datagram instanceof Uint8Array;
    case 'play':
      return isSide(message.side) && typeof message.prompt === 'string';
    case 'stop_playing':
      return isSide(message.side);
    case 'set_collecting':
      return typeof message.collecting === 'boolean';
    case 'seal_info_key':
      return (
        message.plaintext instanceof ArrayBuffer &&
        message.plaintext.byteLength === SEALED_PLAINTEXT_BYTES &&
        Number.isFinite(message.atMs)
      );
    default:
      return message.type === 'figures' || message.type === 'close' || message.type === 'mask_off';
  }
}

function isDescription(value: unknown): value is MediaDescription {
  return (
    isFields(value) &&
    isHostPort(value.rtp) &&
    isHostPort(value.rtcp) &&
    isOneOf(CODECS, value.codec) &&
    isPayloadType(value.audioPayloadType) &&
    (value.eventPayloadType === undefined || isPayloadType(value.eventPayloadType)) &&
    typeof value.packetTimeMs === 'number' &&
    isOneOf(DIRECTIONS, value.direction) &&
    (value.srtp === undefined || isSrtpPair(value.srtp)) &&
    (value.dtls === undefined || isDtls(value.dtls))
  );
}

function isDtls(value: unknown): boolean {
  return (
    isFields(value) &&
    Array.isArray(value.fingerprints) &&
    (value.iceUfrag === undefined || typeof value.iceUfrag === 'string')
  );
}

function isSrtpPair(value: unknown): boolean {
  return isFields(value) && isSrtpKeys(value.local) && isSrtpKeys(value.remote);
}

function isIce(value: unknown): boolean {
  return isFields(value) && typeof value.ufrag === 'string' && typeof value.password === 'string';
}

const isSide = (value: unknown): boolean => value === 'customer' || value === 'clean';

function isSrtpKeys(value: unknown): boolean {
  if (!isFields(value) || typeof value.suite !== 'string') return false;
  const suite = srtpSuite(value.suite);
  return (
    suite !== undefined &&
    value.masterKey instanceof Uint8Array &&
    value.masterKey.length === suite.keyBytes &&
    value.masterSalt instanceof Uint8Array &&
    value.masterSalt.length === suite.saltBytes
  );
}

function isHostPort(value: unknown): boolean {
  return isFields(value) && typeof value.host === 'string' && isCount(value.port) && value.port <= 0xffff;
}

/** RFC 3550 §5.1: seven bits. */
function isPayloadType(value: unknown): boolean {
  return isCount(value) && value <= 0x7f;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isOneOf(words: readonly string[], value: unknown): boolean {
  return typeof value === 'string' && words.includes(value);
}
