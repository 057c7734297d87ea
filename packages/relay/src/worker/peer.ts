import { isIP, isIPv6, SocketAddress } from 'node:net';
import { type Result, refuse } from '@sordino/core';
import type { HostPort, MediaDescription } from '@sordino/interception';
import type { PeerAddress } from './peer-gate.ts';

/** The signalled peer of one side, its addresses in the form in which sockets report them. */
export interface Peer {
  readonly description: MediaDescription;
  /** Undefined: nowhere to send (`c=0.0.0.0`, the hold of RFC 2543, or port 0, a refused media line). */
  readonly rtp: PeerAddress | undefined;
  readonly rtcp: PeerAddress | undefined;
  /** The peer wants our packets (RFC 3264 §8.4: `sendonly` and `inactive` do not). */
  readonly receives: boolean;
  /** The peer owes us packets: silence is a stall. */
  readonly sends: boolean;
}

/** Reads a description for a socket bound to `localHost`. Refused: a host that is not an IP literal of the socket's family. */
export function readPeer(description: MediaDescription, localHost: string): Result<Peer, string> {
  const rtp = addressOf(description.rtp, localHost);
  const rtcp = addressOf(description.rtcp, localHost);
  if (!rtp.ok) return rtp;
  if (!rtcp.ok) return rtcp;
  return {
    ok: true,
    value: {
      description,
      rtp: rtp.value,
      rtcp: rtcp.value,
      receives: description.direction === 'sendrecv' || description.direction === 'recvonly',
      sends: rtp.value !== undefined && doesSend(description),
    },
  };
}

/** The same peer where its checks say that it is, RTP and RTCP on one port. */
export function peerAt(peer: Peer, address: PeerAddress | undefined): Peer {
  const { description, receives } = peer;
  const sends = address !== undefined && doesSend(description);
  return { description, rtp: address, rtcp: address, receives, sends };
}

const doesSend = ({ direction }: MediaDescription): boolean =>
  direction === 'sendrecv' || direction === 'sendonly';

function addressOf(address: HostPort, localHost: string): Result<PeerAddress | undefined, string> {
  const family = isIP(address.host);
  const wanted = isIPv6(localHost) ? 6 : 4;
  if (family !== wanted) {
    return refuse(
      `peer host ${JSON.stringify(address.host)} is not an IPv${wanted} literal, as the relay's own ${localHost} is; ` +
        'resolve names and match families in the negotiation',
    );
  }
  if (address.port === 0 || address.host === '0.0.0.0' || address.host === '::')
    return { ok: true, value: undefined };
  // Sockets report addresses in canonical form; SDP may write IPv6 in any.
  const canonical = new SocketAddress({
    address: address.host,
    port: address.port,
    family: family === 6 ? 'ipv6' : 'ipv4',
  });
  return { ok: true, value: { host: canonical.address, port: canonical.port } };
}
