import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { SdesMedia } from './sdes-media.ts';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export interface UdpPair {
  readonly rtp: Socket;
  readonly rtcp: Socket;
  /** What is sent and heard on them is SRTP. */
  readonly srtp?: SdesMedia;
}

/** Neighbouring ports can be taken by others between two binds; this many attempts have always been enough. */
const ATTEMPTS_MAX = 50;

/** RFC 3550 §11: RTP on an even port, RTCP on the next one. */
export async function openUdpPair(host: string, withSrtp = false): Promise<UdpPair> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const rtp = await bound(host, 0);
    const port = rtp?.address().port ?? 1;
    const rtcp = port % 2 === 0 ? await bound(host, port + 1) : undefined;
    if (rtp !== undefined && rtcp !== undefined)
      return withSrtp ? { rtp, rtcp, srtp: new SdesMedia({ rtp, rtcp }) } : { rtp, rtcp };
    rtp?.close();
  }
  throw new Error(
    `no pair of neighbouring UDP ports on ${host} after ${ATTEMPTS_MAX} attempts: is the host local?`,
  );
}

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
