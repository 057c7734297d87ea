import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, createServer, type Server, type TlsOptions } from 'node:tls';
import type { Log } from '@sordino/core';
import { provesName } from './certificate-names.ts';
import { openStreamTransport } from './stream-transport.ts';
import { DEFAULT_TCP_LIMITS, type TcpLimits } from './tcp-limits.ts';
import type { TlsCredentials } from './tls-credentials.ts';
import type { ConnectionGate, ListenPoint, MessageHandler, SipTransport } from './transport.ts';

export interface TlsSide {
  readonly server: TlsCredentials;
  readonly client: TlsCredentials;
}

/** A TLS transport takes a new certificate without dropping a connection. */
export interface TlsTransport extends SipTransport {
  /** Connections from now on see the certificate that `credentials` holds now. */
  renew(): void;
}

/** SIP over TLS (RFC 3261 §26.3.1), on the streams of TCP: same framing, same limits, same reuse. */
export async function openTlsTransport(
  listen: ListenPoint,
  onMessage: MessageHandler,
  log: Log,
  { server: shown, client }: TlsSide,
  limits: TcpLimits = DEFAULT_TCP_LIMITS,
  gate?: ConnectionGate,
): Promise<TlsTransport> {
  let listener: Server | undefined;
  const transport = await openStreamTransport(
    {
      protocol: 'tls',
      createServer: (onSocket) => {
        listener = createServer(
          { ...serverOptions(listen), ...shown.options, handshakeTimeout: limits.connectTimeoutMs },
          onSocket,
        );
        reportHandshakes(listener, log);
        return listener;
      },
      dial: ({ host, port, name = host }, from) =>
        connect({
          host,
          port,
          ...(from === undefined ? {} : { localAddress: from }),
          secureContext: client.context,
          // RFC 6066 §3: the name of a server, never its address.
          ...(isIP(name) === 0 ? { servername: name } : {}),
          checkServerIdentity: (_, { raw }) =>
            provesName(new X509Certificate(raw), name)
              ? undefined
              : new Error(`The certificate of ${host}:${port} does not prove that it is ${name} (RFC 5922)`),
        }),
    },
    listen,
    onMessage,
    log,
    limits,
    gate,
  );
  return { ...transport, renew: () => listener?.setSecureContext(shown.options) };
}

/** Whether those who connect must show a certificate. Also those of WSS. */
export function serverOptions({ tls }: ListenPoint): TlsOptions {
  const asked = tls?.clientCertificates ?? 'none';
  return { requestCert: asked !== 'none', rejectUnauthorized: asked === 'required' };
}

/** A handshake that fails is the peer's mistake or ours: without a word in the log nobody finds out which. */
export function reportHandshakes(server: Server, log: Log): void {
  server.on('tlsClientError', (error, socket) =>
    log.info('TLS handshake failed', { reason: error.message, remote: socket.remoteAddress }),
  );
}
