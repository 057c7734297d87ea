import { isIPv4, isIPv6 } from 'node:net';
import { ok, type Result, refuse } from '@sordino/core';
import type { HostPort, MediaDescription, SdpProblem } from '@sordino/interception';
import { type MediaDescription as LibraryMedia, parse, type SessionDescription } from 'sdp-transform';
import { type CheckedSdp, checkLines, isRtp, type MediaLine } from './check-lines.ts';
import { PACKET_TIME_MAX_MS, PACKET_TIME_MS, PORT_MAX } from './sdp-limits.ts';

export type Direction = MediaDescription['direction'];

export interface Format {
  readonly payloadType: number;
  /** Upper case; static payload types 0, 8 and 9 have a name without an `a=rtpmap`. Undefined: nobody said what it is. */
  readonly encoding: string | undefined;
  readonly clockRateHz: number | undefined;
  readonly channels: number;
  readonly parameters: string | undefined;
}

export interface SdpMedia extends MediaLine {
  /** In the order of the `m=` line; of an audio line over RTP only. */
  readonly formats: readonly Format[];
  /** Undefined: neither the line nor the session has a `c=`. */
  readonly rtp: HostPort | undefined;
  readonly rtcp: HostPort | undefined;
  readonly packetTimeMs: number;
  readonly direction: Direction;
}

const malformed = (message: string): Result<never, SdpProblem> => refuse({ code: 'malformed', message });

/** Reads a session description (RFC 8866). Never throws; `malformed` names the line. */
export function readSdp(text: string): Result<readonly SdpMedia[], SdpProblem> {
  const checked = checkLines(text);
  if (!checked.ok) return malformed(checked.problem);
  let session: SessionDescription;
  try {
    session = parse(checked.value.text);
  } catch {
    return malformed('the session description cannot be read');
  }
  const media: SdpMedia[] = [];
  for (const [index, line] of checked.value.media.entries()) {
    const one = readMedia(line, session.media[index], session, checked.value);
    if (!one.ok) return malformed(one.problem);
    media.push(one.value);
  }
  return ok(media);
}

function readMedia(
  line: MediaLine,
  parsed: LibraryMedia | undefined,
  session: SessionDescription,
  checked: CheckedSdp,
): Result<SdpMedia, string> {
  const where = `line ${line.lineNumber} (m=)`;
  const bare = { ...line, formats: [], rtp: undefined, rtcp: undefined, packetTimeMs: PACKET_TIME_MS };
  // A disabled line and one that is not audio are only written back with port 0: nothing else in them matters.
  if (line.type !== 'audio' || line.port === 0 || parsed === undefined)
    return ok({ ...bare, direction: 'inactive' });

  const connection = parsed.connection ?? session.connection;
  if (connection === undefined) return refuse(`${where}: neither the media nor the session has a c= line`);
  const host = String(connection.ip);
  const badHost = problemOf(host, Number(connection.version));
  if (badHost !== undefined) return refuse(`c= of ${where}: ${badHost}`);

  // RFC 3605: the RTCP port, and the address where it is another one; else the next port (RFC 3550 §11).
  const rtcpPort = parsed.rtcp === undefined ? line.port + 1 : Number(parsed.rtcp.port);
  const rtcpHost = parsed.rtcp?.address === undefined ? host : String(parsed.rtcp.address);
  if (!Number.isInteger(rtcpPort) || rtcpPort < 1 || rtcpPort > PORT_MAX) {
    return refuse(`${where}: the RTCP port is not 1 to ${PORT_MAX}`);
  }
  const badRtcpHost = rtcpHost === host ? undefined : problemOf(rtcpHost, Number(parsed.rtcp?.ipVer));
  if (badRtcpHost !== undefined) return refuse(`a=rtcp of ${where}: ${badRtcpHost}`);

  const direction = (parsed.direction ?? checked.sessionDirection ?? 'sendrecv') as Direction;
  return ok({
    ...line,
    formats: isRtp(line.protocol) ? line.formatNames.map((name) => readFormat(name, parsed)) : [],
    rtp: { host, port: line.port },
    rtcp: { host: rtcpHost, port: rtcpPort },
    packetTimeMs: packetTime(parsed),
    // With ICE the address is told by candidates and checks, and 0.0.0.0 is no hold (RFC 8829 §5.2.1).
    direction: isHoldAddress(host) && !hasIce(line) ? withoutReceiving(direction) : direction,
  });
}

/** Only addresses that one peer can have: a name would have to be resolved in the media path, a group is not a peer. */
function problemOf(host: string, ipVersion: number): string | undefined {
  if (ipVersion === 4 && isIPv4(host)) {
    const first = Number(host.split('.', 1)[0]);
    return first >= 224 ? 'a multicast or broadcast address cannot be a peer' : undefined;
  }
  if (ipVersion === 6 && isIPv6(host)) {
    return /^ff/i.test(host) ? 'a multicast address cannot be a peer' : undefined;
  }
  return 'the address is not a unicast IP address of its kind';
}

/** RFC 3264 §8.4: hold as RFC 2543 had it. Its owner takes no media, and may send some. */
const isHoldAddress = (host: string): boolean => host === '0.0.0.0' || host === '::';
const hasIce = (line: MediaLine): boolean => line.dtlsAttributes.some(({ name }) => name === 'ice-ufrag');
const withoutReceiving = (direction: Direction): Direction =>
  direction === 'sendrecv' || direction === 'sendonly' ? 'sendonly' : 'inactive';

// RFC 3551 §6, table 4: the static types that we speak, all with an RTP clock of 8000.
const STATIC_ENCODINGS: Readonly<Record<number, string>> = { 0: 'PCMU', 8: 'PCMA', 9: 'G722' };

function readFormat(name: string, parsed: LibraryMedia): Format {
  const payloadType = Number(name);
  const map = parsed.rtp.find((entry) => Number(entry.payload) === payloadType);
  const parameters = parsed.fmtp.find((entry) => Number(entry.payload) === payloadType)?.config;
  const known = STATIC_ENCODINGS[payloadType];
  return {
    payloadType,
    encoding: map === undefined ? known : String(map.codec).toUpperCase(),
    clockRateHz: map === undefined ? (known === undefined ? undefined : 8_000) : Number(map.rate),
    channels: map?.encoding === undefined ? 1 : Number(map.encoding),
    parameters: parameters === undefined ? undefined : String(parameters),
  };
}

/** `a=ptime` is a wish (RFC 8866 §6.4): one that we cannot follow is not an error. */
function packetTime(parsed: LibraryMedia): number {
  const wished = Number(parsed.ptime ?? PACKET_TIME_MS);
  const max = Number(parsed.maxptime ?? PACKET_TIME_MAX_MS);
  const usable = wished >= 10 && wished <= PACKET_TIME_MAX_MS && wished % 10 === 0 ? wished : PACKET_TIME_MS;
  return max >= 10 && max < usable ? Math.floor(max / 10) * 10 : usable;
}
