import { createSocket, type Socket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket as TcpSocket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { WebSocket } from 'ws';

type Matcher = string | RegExp | ((message: string) => boolean);

interface Waiter {
  readonly matches: (message: string) => boolean;
  readonly resolve: (message: string) => void;
  readonly stop: () => void;
}

/** A peer that is written byte for byte by the test: what it gets is text, and nothing is answered unless the test does. */
abstract class RawPeer {
  readonly received: string[] = [];
  /** What comes now is not listened to. */
  deaf = false;
  #unread: string[] = [];
  #waiters: Waiter[] = [];

  abstract readonly port: number;
  abstract send(message: string | Uint8Array): void;
  abstract close(): Promise<void>;

  /** The first message, past or future, that matches and was not returned before. Others stay. */
  async next(matcher: Matcher): Promise<string> {
    const matches =
      typeof matcher === 'function'
        ? matcher
        : (message: string) =>
            typeof matcher === 'string' ? message.startsWith(matcher) : matcher.test(message);
    const index = this.#unread.findIndex(matches);
    if (index >= 0) return this.#unread.splice(index, 1)[0] ?? '';
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const seen = this.received.map((message) => message.split('\r\n', 1)[0]).join(' / ');
        reject(new Error(`No message matched ${String(matcher)}; received: ${seen}`));
      }, 15_000);
      const done = (message: string): void => {
        clearTimeout(timer);
        resolve(message);
      };
      this.#waiters.push({ matches, resolve: done, stop: () => clearTimeout(timer) });
    });
  }

  count(start: string): number {
    return this.received.filter((message) => message.startsWith(start)).length;
  }

  /** Nobody waits any more. */
  protected stopWaiting(): void {
    for (const waiter of this.#waiters.splice(0)) waiter.stop();
  }

  protected take(message: string): void {
    if (this.deaf) return;
    this.received.push(message);
    const index = this.#waiters.findIndex((waiter) => waiter.matches(message));
    if (index < 0) this.#unread.push(message);
    else this.#waiters.splice(index, 1)[0]?.resolve(message);
  }
}

export class RawUdpPeer extends RawPeer {
  readonly #socket: Socket;
  readonly #remotePort: number;
  readonly host: string;
  /** Return true to lose a message before anyone sees it. */
  lose: (message: string) => boolean = () => false;

  private constructor(socket: Socket, remotePort: number, host: string) {
    super();
    this.host = host;
    this.#socket = socket;
    this.#remotePort = remotePort;
    socket.on('message', (raw) => {
      const text = raw.toString('latin1');
      if (!this.lose(text)) this.take(text);
    });
  }

  /** `host`: the loopback address to send from. */
  static async open(remotePort: number, host = '127.0.0.1', port = 0): Promise<RawUdpPeer> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, host, resolve);
    });
    return new RawUdpPeer(socket, remotePort, host);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  send(message: string | Uint8Array, port = this.#remotePort): void {
    this.#socket.send(message, port, '127.0.0.1');
  }

  async close(): Promise<void> {
    this.stopWaiting();
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }
}

export interface RawTls {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
}

/** Connects to `remotePort`, or listens when it is 0 and talks over the last connection that came in. */
export class RawTcpPeer extends RawPeer {
  /** The other side has closed the connection. */
  readonly closed: Promise<void>;
  #onClosed: () => void = () => {};
  /** Accepted so far. */
  connections = 0;
  #socket: TcpSocket | undefined;
  /** Under TLS what is below `#socket`. */
  #wire: TcpSocket | undefined;
  #buffer = '';
  #close: () => void = () => {};
  #port = 0;

  private constructor() {
    super();
    this.closed = new Promise((resolve) => {
      this.#onClosed = resolve;
    });
  }

  /** `tls`: PEM files. */
  static async connect(remotePort: number, tls?: RawTls): Promise<RawTcpPeer> {
    const peer = new RawTcpPeer();
    const wire = connect(remotePort, '127.0.0.1');
    const socket =
      tls === undefined
        ? wire
        : connectTls({ socket: wire, host: '127.0.0.1', ca: readFileSync(tls.caFile) });
    peer.#wire = wire;
    await new Promise<void>((resolve) =>
      socket.once(tls === undefined ? 'connect' : 'secureConnect', resolve),
    );
    peer.#adopt(socket);
    peer.#port = socket.localPort ?? 0;
    return peer;
  }

  static async listen(tls?: RawTls): Promise<RawTcpPeer> {
    const peer = new RawTcpPeer();
    const take = (socket: TcpSocket): void => {
      peer.#adopt(socket);
      peer.connections += 1;
    };
    const server =
      tls === undefined
        ? createServer(take)
        : createTlsServer({ cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) }, take);
    server.on('connection', (socket: TcpSocket) => {
      peer.#wire = socket;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    peer.#port = (server.address() as AddressInfo).port;
    peer.#close = () => server.close();
    return peer;
  }

  get port(): number {
    return this.#port;
  }

  send(message: string | Uint8Array): void {
    this.#socket?.write(message);
  }

  /** Ends the last connection; a listening peer takes the next one. */
  drop(how: 'closed' | 'reset'): void {
    if (how === 'reset') this.#wire?.resetAndDestroy();
    else this.#socket?.end();
  }

  async close(): Promise<void> {
    this.stopWaiting();
    this.#close();
    this.#socket?.destroy();
  }

  #adopt(socket: TcpSocket): void {
    this.#socket = socket;
    this.#buffer = '';
    socket.on('error', () => {});
    socket.once('close', () => this.#onClosed());
    socket.on('data', (chunk) => {
      // Pongs (RFC 5626 §3.5.1) are no part of a message.
      this.#buffer = (this.#buffer + chunk.toString('latin1')).replace(/^(?:\r\n)+/, '');
      for (;;) {
        const head = this.#buffer.indexOf('\r\n\r\n');
        if (head < 0) return;
        const length = Number(/\r\nContent-Length: *(\d+)/i.exec(this.#buffer.slice(0, head))?.[1] ?? 0);
        const end = head + 4 + length;
        if (this.#buffer.length < end) return;
        this.take(this.#buffer.slice(0, end));
        this.#buffer = this.#buffer.slice(end);
      }
    });
  }
}

/** A browser's SIP stack as the wire sees it: a WebSocket client that cannot be called back. */
export class RawWsPeer extends RawPeer {
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    super();
    this.#socket = socket;
    socket.on('message', (data) => this.take(String(data)));
    socket.on('error', () => {});
  }

  static async connect(remotePort: number, caFile?: string): Promise<RawWsPeer> {
    const socket = new WebSocket(`${caFile === undefined ? 'ws' : 'wss'}://127.0.0.1:${remotePort}/`, 'sip', {
      ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return new RawWsPeer(socket);
  }

  /** RFC 7118: its Via and Contact name no port that means anything. */
  get port(): number {
    return 9;
  }

  send(message: string | Uint8Array): void {
    this.#socket.send(message);
  }

  async close(): Promise<void> {
    this.stopWaiting();
    this.#socket.terminate();
  }
}
