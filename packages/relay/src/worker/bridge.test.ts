import { describe, expect, it } from '@jest/globals';
import type { SessionId } from '@sordino/core';
import type { MediaDescription } from '@sordino/interception';
import { createStripper } from '@sordino/media';
import { Bridge } from './bridge.ts';
import { type DatagramReceiver, NO_RECEIVER, type PacketSocket } from './io/packet-io.ts';
import { WasmOpus } from './opus/wasm-opus.ts';
import type { PortPair } from './port-pair.ts';

const HOST = '127.0.0.1';
const PACKET_MS = 20;

class DeafSocket implements PacketSocket {
  readonly refusedSends = 0;
  readonly port: number;
  receiver: DatagramReceiver = NO_RECEIVER;
  readonly sentMs: number[] = [];
  readonly #now: () => number;

  constructor(port: number, now: () => number) {
    this.port = port;
    this.#now = now;
  }

  receive(receiver: DatagramReceiver): void {
    this.receiver = receiver;
  }

  send(): void {
    this.sentMs.push(this.#now());
  }

  async close(): Promise<void> {}
}

/** A bridge on a clock of our own, and the worker's loop as it is meant to be: a tick when one is due. */
async function scene() {
  let nowMs = 1_000;
  const now = () => nowMs;
  const pair = (port: number): PortPair & { readonly rtp: DeafSocket } => ({
    rtp: new DeafSocket(port, now),
    rtcp: new DeafSocket(port + 1, now),
    rtpPort: port,
    rtcpPort: port + 1,
    close: async () => {},
  });
  const [customer, clean] = [pair(40_000), pair(40_002)];
  const pairs = [customer, clean];
  const woken: number[] = [];
  const bridge = await Bridge.open(
    {
      bridge: 1,
      session: 'ses_due' as SessionId,
      sealTo: new Uint8Array(32).fill(9),
      mask: { style: 'silence', hold: 'per_key' },
      firstKeySeq: 0,
    },
    {
      host: HOST,
      advertisedHost: HOST,
      ports: { reserve: async () => pairs.shift() },
      lookbackMs: 30,
      rtcpIntervalMs: 5_000,
      createStripper,
      opus: new WasmOpus(),
      clock: { monotonicMs: now, wallMs: now },
      emit: () => {},
      wake: (dueMs) => woken.push(dueMs),
      random: () => 0.5,
      prompts: new Map(),
    },
  );
  if (bridge === undefined) throw new Error('no ports');
  const peerAt = (port: number): MediaDescription => ({
    rtp: { host: HOST, port },
    rtcp: { host: HOST, port: port + 1 },
    codec: 'PCMU',
    audioPayloadType: 0,
    eventPayloadType: 101,
    packetTimeMs: PACKET_MS,
    direction: 'sendrecv',
  });
  const from = Object.freeze({ host: HOST, port: 50_000 });
  let ticks = 0;
  let sequence = 0;
  return {
    bridge,
    woken,
    sentMs: clean.rtp.sentMs,
    ticks: () => ticks,
    nowMs: now,
    connect: ({ hasAgent } = { hasAgent: true }) => {
      if (hasAgent) bridge.setPeer('clean', peerAt(50_002));
      bridge.setPeer('customer', peerAt(50_000));
      bridge.wake();
    },
    run: (ms: number, speaking: boolean) => {
      for (const endMs = nowMs + ms; nowMs < endMs; nowMs += 1) {
        if (speaking && nowMs % PACKET_MS === 0) {
          const packet = new Uint8Array(172).fill(0x99);
          packet.set([0x80, 0, 0, sequence, 0, 0, (sequence * 160) >> 8, sequence * 160, 0xff, 0, 0, 1]);
          sequence += 1;
          customer.rtp.receiver.datagram(packet, from);
        }
        if (bridge.dueMs > nowMs) continue;
        ticks += 1;
        bridge.tick(nowMs);
      }
    },
  };
}

describe('when a bridge is due', () => {
  it('is never, while nobody is there', async () => {
    const { bridge, run, ticks } = await scene();
    run(1_000, false);
    expect([bridge.dueMs, ticks()]).toEqual([Number.POSITIVE_INFINITY, 0]);
    await bridge.close();
  });

  it('is ten times a second while packets come: what was waited for has come', async () => {
    const { bridge, connect, run, ticks, sentMs } = await scene();
    connect();
    run(500, true);
    const [ticksBefore, sentBefore] = [ticks(), sentMs.length];
    run(2_000, true);
    expect(ticks() - ticksBefore).toBeGreaterThanOrEqual(19);
    expect(ticks() - ticksBefore).toBeLessThanOrEqual(21);
    expect(sentMs.length - sentBefore).toBe(100);
    await bridge.close();
  });

  it('is in time for what has not come: the stream goes on at its pace', async () => {
    const { bridge, connect, run, sentMs, nowMs } = await scene();
    connect();
    run(500, true);
    const stoppedMs = nowMs();
    run(1_000, false);
    const later = sentMs.filter((atMs) => atMs >= stoppedMs);
    expect(later.length).toBeGreaterThanOrEqual(46);
    const gapsMs = later.slice(1).map((atMs, n) => atMs - (later[n] ?? 0));
    expect(Math.max(...gapsMs)).toBeLessThanOrEqual(PACKET_MS + 2);
    await bridge.close();
  });

  it('tells the worker when it is due before it was', async () => {
    const { bridge, connect, run, woken, nowMs } = await scene();
    connect({ hasAgent: false });
    run(110, false);
    const { dueMs } = bridge;
    run(20, true);
    expect(woken).toHaveLength(1);
    expect(woken[0]).toBeLessThan(dueMs);
    expect(woken[0]).toBeGreaterThan(nowMs());
    await bridge.close();
  });
});
