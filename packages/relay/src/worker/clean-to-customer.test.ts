import { describe, expect, it } from '@jest/globals';
import type { Prompts } from '../prompts/load-prompts.ts';
import { CleanToCustomer } from './clean-to-customer.ts';
import type { PacketSocket } from './io/packet-io.ts';
import { MediaSide } from './media-side.ts';
import { WasmOpus } from './opus/wasm-opus.ts';
import { readPeer } from './peer.ts';
import { Player } from './player.ts';
import { RtpWriter } from './rtp-writer.ts';

const TICK_MS = 5;
const FRAME_MS = 20;

/** The way to the customer with a clock of our own: what leaves, and when. */
function way(prompts: Prompts) {
  const sent: { atMs: number; sequence: number; timestamp: number; marker: boolean; first: number }[] = [];
  let nowMs = 1_000;
  const socket: PacketSocket = {
    port: 40_000,
    refusedSends: 0,
    receive: () => {},
    send: (packet) => {
      const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
      const [sequence, timestamp, first] = [view.getUint16(2), view.getUint32(4), packet[12] ?? 0];
      sent.push({ atMs: nowMs, sequence, timestamp, marker: (packet[1] ?? 0) >= 0x80, first });
    },
    close: async () => {},
  };
  const address = { host: '127.0.0.1', port: 40_000 };
  const writer = new RtpWriter();
  const side = new MediaSide({
    side: 'customer',
    ports: {
      rtp: socket,
      rtcp: { ...socket, send: () => {} },
      rtpPort: 40_000,
      rtcpPort: 40_001,
      close: async () => {},
    },
    local: { rtp: address, rtcp: address },
    writer,
    cname: 'x',
    dtls: undefined,
    rtcpIntervalMs: 5_000,
    clock: { monotonicMs: () => nowMs, wallMs: () => nowMs },
    news: () => {},
    quality: () => {},
    oneWay: () => {},
    random: () => 0.5,
  });
  const description = {
    rtp: address,
    rtcp: address,
    codec: 'PCMU',
    audioPayloadType: 0,
    eventPayloadType: undefined,
    packetTimeMs: FRAME_MS,
    direction: 'sendrecv',
  } as const;
  const opus = new WasmOpus();
  const player = new Player(prompts, opus, () => {});
  const toCustomer = new CleanToCustomer(side, writer, player, opus);
  toCustomer.customerPeer(description);
  toCustomer.cleanPeer(description);
  const peer = readPeer(description, '127.0.0.1');
  if (!peer.ok) throw new Error(peer.problem);
  side.setPeer(peer.value);
  let sequence = 7;
  return {
    sent,
    player,
    play: (prompt: string) => {
      player.start(prompt);
      toCustomer.played(nowMs);
    },
    agentSpeaks: () => {
      sequence += 1;
      const payload = new Uint8Array(160).fill(0x99);
      const packet = { payloadType: 0, marker: false, sequence, timestamp: sequence * 160, ssrc: 1, payload };
      toCustomer.packet({ ...packet, restarted: false, beside: false }, nowMs);
    },
    /** The worker's loop, `lateMs` late each time. */
    run: (
      ms: number,
      each: (nowMs: number) => void = () => {},
      lateMs: (tick: number) => number = () => 0,
    ) => {
      const startMs = nowMs;
      for (let tick = 1; tick * TICK_MS <= ms; tick += 1) {
        nowMs = startMs + tick * TICK_MS + lateMs(tick);
        each(nowMs);
        toCustomer.tick(nowMs);
      }
      nowMs = startMs + ms;
    },
  };
}

/** How far the time of the stream is ahead of the clock, at each packet: what a jitter buffer has to hold. */
function leadsMs(sent: ReturnType<typeof way>['sent']): number[] {
  const first = sent[0];
  if (first === undefined) return [];
  return sent.map(({ atMs, timestamp }) => ((timestamp - first.timestamp) >>> 0) / 8 - (atMs - first.atMs));
}

const LONG = new Map([['long', new Int16Array(80_000)]]);
const PIP = new Map([['pip', new Int16Array(200)]]);

describe('the pace of a prompt', () => {
  it('is that of the clock: one frame each packet time, and none is ever early', () => {
    const { sent, play, run } = way(LONG);
    play('long');
    run(12_000);
    expect(sent).toHaveLength(500);
    // The first one waited for its tick.
    expect(Math.max(...leadsMs(sent))).toBeLessThanOrEqual(TICK_MS);
    expect(Math.min(...leadsMs(sent))).toBe(0);
  });

  it('does not drift when ticks come late', () => {
    const { sent, play, run } = way(LONG);
    play('long');
    run(12_000, undefined, (tick) => (tick % 7 === 3 ? 4 : 0));
    expect(sent).toHaveLength(500);
    expect(Math.min(...leadsMs(sent))).toBeGreaterThanOrEqual(-5);
    expect(Math.abs((sent.at(-1)?.atMs ?? 0) - (sent[0]?.atMs ?? 0) - 499 * FRAME_MS)).toBeLessThanOrEqual(5);
  });

  it('catches up with a short halt, and after a long one goes on from now', () => {
    const short = way(LONG);
    short.play('long');
    short.run(100);
    short.run(100, undefined, () => 95);
    const long = way(LONG);
    long.play('long');
    long.run(100);
    const before = long.sent.length;
    long.run(5, undefined, () => 3_000);
    expect(short.sent.length).toBeGreaterThanOrEqual(10);
    expect(long.sent.length - before).toBeLessThanOrEqual(1);
    long.run(3_100);
    long.run(200);
    // The time that stood still is in the timestamps.
    expect(Math.abs(leadsMs(long.sent).at(-1) ?? 0)).toBeLessThanOrEqual(2 * FRAME_MS);
  });
});

describe('the seams of a prompt', () => {
  it('do not pile up: fifty prompts, each between words of the agent, leave the stream where the clock is', () => {
    const { sent, play, player, run, agentSpeaks } = way(PIP);
    // The agent's packets come 13 ms after our frames would: the worst that phase can be.
    let agentMs = 1_013;
    const agent = (nowMs: number): void => {
      for (; agentMs <= nowMs; agentMs += FRAME_MS) agentSpeaks();
    };
    for (let n = 0; n < 50; n += 1) {
      run(205, agent);
      play('pip');
      run(100, agent);
      expect(player.isPlaying).toBe(false);
    }
    const steps = sent.slice(1).map(({ sequence }, n) => (sequence - (sent[n]?.sequence ?? 0)) & 0xffff);
    expect(new Set(steps)).toEqual(new Set([1]));
    expect(Math.max(...leadsMs(sent))).toBeLessThanOrEqual(1.5 * FRAME_MS);
    expect(Math.min(...leadsMs(sent))).toBeGreaterThanOrEqual(-2 * FRAME_MS);
  });

  it('begin where the audio before them ends, with a marker', () => {
    const { sent, play, run, agentSpeaks } = way(PIP);
    agentSpeaks();
    run(5);
    play('pip');
    run(60);
    agentSpeaks();
    expect(sent.map(({ atMs }) => atMs - 1_000)).toEqual([0, 20, 40, 65]);
    expect(sent.map(({ marker }) => marker)).toEqual([true, true, false, true]);
    expect(new Set(leadsMs(sent))).toEqual(new Set([0, -5]));
  });

  it('hide nothing of the agent but what was played over', () => {
    const { sent, play, run, agentSpeaks } = way(PIP);
    play('pip');
    for (let n = 0; n < 10; n += 1) {
      run(FRAME_MS);
      agentSpeaks();
    }
    expect(sent.filter(({ first }) => first === 0x99).length).toBeGreaterThanOrEqual(8);
  });
});
