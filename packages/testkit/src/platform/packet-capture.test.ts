import { describe, expect, it } from '@jest/globals';
import { CAPTURED_PACKETS_MAX, type CapturedPacket, encodePcap, PacketCapture } from './packet-capture.ts';

const packet: CapturedPacket = {
  atMs: 1_790_000_000_123.5,
  kind: 'rtp',
  cycle: 1,
  from: { host: '127.0.0.1', port: 0x1234 },
  to: { host: '10.1.2.3', port: 0x5678 },
  bytes: Uint8Array.of(0xca, 0xfe, 0xba, 0xbe),
};

describe('PacketCapture', () => {
  it('writes classic pcap with raw IPv4 and UDP', () => {
    expect(Buffer.from(encodePcap([packet])).toString('hex')).toBe(
      // magic, version 2.4, zone, accuracy, snap length, link type 101
      'a1b2c3d4000200040000000000000000' +
        '0000ffff00000065' +
        // seconds, microseconds, captured, original length
        '6ab13b80' +
        '0001e26c' +
        '0000002000000020' +
        // IPv4, 32 octets, TTL 64, UDP, checksum, addresses
        '4500002000000000' +
        '4011efc87f0000010a010203' +
        // UDP ports, length, no checksum, payload
        '12345678000c0000cafebabe',
    );
  });

  it('stops at its limit and counts what is beyond', () => {
    const capture = new PacketCapture();
    for (let i = 0; i < CAPTURED_PACKETS_MAX + 3; i += 1) capture.add(packet);
    expect(capture.packets).toHaveLength(CAPTURED_PACKETS_MAX);
    expect(capture.dropped).toBe(3);
  });

  it.each(['::1', 'localhost', '1.2.3', '1.2.3.400'])('refuses the address %s', (host) => {
    expect(() => encodePcap([{ ...packet, from: { host, port: 1 } }])).toThrow(`cannot write ${host}`);
  });
});
