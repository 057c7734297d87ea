import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import * as tls from 'node:tls';
import type { TestAuthority } from '@sordino/sip/testing';
import { HOST } from './run-sipp.ts';

/** Debian's SIPp speaks no TLS: its TCP goes through here. What is inside is passed on octet by octet. */
export interface Tunnel extends Disposable {
  readonly port: number;
}

/** TCP in, TLS out to Sordino, from `localPort`: so that Sordino finds the connection by what SIPp's Contact says. */
export async function tunnelToSordino(
  authority: TestAuthority,
  tlsPort: number,
  localPort: number,
): Promise<Tunnel> {
  const ca = readFileSync(authority.caFile);
  const server = createServer((inside) => {
    const socket = connect({ host: HOST, port: tlsPort, localAddress: HOST, localPort });
    joined(inside, tls.connect({ host: HOST, socket, ca }));
  });
  return listening(server);
}

/** TLS in from Sordino, TCP out to the SIPp that listens on `sippPort`. */
export async function tunnelToSipp(authority: TestAuthority, sippPort: number): Promise<Tunnel> {
  const { certFile, keyFile } = await authority.issue({ names: [`ip:${HOST}`] });
  const server = tls.createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, (outside) => {
    joined(connect(sippPort, HOST), outside);
  });
  return listening(server);
}

function joined(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to);
    from.once('error', () => to.destroy());
    from.once('close', () => to.destroy());
    open.add(from);
    from.once('close', () => open.delete(from));
  }
}

const open = new Set<Socket>();

async function listening(server: Server): Promise<Tunnel> {
  server.listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port to be had');
  return {
    port: address.port,
    [Symbol.dispose]: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
