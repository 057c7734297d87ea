import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  attributeOf,
  hasFingerprint,
  hasIntegrity,
  readStun,
  STUN_ATTRIBUTE,
  STUN_TYPE,
  writeStun,
} from './stun-message.ts';
import { check, VECTOR_PASSWORD, VECTORS } from './test-support/checks.ts';
import { xorMappedAddress } from './xor-address.ts';

const local = { ufrag: 'ours', password: 'a password of ours, long' };

function edited(bytes: Buffer, edit: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  edit(copy);
  return copy;
}

describe('a STUN message', () => {
  it.each(Object.entries(VECTORS))('of RFC 5769 is authentic: %s', (_, bytes) => {
    const message = readStun(bytes);
    if (message === undefined) throw new Error('it was not read');
    expect(hasFingerprint(message)).toBe(true);
    expect(hasIntegrity(message, VECTOR_PASSWORD)).toBe(true);
    expect(hasIntegrity(message, 'another password')).toBe(false);
  });

  it.each([
    ['ipv4Response', { host: '192.0.2.1', port: 32_853 }],
    ['ipv6Response', { host: '2001:db8:1234:5678:11:2233:4455:6677', port: 32_853 }],
  ] as const)('has the address of %s masked as RFC 5769 has it', (name, address) => {
    const message = readStun(VECTORS[name]);
    const expected = message && attributeOf(message, STUN_ATTRIBUTE.xorMappedAddress)?.value;
    expect(xorMappedAddress(address, message?.transactionId ?? Buffer.alloc(0))).toEqual(expected);
  });

  it.each([
    ['::1', '00000000000000000000000000000001'],
    ['fe80::1%eth0', 'fe800000000000000000000000000001'],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
    ['2001:db8::', '20010db8000000000000000000000000'],
  ])('can name %s', (host, octets) => {
    const mask = Buffer.from('2112a442000000000000000000000000', 'hex');
    const value = xorMappedAddress({ host, port: 0 }, Buffer.alloc(12));
    expect(Buffer.from(value.subarray(4).map((octet, at) => octet ^ (mask[at] ?? 0))).toString('hex')).toBe(
      octets,
    );
  });

  it('is read as it was written', () => {
    const attributes = [{ type: 0x8022, value: Buffer.from('Sordino') }];
    const transactionId = Buffer.from('0123456789ab');
    const bytes = writeStun({ type: STUN_TYPE.bindingSuccess, transactionId, attributes }, 'secret');
    const message = readStun(bytes);
    expect(message?.type).toBe(STUN_TYPE.bindingSuccess);
    expect(message?.transactionId).toEqual(transactionId);
    expect(message && attributeOf(message, 0x8022)?.value).toEqual(Buffer.from('Sordino'));
    expect(message && hasIntegrity(message, 'secret') && hasFingerprint(message)).toBe(true);
  });

  const good = check(local);
  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['half a header', good.subarray(0, 10)],
    ['a message without its last byte', good.subarray(0, good.length - 1)],
    ['a byte too many', Buffer.concat([good, Buffer.alloc(1)])],
    ['a length that is no multiple of 4', edited(good, (copy) => copy.writeUInt16BE(2, 2))],
    ['another cookie', edited(good, (copy) => copy.writeUInt8(0, 4))],
    ['the first two bits set', edited(good, (copy) => copy.writeUInt8(0x80, 0))],
    ['an attribute beyond the end', edited(good, (copy) => copy.writeUInt16BE(0xffff, 22))],
    [
      'an attribute behind FINGERPRINT',
      edited(Buffer.concat([good, Buffer.alloc(4)]), (copy) => copy.writeUInt16BE(copy.length - 20, 2)),
    ],
    ['more attributes than anybody has', check(local, { more: manyAttributes(40) })],
    [
      'more bytes than a datagram has',
      check(local, { more: [{ type: 0x8022, value: Buffer.alloc(1_300) }] }),
    ],
  ])('is not %s', (_, bytes) => {
    expect(readStun(bytes)).toBeUndefined();
  });

  it('takes nothing from between MESSAGE-INTEGRITY and FINGERPRINT, where anybody can put it', () => {
    const smuggled = Buffer.from([0x00, 0x25, 0, 0]);
    const at = good.length - 8;
    const bytes = Buffer.concat([good.subarray(0, at), smuggled, good.subarray(at)]);
    bytes.writeUInt16BE(bytes.length - 20, 2);
    const message = readStun(bytes);
    expect(message).toBeDefined();
    expect(message && attributeOf(message, STUN_ATTRIBUTE.useCandidate)).toBeUndefined();
  });

  it('is never a reason to throw', () => {
    const likeStun = fc
      .uint8Array({ maxLength: 200 })
      .map((body) => Buffer.concat([Buffer.from([0, 1, 0, body.length, 0x21, 0x12, 0xa4, 0x42]), body]));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), likeStun), (bytes) => {
        const message = readStun(bytes);
        if (message !== undefined) expect(hasIntegrity(message, 'secret')).toBe(false);
      }),
    );
  });
});

function manyAttributes(count: number): { type: number; value: Uint8Array }[] {
  return Array.from({ length: count }, () => ({ type: 0x8022, value: Buffer.alloc(0) }));
}
