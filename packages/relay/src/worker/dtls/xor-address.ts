import { isIPv6 } from 'node:net';
import type { PeerAddress } from '../peer-gate.ts';
import { STUN_MAGIC_COOKIE } from './stun-message.ts';

/** XOR-MAPPED-ADDRESS (RFC 8489 §14.2): where a request came from, masked so that no NAT on the way rewrites it. */
export function xorMappedAddress(address: PeerAddress, transactionId: Uint8Array): Buffer {
  const octets = isIPv6(address.host) ? ipv6Octets(address.host) : address.host.split('.').map(Number);
  const mask = Buffer.alloc(16);
  mask.writeUInt32BE(STUN_MAGIC_COOKIE);
  mask.set(transactionId, 4);
  const value = Buffer.alloc(4 + octets.length);
  value[1] = octets.length === 4 ? 1 : 2;
  value.writeUInt16BE(address.port ^ (STUN_MAGIC_COOKIE >>> 16), 2);
  for (const [index, octet] of octets.entries()) value[4 + index] = octet ^ (mask[index] ?? 0);
  return value;
}

/** A literal as sockets report it: hexadecimal groups, at most one `::`, perhaps a dotted tail and a zone. */
function ipv6Octets(host: string): number[] {
  const [bare = ''] = host.split('%');
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(bare);
  const hex = (high?: string, low?: string): string => ((Number(high) << 8) | Number(low)).toString(16);
  const text =
    dotted === null ? bare : `${dotted[1]}${hex(dotted[2], dotted[3])}:${hex(dotted[4], dotted[5])}`;
  const [head = '', tail] = text.split('::');
  const groups = (part: string | undefined): string[] => (part ? part.split(':') : []);
  const [before, after] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >>> 8, value & 0xff];
  });
}
