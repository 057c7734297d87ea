import type { AddressInfo, Server } from 'node:net';
import type { ListenPoint } from './transport.ts';

/** Binds a stream server. Rejects with an error that names the listening point. */
export function listenOn(server: Server, listen: ListenPoint): Promise<{ host: string; port: number }> {
  const { protocol, host, port } = listen;
  return new Promise((resolve, reject) => {
    const failed = (cause: Error): void =>
      reject(new Error(`Cannot listen for SIP on ${protocol} ${host}:${port}: ${cause.message}`, { cause }));
    server.once('error', failed);
    // One listening point, one family: `::` must not take the IPv4 port away from another.
    server.listen({ port, host, ipv6Only: true }, () => {
      server.off('error', failed);
      const bound = server.address() as AddressInfo;
      resolve({ host: bound.address, port: bound.port });
    });
  });
}
