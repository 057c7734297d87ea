import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { DtlsMedia } from './dtls-media.ts';
import { SdesMedia } from './sdes-media.ts';
import type { DtlsSetup, SecureMedia, SocketPair } from './secure-media.ts';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** SDES, or DTLS with our role in it. */
export type PairSecurity = 'sdes' | DtlsSetup;

export interface UdpPair extends SocketPair {
  /** What is sent and heard on them is SRTP. */
  readonly srtp?: SecureMedia;
}

/** Neighbouring ports can be taken by others between two binds; this many attempts have always been enough. */
const ATTEMPTS_MAX = 50;

/** RFC 3550 §11: RTP on an even port, RTCP on the next one. */
export async function openUdpPair(host: string, security?: PairSecurity): Promise<UdpPair> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const rtp = await bound(host, 0);
    const port = rtp?.address().port ?? 1;
    const rtcp = port % 2 === 0 ? await bound(host, port + 1) : undefined;
    if (rtp !== undefined && rtcp !== undefined)
      return { rtp, rtcp, ...(security && { srtp: await secured({ rtp, rtcp }, security) }) };
    rtp?.close();
  }
  throw new Error(
    `no pair of neighbouring UDP ports on ${host} after ${ATTEMPTS_MAX} attempts: is the host local?`,
  );
}

const secured = async (sockets: SocketPair, security: PairSecurity): Promise<SecureMedia> =>
  security === 'sdes' ? new SdesMedia(sockets) : await DtlsMedia.on(sockets, security);

async function bound(host: string, port: number): Promise<Socket | undefined> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  try {
    const listening = once(socket, 'listening');
    socket.bind(port, host);
    await listening;
    return socket;
  } catch {
    socket.close();
    return undefined;
  }
}
