import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

const HOST = '127.0.0.1';

/** A TCP proxy that keeps every octet the server answered: status lines, headers, bodies, event streams. */
export class WireTap implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #answered: Buffer[] = [];

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://${HOST}:${port}`;
  }

  static async open(target: string): Promise<WireTap> {
    const { hostname, port } = new URL(target);
    const server = createServer();
    server.listen(0, HOST);
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no TCP port');
    const tap = new WireTap(server, address.port);
    server.on('connection', (client) => tap.#join(client, connect(Number(port), hostname)));
    return tap;
  }

  /** All that was answered so far, connection by connection as it came. */
  get answered(): Buffer {
    return Buffer.concat(this.#answered);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket, server: Socket): void {
    server.on('data', (octets) => this.#answered.push(octets));
    client.pipe(server).pipe(client);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
