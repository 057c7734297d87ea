import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { RtcpRrPacket, RtcpSrPacket } from 'werift-rtp';
import { CODECS } from '../audio/codec.ts';
import { decodeG711, type G711Codec } from '../audio/g711.ts';
import { levelDbm0 } from '../audio/level.ts';
import { SAMPLES_PER_MS } from '../audio/samples.ts';
import { speechLike } from '../audio/speech.ts';
import { sliceTimed, type TimedAudio } from '../audio/timed-audio.ts';
import type { HeardPacket } from './heard-audio.ts';
import { hostNowMs } from './host-clock.ts';
import { RtpPhone, type RtpPhoneOptions } from './rtp-phone.ts';

const EVENT_PAYLOAD_TYPE = 101;

async function twoPhones(codec: G711Codec = 'PCMU', more: Partial<RtpPhoneOptions> = {}) {
  const common = { host: '127.0.0.1', codec, eventPayloadType: EVENT_PAYLOAD_TYPE, ...more };
  const alice = await RtpPhone.open({ ...common, talker: speechLike(1) });
  const bob = await RtpPhone.open({ ...common, talker: speechLike(2) });
  alice.setPeer(peerOf(bob, codec));
  bob.setPeer(peerOf(alice, codec));
  return {
    alice,
    bob,
    [Symbol.dispose]: () => {
      alice.close();
      bob.close();
    },
  };
}

function peerOf(phone: RtpPhone, codec: G711Codec) {
  const { rtp, rtcp } = phone;
  return {
    rtp,
    rtcp,
    codec,
    audioPayloadType: CODECS[codec].payloadType,
    eventPayloadType: EVENT_PAYLOAD_TYPE,
  };
}

/** Waits for what arrives by network; the limit is only there to end a test that has failed. */
async function until(condition: () => boolean): Promise<void> {
  const giveUpMs = hostNowMs() + 10_000;
  while (!condition() && hostNowMs() < giveUpMs) await new Promise((resume) => setTimeout(resume, 10));
}

function audioOf(packets: readonly HeardPacket[]): HeardPacket[] {
  return packets.filter((packet) => packet.payloadType !== EVENT_PAYLOAD_TYPE);
}

/** Level of what the transport and the codec changed. Packet by packet: on a busy machine the playout may miss late ones. */
function differenceDb(sent: TimedAudio, packets: readonly HeardPacket[], codec: G711Codec): number {
  const heard = packets.flatMap(({ payload }) => [...decodeG711(codec, payload)]);
  return levelDbm0(Int16Array.from(heard, (value, at) => value - (sent.samples[at] ?? 0)));
}

describe('RtpPhone', () => {
  it.each(['PCMU', 'PCMA'] as const)('is heard by the other phone as it spoke, in %s', async (codec) => {
    using call = await twoPhones(codec);
    call.alice.startTalking();
    call.bob.startTalking();
    await until(() => call.alice.heard.packets.length >= 50 && call.bob.heard.packets.length >= 50);
    // Speech is at -20 dBm0; what G.711 adds is 35 dB below.
    expect(differenceDb(call.alice.sent.timeline(), call.bob.heard.packets.slice(0, 40), codec)).toBeLessThan(
      -50,
    );
  });

  it('keeps one SSRC, sequence and timestamp line when its peer moves, and the marker only where audio begins', async () => {
    using call = await twoPhones();
    using elsewhere = await RtpPhone.open({ host: '127.0.0.1', codec: 'PCMU', talker: speechLike(3) });
    call.alice.startTalking();
    await until(() => call.bob.heard.packets.length >= 5);
    call.alice.setPeer(peerOf(elsewhere, 'PCMU'));
    await until(() => elsewhere.heard.packets.length >= 5);
    const packets = [...call.bob.heard.packets, ...elsewhere.heard.packets];
    expect(new Set(packets.map((packet) => packet.ssrc))).toEqual(new Set([call.alice.ssrc]));
    packets.slice(1).forEach((packet, index) => {
      const before = packets[index];
      expect((packet.sequenceNumber - (before?.sequenceNumber ?? 0)) & 0xffff).toBe(1);
      expect((packet.timestamp - (before?.timestamp ?? 0)) >>> 0).toBe(160);
    });
    expect(packets.map((packet) => packet.marker)).toEqual(packets.map((_, index) => index === 0));
    expect(packets[0]?.source).toEqual(call.alice.rtp);
  });

  it('lets media time pass while it has no peer', async () => {
    using call = await twoPhones();
    call.alice.startTalking();
    await until(() => call.bob.heard.packets.length >= 3);
    call.alice.setPeer(undefined);
    const packets = call.bob.heard.packets.length;
    await new Promise((resume) => setTimeout(resume, 200));
    call.alice.setPeer(peerOf(call.bob, 'PCMU'));
    await until(() => call.bob.heard.packets.length >= packets + 3);
    const [before, after] = [call.bob.heard.packets[packets - 1], call.bob.heard.packets[packets]];
    const pauseMs = ((after?.timestamp ?? 0) - (before?.timestamp ?? 0)) / SAMPLES_PER_MS;
    expect(pauseMs).toBeGreaterThanOrEqual(160);
    expect(after?.marker).toBe(true);
    expect(after?.sequenceNumber).toBe(((before?.sequenceNumber ?? 0) + 1) & 0xffff);
  });

  it('presses a key as RFC 4733 says: one timestamp, growing duration, marker first, three ends, no audio beside', async () => {
    using call = await twoPhones();
    call.alice.startTalking();
    await until(() => call.bob.heard.packets.length >= 3);
    const pressed = await call.alice.press('7', { how: 'events', durationMs: 100 });
    await until(() => audioOf(call.bob.heard.packets.slice(-2)).length === 2);
    const { packets } = call.bob.heard;
    const events = packets.filter((packet) => packet.payloadType === EVENT_PAYLOAD_TYPE);
    expect(pressed).toMatchObject({ key: '7', endMs: pressed.startMs + 100 });
    expect(new Set(events.map((packet) => packet.timestamp)).size).toBe(1);
    expect(events.map(({ payload }) => payload[0])).toEqual(events.map(() => 7));
    expect(events.map(({ payload }) => (payload[2] ?? 0) * 256 + (payload[3] ?? 0))).toEqual([
      160, 320, 480, 640, 800, 800, 800, 800,
    ]);
    expect(events.map(({ payload }) => (payload[1] ?? 0) >= 0x80)).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
      true,
      true,
    ]);
    expect(events.map((packet) => packet.marker)).toEqual(events.map((_, index) => index === 0));
    const start = events[0]?.timestamp ?? 0;
    const beside = audioOf(packets).filter((packet) => (packet.timestamp - start) >>> 0 < 800);
    expect(beside).toEqual([]);
    const after = audioOf(packets).find((packet) => packet.timestamp === (start + 800) >>> 0);
    expect(after?.marker).toBe(true);
  });

  it('goes on with its audio beside events when told to', async () => {
    using call = await twoPhones('PCMU', { audioDuringEvents: true });
    call.alice.startTalking();
    await call.alice.press('#', { how: 'events' });
    await until(() => call.bob.heard.packets.length > 10);
    const audio = audioOf(call.bob.heard.packets);
    audio.slice(1).forEach((packet, index) => {
      expect((packet.timestamp - (audio[index]?.timestamp ?? 0)) >>> 0).toBe(160);
    });
  });

  it('presses a key in-band: the tone lies in the audio exactly when it says, and the person goes on talking', async () => {
    using call = await twoPhones();
    call.alice.startTalking();
    await until(() => call.bob.heard.packets.length >= 10);
    const pressed = await call.alice.press('5', { how: 'inband', durationMs: 95, gapMs: 60 });
    const sent = call.alice.sent.timeline();
    const inside = sliceTimed(sent, pressed.startMs, pressed.endMs);
    expect(levelDbm0(inside.samples)).toBeGreaterThan(-9);
    expect(levelDbm0(inside.samples)).toBeLessThan(-5);
    expect(levelDbm0(sliceTimed(sent, pressed.endMs, pressed.endMs + 40).samples)).toBeGreaterThan(-40);
    expect(call.bob.heard.packets.some((packet) => packet.payloadType === EVENT_PAYLOAD_TYPE)).toBe(false);
  });

  it('presses keys one after another, however they are called', async () => {
    using call = await twoPhones();
    call.alice.startTalking();
    const pressed = await Promise.all(
      [...'42*'].map((key) => call.alice.press(key, { how: 'both', durationMs: 60 })),
    );
    expect(pressed.map(({ key }) => key).join('')).toBe('42*');
    pressed.slice(1).forEach((press, index) => {
      expect(press.startMs - (pressed[index]?.endMs ?? 0)).toBeGreaterThanOrEqual(120);
    });
  });

  it('says why a key cannot be pressed', async () => {
    using mute = await RtpPhone.open({ host: '127.0.0.1', codec: 'PCMU', talker: speechLike(1) });
    await expect(mute.press('1', { how: 'inband' })).rejects.toThrow('call startTalking() first');
    mute.startTalking();
    await expect(mute.press('1', { how: 'events' })).rejects.toThrow('no telephone-event payload type');
    await expect(mute.press('x', { how: 'inband' })).rejects.toThrow('"x" is not a DTMF key');
    await expect(mute.press('1', { how: 'inband', durationMs: 9000 })).rejects.toThrow('at most 8000 ms');
    const pressing = mute.press('1', { how: 'inband', durationMs: 5000 });
    mute.stopTalking();
    await expect(pressing).rejects.toThrow('stopped talking');
  });

  it('sends nothing after stopTalking', async () => {
    using call = await twoPhones();
    call.alice.startTalking();
    await until(() => call.alice.sentPackets >= 3);
    call.alice.stopTalking();
    const packets = call.alice.sentPackets;
    await new Promise((resume) => setTimeout(resume, 100));
    expect(call.alice.sentPackets).toBe(packets);
  });

  it('counts what is no RTP, and survives it', async () => {
    using call = await twoPhones();
    const socket = createSocket('udp4');
    const garbage = [
      '',
      '80',
      '0000000000000000000000000000',
      '8f00000100000001000000010000',
      '9000000100000001000000010000',
    ];
    for (const hex of garbage) {
      socket.send(Buffer.from(hex, 'hex'), call.bob.rtp.port, call.bob.rtp.host);
    }
    await until(() => call.bob.heard.malformed >= garbage.length);
    expect(call.bob.heard.packets).toEqual([]);
    socket.close();
    await once(socket, 'close');
  });

  it('reports: SR from who talks, RR from who only listens, with what was received', async () => {
    using call = await twoPhones();
    call.alice.startTalking();
    await until(() => call.alice.heardRtcp.length >= 1 && call.bob.heardRtcp.length >= 2);
    const fromAlice = call.bob.heardRtcp[1]?.packets[0];
    const fromBob = call.alice.heardRtcp[0]?.packets[0];
    expect(fromAlice).toBeInstanceOf(RtcpSrPacket);
    expect(fromBob).toBeInstanceOf(RtcpRrPacket);
    if (!(fromAlice instanceof RtcpSrPacket && fromBob instanceof RtcpRrPacket))
      throw new Error('unreachable');
    expect(fromAlice.ssrc).toBe(call.alice.ssrc);
    expect(fromAlice.senderInfo.packetCount).toBeGreaterThan(100);
    expect(fromBob.reports[0]).toMatchObject({ ssrc: call.alice.ssrc, packetsLost: 0, fractionLost: 0 });
  });
});
