import type { Log } from '@sordino/core';
import type { CertificateKeeper } from '../router/certificate-keeper.ts';
import { DEFAULT_TCP_LIMITS } from '../router/tcp-limits.ts';
import { openTcpTransport } from '../router/tcp-transport.ts';
import { TlsCredentials } from '../router/tls-credentials.ts';
import { openTlsTransport } from '../router/tls-transport.ts';
import type { ConnectionGate, ListenPoint, MessageHandler, SipTransport } from '../router/transport.ts';
import { openUdpTransport } from '../router/udp-transport.ts';
import { openWsTransport } from '../router/ws-transport.ts';

export interface ListeningParts {
  readonly log: Log;
  readonly certificates: CertificateKeeper;
  /** How we prove ourselves, and whom we believe, when we connect. */
  readonly tlsClient: TlsCredentials;
  /** Undefined: anybody may connect. */
  readonly gate: ConnectionGate | undefined;
}

/** Opens the socket of one listening point. Rejects with an error that names it. */
export async function openTransport(
  point: ListenPoint,
  onMessage: MessageHandler,
  { log, certificates, tlsClient, gate }: ListeningParts,
): Promise<SipTransport> {
  switch (point.protocol) {
    case 'udp':
      return openUdpTransport(point, onMessage, log);
    case 'tcp':
      return openTcpTransport(point, onMessage, log, DEFAULT_TCP_LIMITS, gate);
    case 'tls': {
      const server = credentialsOf(point, log);
      const side = { server, client: tlsClient };
      const transport = await openTlsTransport(point, onMessage, log, side, DEFAULT_TCP_LIMITS, gate);
      certificates.keep(server, () => transport.renew());
      return transport;
    }
    case 'ws':
      return openWsTransport(point, onMessage, log, { gate });
    case 'wss': {
      const server = credentialsOf(point, log);
      const transport = await openWsTransport(point, onMessage, log, { server, gate });
      certificates.keep(server, () => transport.renew());
      return transport;
    }
  }
}

function credentialsOf({ protocol, host, port, tls }: ListenPoint, log: Log): TlsCredentials {
  const where = `listen ${protocol} ${host}:${port}`;
  if (tls === undefined) throw new Error(`${where}: needs a certificate and its key`);
  const asked = tls.clientCertificates ?? 'none';
  if (asked !== 'none' && tls.caFile === undefined) {
    // The system's authorities vouch for half the world: a client certificate of theirs says nothing.
    throw new Error(`${where}: client certificates need the file of their authority`);
  }
  try {
    return new TlsCredentials(tls, log);
  } catch (cause) {
    throw new Error(`${where}: ${(cause as Error).message}`, { cause });
  }
}
