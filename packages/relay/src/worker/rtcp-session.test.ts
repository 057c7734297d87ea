import { describe, expect, it } from '@jest/globals';
import { RtcpPacketConverter, RtcpRrPacket, RtcpSourceDescriptionPacket, RtcpSrPacket } from 'werift-rtp';
import { PeerReports } from './peer-reports.ts';
import { randomCname } from './random.ts';
import { Reception } from './reception.ts';
import { readRtcp } from './rtcp-read.ts';
import { RtcpSession } from './rtcp-session.ts';
import { RTCP_INTERVAL_MS, RtcpTiming } from './rtcp-timing.ts';
import { RtpWriter } from './rtp-writer.ts';

const WALL_MS = Date.UTC(2026, 10, 22, 9, 0, 0, 500);
const frame = new Uint8Array(160);

function session(random = () => 0.5) {
  const [writer, reception, cname] = [new RtpWriter(), new Reception(), randomCname()];
  const reports = new PeerReports(writer.ssrc);
  const timing = new RtcpTiming(RTCP_INTERVAL_MS, random);
  const rtcp = new RtcpSession(writer, reception, reports, timing, cname);
  return { writer, reception, reports, cname, rtcp };
}

const at = (monotonicMs: number) => ({ monotonicMs, wallMs: WALL_MS + monotonicMs });

/** Each packet of a compound as bytes: type -> body. */
function split(compound: Buffer): { type: number; count: number; bytes: Buffer }[] {
  const packets = [];
  for (let start = 0; start < compound.length; ) {
    const end = start + 4 + compound.readUInt16BE(start + 2) * 4;
    packets.push({
      type: compound.readUInt8(start + 1),
      count: compound.readUInt8(start) & 31,
      bytes: compound.subarray(start, end),
    });
    start = end;
  }
  return packets;
}

describe('our RTCP', () => {
  it('is silent until the peer is known, then speaks after half an interval, then each interval', () => {
    const { rtcp } = session();
    expect(rtcp.tick(at(1e9))).toBeUndefined();
    rtcp.start(0);
    const interval = RTCP_INTERVAL_MS / (Math.E - 1.5);
    expect(rtcp.tick(at(interval / 2 - 1))).toBeUndefined();
    expect(rtcp.tick(at(interval / 2 + 30))).toBeDefined();
    expect(rtcp.tick(at(interval * 1.5 + 29))).toBeUndefined();
    expect(rtcp.tick(at(interval * 1.5 + 30))).toBeDefined();
  });

  it('is a receiver report with a block for the stream of the peer while we send nothing', () => {
    const { rtcp, reception } = session();
    rtcp.start(0);
    rtcp.peerStream(0xfeed);
    for (const sequence of [10, 11, 13]) reception.count(sequence, undefined, 0);
    const [report] = RtcpPacketConverter.deSerialize(rtcp.tick(at(10_000)) ?? Buffer.alloc(0));
    if (!(report instanceof RtcpRrPacket)) throw new Error('not a receiver report');
    expect(report.reports).toEqual([
      expect.objectContaining({
        ssrc: 0xfeed,
        packetsLost: 1,
        fractionLost: 64,
        highestSequence: 13,
        lsr: 0,
        dlsr: 0,
      }),
    ]);
  });

  it('is a sender report that counts what we sent, with the time of that instant in both clocks', () => {
    const { rtcp, writer } = session();
    rtcp.start(0);
    const first = writer.next(0, true, frame, 0).readUInt32BE(4);
    writer.next(0, false, frame, 20);
    const compound = rtcp.tick(at(10_000)) ?? Buffer.alloc(0);
    const [report] = RtcpPacketConverter.deSerialize(compound);
    if (!(report instanceof RtcpSrPacket)) throw new Error('not a sender report');
    expect(report.ssrc).toBe(writer.ssrc);
    expect(report.senderInfo).toMatchObject({ packetCount: 2, octetCount: 320 });
    // 20 ms to the last packet, its own 20 ms, and 9,980 ms since.
    expect((report.senderInfo.rtpTimestamp - first) >>> 0).toBe(320 + 9_980 * 8);
    const ntpSeconds = Number(report.senderInfo.ntpTimestamp >> 32n) - 2_208_988_800;
    expect(ntpSeconds).toBe(Math.floor((WALL_MS + 10_000) / 1_000));
    expect(Number(report.senderInfo.ntpTimestamp & 0xffff_ffffn) / 2 ** 32).toBeCloseTo(0.5);
  });

  it('becomes a receiver report again two reports after we stopped sending', () => {
    const { rtcp, writer } = session();
    rtcp.start(0);
    writer.next(0, true, frame, 0);
    const types = [10_000, 20_000, 30_000].map((ms) => split(rtcp.tick(at(ms)) ?? Buffer.alloc(0))[0]?.type);
    expect(types).toEqual([200, 200, 201]);
  });

  it('says who we are with a random name only', () => {
    const { rtcp, cname, writer } = session();
    rtcp.start(0);
    const packets = RtcpPacketConverter.deSerialize(rtcp.tick(at(10_000)) ?? Buffer.alloc(0));
    const description = packets.find((packet) => packet instanceof RtcpSourceDescriptionPacket);
    expect(description?.chunks).toEqual([
      expect.objectContaining({
        source: writer.ssrc,
        items: [expect.objectContaining({ type: 1, text: cname })],
      }),
    ]);
    expect(cname).toMatch(/^[A-Za-z0-9+/]{16}$/);
    // RFC 3550 §6.5: the item list ends with a null octet.
    expect((rtcp.bye(at(10_001)) ?? Buffer.alloc(0)).includes(Buffer.from(`${cname}\0`))).toBe(true);
  });

  it('tells the peer how long ago its sender report came, and forgets it with the stream', () => {
    const { rtcp, reception } = session();
    rtcp.start(0);
    rtcp.peerStream(0xfeed);
    reception.count(1, undefined, 0);
    const says = (ssrc: number, ntpMiddle: number, byes: number[] = []) => ({
      senderReports: [{ ssrc, ntpMiddle }],
      blocks: [],
      byes,
    });
    rtcp.arrived(says(0xbad, 1), 5_000);
    rtcp.arrived(says(0xfeed, 0x1234_5678), 9_500);
    const blockOf = (ms: number) => {
      const [report] = RtcpPacketConverter.deSerialize(rtcp.tick(at(ms)) ?? Buffer.alloc(0));
      return report instanceof RtcpRrPacket ? report.reports[0] : undefined;
    };
    expect(blockOf(10_000)).toMatchObject({ lsr: 0x1234_5678, dlsr: 32_768 });
    rtcp.peerStream(0xf00d);
    reception.count(2, undefined, 0);
    expect(blockOf(20_000)).toMatchObject({ ssrc: 0xf00d, lsr: 0, dlsr: 0 });
    rtcp.arrived(says(0xf00d, 7, [0xf00d]), 21_000);
    reception.count(3, undefined, 0);
    expect(blockOf(30_000)).toMatchObject({ ssrc: 0xf00d, lsr: 0, dlsr: 0 });
    // RFC 3550 §6.4: nothing came since then.
    expect(blockOf(40_000)).toBeUndefined();
  });

  it('measures the round trip by its own sender reports', () => {
    const { rtcp, writer, reports } = session();
    rtcp.start(0);
    writer.next(0, true, frame, 0);
    const [sent] = readRtcp(rtcp.tick(at(10_000)) ?? Buffer.alloc(0))?.senderReports ?? [];
    const block = { ssrc: writer.ssrc, cumulativeLost: 0, highestSequence: 1, jitterTicks: 0 };
    const answer = { ...block, lsr: sent?.ntpMiddle ?? 0, dlsr: 65_536 };
    rtcp.arrived({ senderReports: [], blocks: [answer], byes: [] }, 11_120);
    expect(reports.rttMs).toBeCloseTo(120);
  });

  it('says BYE last in a compound packet, and only when it ever spoke', () => {
    const silent = session();
    expect(silent.rtcp.bye(at(0))).toBeUndefined();
    const { rtcp, writer } = session();
    writer.next(0, true, frame, 0);
    const packets = split(rtcp.bye(at(50)) ?? Buffer.alloc(0));
    expect(packets.map(({ type }) => type)).toEqual([200, 202, 203]);
    expect(packets[2]).toMatchObject({ count: 1 });
    expect(packets[2]?.bytes.readUInt32BE(4)).toBe(writer.ssrc);
    expect(packets[2]?.bytes.length).toBe(8);
  });

  it('is read by our own reader', () => {
    const { rtcp, writer } = session();
    rtcp.start(0);
    writer.next(0, true, frame, 0);
    const found = readRtcp(rtcp.tick(at(10_000)) ?? Buffer.alloc(0));
    expect(found?.senderReports).toEqual([{ ssrc: writer.ssrc, ntpMiddle: expect.any(Number) }]);
  });
});
