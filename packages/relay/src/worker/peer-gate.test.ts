import { describe, expect, it } from '@jest/globals';
import { PeerGate } from './peer-gate.ts';

const PEER = { host: '192.0.2.1', port: 4000 };
const OTHER_PORT = { host: '192.0.2.1', port: 4002 };
const STRANGER = { host: '192.0.2.66', port: 4000 };

const datagram = (mark: number): Uint8Array => Uint8Array.of(mark);
const marksOf = (held: readonly { bytes: Uint8Array }[]): (number | undefined)[] =>
  held.map(({ bytes }) => bytes[0]);

describe('who may speak on a socket', () => {
  it('hears the signalled peer and nobody else, not even from its other port', () => {
    const gate = new PeerGate();
    gate.setPeer(PEER);
    expect(gate.admit(datagram(1), PEER, 0)).toBe(true);
    expect(gate.admit(datagram(1), OTHER_PORT, 0)).toBe(false);
    expect(gate.admit(datagram(1), STRANGER, 0)).toBe(false);
    expect(gate.foreign).toBe(2);
  });

  it('refuses the old peer from the moment the new one is set', () => {
    const gate = new PeerGate();
    gate.setPeer(PEER);
    expect(gate.setPeer(OTHER_PORT)).toEqual([]);
    expect(gate.admit(datagram(1), PEER, 0)).toBe(false);
    expect(gate.admit(datagram(1), OTHER_PORT, 0)).toBe(true);
  });
});

describe('media that comes before its peer is known', () => {
  it('is handed out when its source turns out to be the peer', () => {
    const gate = new PeerGate();
    const first = datagram(1);
    expect(gate.admit(first, PEER, 10)).toBe(false);
    first.fill(9); // the socket's buffer is used again
    gate.admit(datagram(2), PEER, 30);
    const held = gate.setPeer(PEER);
    expect(marksOf(held)).toEqual([1, 2]);
    expect(held.map(({ arrivedMs }) => arrivedMs)).toEqual([10, 30]);
    expect(gate.foreign).toBe(0);
  });

  it('is dropped, wiped and counted when the peer is somebody else', () => {
    const gate = new PeerGate();
    gate.admit(datagram(1), STRANGER, 0);
    gate.admit(datagram(2), STRANGER, 20);
    expect(gate.setPeer(PEER)).toEqual([]);
    expect(gate.foreign).toBe(2);
  });

  it('keeps the newest eight packets', () => {
    const gate = new PeerGate();
    for (let mark = 1; mark <= 20; mark += 1) gate.admit(datagram(mark), PEER, mark * 20);
    expect(marksOf(gate.setPeer(PEER))).toEqual([13, 14, 15, 16, 17, 18, 19, 20]);
  });

  it('is held for one source at a time', () => {
    const gate = new PeerGate();
    gate.admit(datagram(1), STRANGER, 0);
    gate.admit(datagram(2), PEER, 20);
    expect(gate.foreign).toBe(1);
    expect(gate.setPeer(PEER)).toEqual([]);
    expect(gate.foreign).toBe(2);
  });

  it('lets another source take over when the first has been silent for 200 ms', () => {
    const gate = new PeerGate();
    gate.admit(datagram(1), STRANGER, 0);
    gate.admit(datagram(2), PEER, 200);
    expect(gate.foreign).toBe(1);
    expect(marksOf(gate.setPeer(PEER))).toEqual([2]);
  });
});
