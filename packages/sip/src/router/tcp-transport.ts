import { connect, createServer } from 'node:net';
import type { Log } from '@sordino/core';
import { openStreamTransport } from './stream-transport.ts';
import { DEFAULT_TCP_LIMITS, type TcpLimits } from './tcp-limits.ts';
import type { ConnectionGate, ListenPoint, MessageHandler, SipTransport } from './transport.ts';

/** SIP over plain TCP. */
export function openTcpTransport(
  listen: ListenPoint,
  onMessage: MessageHandler,
  log: Log,
  limits: TcpLimits = DEFAULT_TCP_LIMITS,
  gate?: ConnectionGate,
): Promise<SipTransport> {
  return openStreamTransport(
    {
      protocol: 'tcp',
      createServer,
      dial: ({ host, port }, from) =>
        connect({ host, port, ...(from === undefined ? {} : { localAddress: from }) }),
    },
    listen,
    onMessage,
    log,
    limits,
    gate,
  );
}
