import { writeFile } from 'node:fs/promises';
import type { HostPort } from '@sordino/interception';

export interface CapturedPacket {
  /** Unix ms. */
  readonly atMs: number;
  readonly kind: 'rtp' | 'rtcp';
  readonly cycle: number;
  readonly from: HostPort;
  readonly to: HostPort;
  readonly bytes: Uint8Array;
}

/** 20 minutes of one G.711 stream at 50 packets a second, about 12 MB: more than any test or demo lasts. */
export const CAPTURED_PACKETS_MAX = 60_000;

/** Every packet as it came in, up to a limit; what is beyond is counted. */
export class PacketCapture {
  readonly #packets: CapturedPacket[] = [];
  #dropped = 0;

  add(packet: CapturedPacket): void {
    if (this.#packets.length < CAPTURED_PACKETS_MAX) this.#packets.push(packet);
    else this.#dropped += 1;
  }

  get packets(): readonly CapturedPacket[] {
    return this.#packets;
  }

  get dropped(): number {
    return this.#dropped;
  }

  async writePcap(path: string): Promise<void> {
    await writeFile(path, encodePcap(this.#packets));
  }
}

const PCAP_MAGIC_MICROSECONDS = 0xa1b2c3d4;
/** Packets begin with the IP header: there is no Ethernet on loopback worth inventing. */
const LINKTYPE_RAW = 101;
const SNAP_BYTES = 65_535;
const IP_HEADER_BYTES = 20;
const UDP_HEADER_BYTES = 8;
const IP_PROTOCOL_UDP = 17;

/** A capture file that Wireshark and tcpdump open: classic pcap, IPv4/UDP. */
export function encodePcap(packets: readonly CapturedPacket[]): Uint8Array {
  const header = new Uint8Array(24);
  const view = new DataView(header.buffer);
  view.setUint32(0, PCAP_MAGIC_MICROSECONDS);
  view.setUint16(4, 2);
  view.setUint16(6, 4);
  view.setUint32(16, SNAP_BYTES);
  view.setUint32(20, LINKTYPE_RAW);
  return Buffer.concat([header, ...packets.map(encodeRecord)]);
}

function encodeRecord({ atMs, from, to, bytes }: CapturedPacket): Uint8Array {
  const ipBytes = IP_HEADER_BYTES + UDP_HEADER_BYTES + bytes.length;
  const record = new Uint8Array(16 + ipBytes);
  const view = new DataView(record.buffer);
  view.setUint32(0, Math.floor(atMs / 1000));
  view.setUint32(4, Math.floor((atMs % 1000) * 1000));
  view.setUint32(8, ipBytes);
  view.setUint32(12, ipBytes);

  // RFC 791 §3.1
  const ip = 16;
  view.setUint8(ip, 0x45);
  view.setUint16(ip + 2, ipBytes);
  view.setUint8(ip + 8, 64);
  view.setUint8(ip + 9, IP_PROTOCOL_UDP);
  record.set(octetsOf(from.host), ip + 12);
  record.set(octetsOf(to.host), ip + 16);
  view.setUint16(ip + 10, checksumOf(view, ip));

  // RFC 768: a checksum of zero says that none was made.
  const udp = ip + IP_HEADER_BYTES;
  view.setUint16(udp, from.port);
  view.setUint16(udp + 2, to.port);
  view.setUint16(udp + 4, UDP_HEADER_BYTES + bytes.length);
  record.set(bytes, udp + UDP_HEADER_BYTES);
  return record;
}

function octetsOf(host: string): number[] {
  const octets = host.split('.').map(Number);
  const good = octets.length === 4 && octets.every((octet) => octet >= 0 && octet <= 255);
  if (!good) throw new Error(`cannot write ${host} to a capture file: only IPv4 addresses fit`);
  return octets;
}

function checksumOf(view: DataView, at: number): number {
  let sum = 0;
  for (let offset = 0; offset < IP_HEADER_BYTES; offset += 2) sum += view.getUint16(at + offset);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}
