import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { nodeAes } from '../test-support/aes.ts';
import { createRtcpProtection, createRtpProtection } from './create-protection.ts';
import { HmacSha1 } from './hmac-sha1.ts';
import { Keystream } from './keystream.ts';
import { createSrtpReceiver } from './receiver.ts';
import { createSrtpSender } from './sender.ts';
import { deriveSessionKeys } from './session-keys.ts';
import type { SrtpKeys } from './srtp.ts';
import { type SrtpSuiteName, srtpSuite } from './suites.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

/** A packet with room behind it. */
const withRoom = (packet: Uint8Array): Uint8Array => {
  const buffer = new Uint8Array(packet.length + 32);
  buffer.set(packet);
  return buffer;
};

const suiteOf = (name: SrtpSuiteName) => {
  const suite = srtpSuite(name);
  if (suite === undefined) throw new Error(name);
  return suite;
};

describe('HMAC-SHA1', () => {
  it('agrees with the platform for every length around the edges of a block', () => {
    const key = bytes('cebe321f6ff7716b6fd4ab49af256a156d38baa4');
    const hmac = new HmacSha1(key);
    const message = Uint8Array.from({ length: 300 }, (_, at) => (at * 7) & 0xff);
    for (let length = 0; length <= message.length; length++) {
      for (const suffix of [undefined, 0xdeadbeef]) {
        hmac.compute(message, length, suffix);
        const end = suffix === undefined ? Buffer.alloc(0) : bytes('deadbeef');
        const expected = createHmac('sha1', key).update(message.subarray(0, length)).update(end).digest();
        expect(hex(Uint8Array.from({ length: 20 }, (_, at) => hmac.tagByte(at)))).toBe(hex(expected));
      }
    }
  });

  it('refuses a key that would have to be hashed first', () => {
    expect(() => new HmacSha1(new Uint8Array(65))).toThrow(RangeError);
  });
});

describe('keystream of AES in counter mode', () => {
  const cases = [
    {
      source: 'RFC 3711 B.2',
      key: '2b7e151628aed2a6abf7158809cf4f3c',
      stream: [
        'e03ead0935c95e80e166b16dd92b4eb4',
        'd23513162b02d0f72a43a2fe4a5f97ab',
        '41e95b3bb0a2e8dd477901e4fca894c0',
      ],
      last: [
        'ec8cdf7398607cb0f2d21675ea9ea1e4',
        '362b7c3c6773516318a077d7fc5073ae',
        '6a2cc3787889374fbeb4c81b17ba6c44',
      ],
    },
    {
      source: 'RFC 6188 §7.1',
      key: '57f82fe3613fd170a85ec93c40b1f0922ec4cb0dc025b58272147cc438944a98',
      stream: [
        '92bdd28a93c3f52511c677d08b5515a4',
        '9da71b2378a854f67050756ded165bac',
        '63c4868b7096d88421b563b8c94c9a31',
      ],
      last: [
        'cea518c90fd91ced9cbb18c078a54711',
        '3dbc4814f4da5f00a08772b63c6a046d',
        '6eb246913062a16891433e97dd01a57f',
      ],
    },
  ];
  it.each(cases)('$source: the first and the last blocks of the long stream', ({ key, stream, last }) => {
    // SSRC 0, ROC 0, sequence 0: the salt is the whole of the counter.
    const keystream = new Keystream(nodeAes(bytes(key)), bytes('f0f1f2f3f4f5f6f7f8f9fafbfcfd'), {
      ssrcAt: 4,
      indexAt: 8,
      counterAt: 14,
      firstCounter: 0,
    });
    keystream.prepare(0, 0, 0xff02);
    const at = (block: number): string =>
      hex(keystream.bytes.subarray(keystream.offset + block * 16, keystream.offset + block * 16 + 16));
    expect([0, 1, 2].map(at)).toEqual(stream);
    expect([0xfeff, 0xff00, 0xff01].map(at)).toEqual(last);
  });
});

describe('session keys', () => {
  it('RFC 3711 B.3: from a master key of 128 bits', () => {
    const { rtp } = deriveSessionKeys(
      {
        suite: 'AES_CM_128_HMAC_SHA1_80',
        masterKey: bytes('e1f97a0d3e018be0d64fa32c06de4139'),
        masterSalt: bytes('0ec675ad498afeebb6960b3aabe6'),
      },
      nodeAes,
    );
    expect(hex(rtp.cipherKey)).toBe('c61e7a93744f39ee10734afe3ff7a087');
    expect(hex(rtp.salt)).toBe('30cbbc08863d8c85d49db34a9ae1');
    // The RFC derives 94 bytes for a longer hash; HMAC-SHA1 has the first 20 of them.
    expect(hex(rtp.authenticationKey)).toBe('cebe321f6ff7716b6fd4ab49af256a156d38baa4');
  });

  it('RFC 6188 §7.2: from a master key of 256 bits', () => {
    const { rtp } = deriveSessionKeys(
      {
        suite: 'AES_256_CM_HMAC_SHA1_80',
        masterKey: bytes('f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6'),
        masterSalt: bytes('3b04803de51ee7c96423ab5b78d2'),
      },
      nodeAes,
    );
    expect(hex(rtp.cipherKey)).toBe('5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4');
    expect(hex(rtp.salt)).toBe('fa31791685ca444a9e07c6c64e93');
    expect(hex(rtp.authenticationKey)).toBe('fd9c32d39ed5fbb5a9dc96b30818454d1313dc05');
  });

  it.each([
    ['AES_CM_128_HMAC_SHA1_80', 15, 14],
    ['AES_CM_128_HMAC_SHA1_80', 16, 12],
    ['AEAD_AES_256_GCM', 16, 12],
    ['AEAD_AES_256_GCM', 32, 14],
  ] as const)('refuses %s with a key of %i and a salt of %i bytes', (suite, keyBytes, saltBytes) => {
    const keys: SrtpKeys = {
      suite,
      masterKey: new Uint8Array(keyBytes),
      masterSalt: new Uint8Array(saltBytes),
    };
    expect(() => createSrtpSender(keys, nodeAes)).toThrow(RangeError);
    expect(() => createSrtpReceiver(keys, nodeAes)).toThrow(
      /takes a key of (16|32) and a salt of (12|14) bytes/,
    );
  });
});

describe('whole packets, as other implementations have them', () => {
  const counterMode = [
    {
      source: 'libsrtp, AES-128',
      suite: 'AES_CM_128_HMAC_SHA1_80',
      key: 'e1f97a0d3e018be0d64fa32c06de4139',
      salt: '0ec675ad498afeebb6960b3aabe6',
      plain: '800f1234decafbadcafebabe abababababababababababababababab',
      sealed: '800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb',
    },
    {
      source: 'libsrtp, AES-256',
      suite: 'AES_256_CM_HMAC_SHA1_80',
      key: 'f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6',
      salt: '3b04803de51ee7c96423ab5b78d2',
      plain: '800f1234decafbadcafebabe abababababababababababababababab',
      sealed: '800f1234decafbadcafebabe f1d9de17ff251ff1aa007774b0b4b40d a08d9d9a5b3a55d8873b',
    },
    {
      source: 'libre',
      suite: 'AES_CM_128_HMAC_SHA1_80',
      key: '22222222222222222222222222222222',
      salt: '4444444444444444444444444444',
      plain: '800000010000000001020304 a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5',
      sealed: '800000010000000001020304 f5b44b7e3ad4eb057bc6480c45df6547bb70bcc2 7b136e1f3d3a62821b15',
    },
  ] as const;
  it.each(counterMode)('$source', ({ suite, key, salt, plain, sealed }) => {
    const keys: SrtpKeys = { suite, masterKey: bytes(key), masterSalt: bytes(salt) };
    const packet = withRoom(bytes(plain));
    const length = createSrtpSender(keys, nodeAes).protectRtp(packet, bytes(plain).length);
    expect(hex(packet.subarray(0, length))).toBe(hex(bytes(sealed)));

    const opened = createSrtpReceiver(keys, nodeAes).unprotectRtp(packet, length);
    expect(hex(packet.subarray(0, opened))).toBe(hex(bytes(plain)));
  });

  const session = (name: 'AEAD_AES_128_GCM' | 'AEAD_AES_256_GCM') => ({
    suite: suiteOf(name),
    keys: {
      cipherKey: Uint8Array.from({ length: suiteOf(name).keyBytes }, (_, at) => at),
      authenticationKey: new Uint8Array(20),
      salt: bytes('517569642070726f2071756f'),
    },
  });

  it.each([
    [
      '§16.1',
      'AEAD_AES_128_GCM',
      'f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce',
    ],
    [
      '§16.2',
      'AEAD_AES_256_GCM',
      '32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13',
    ],
  ] as const)('RFC 7714 %s: SRTP with %s', (_, name, sealed) => {
    const { suite, keys } = session(name);
    const plain = bytes(
      '8040f17b8041f8d35501a0b2 47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573',
    );
    const packet = withRoom(plain);
    const protection = createRtpProtection(suite, keys, nodeAes);
    protection.seal(packet, 12, plain.length, 0x5501a0b2, 0xf17b);
    expect(hex(packet.subarray(12, plain.length + 16))).toBe(sealed);
    expect(protection.open(packet, 12, plain.length, 0x5501a0b2, 0xf17b)).toBe(true);
    expect(hex(packet.subarray(0, plain.length))).toBe(hex(plain));
  });

  it.each([
    [
      '§17.1',
      'AEAD_AES_128_GCM',
      '63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4',
    ],
    [
      '§17.2',
      'AEAD_AES_256_GCM',
      'd50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be800005d4',
    ],
  ] as const)('RFC 7714 %s: SRTCP with %s', (_, name, sealed) => {
    const { suite, keys } = session(name);
    const plain = bytes(
      '81c8000d4d617273 4e5450314e54503252545020 0000042a0000e930 4c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef',
    );
    const packet = withRoom(plain);
    const protection = createRtcpProtection(suite, keys, nodeAes);
    protection.seal(packet, plain.length, 0x4d617273, 0x5d4);
    expect(hex(packet.subarray(8, plain.length + 20))).toBe(sealed);
    expect(protection.indexWord(packet, plain.length)).toBe(0x800005d4);
    expect(protection.open(packet, plain.length, 0x4d617273, 0x5d4)).toBe(true);
    expect(hex(packet.subarray(0, plain.length))).toBe(hex(plain));
  });
});
