import type { Server, Socket } from 'node:net';
import type { ConnectionGate } from './transport.ts';

type Listener = (socket: Socket) => void;

/**
 * Asks the gate before the server sees a connection at all: under TLS before the handshake, which costs far more than the
 * peer's hello. To be called as soon as the server is made.
 */
export function guardConnections(server: Server, gate: ConnectionGate): void {
  const listeners = server.listeners('connection') as Listener[];
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    const release = gate(socket.remoteAddress ?? '');
    if (release === undefined) {
      socket.destroy();
      return;
    }
    socket.once('close', release);
    for (const listener of listeners) listener.call(server, socket);
  });
}
