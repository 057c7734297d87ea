import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Log } from '@sordino/core';
import { parseSipMessage } from '../ingress/parse-message.ts';
import { certificateNames } from './certificate-names.ts';
import { Pinger } from './pinger.ts';
import { TcpFramer } from './tcp-framing.ts';
import type { TcpLimits } from './tcp-limits.ts';
import type { Flow, FlowTls, MessageHandler } from './transport.ts';

const CRLF = new Uint8Array([0x0d, 0x0a]);
const PING = new Uint8Array([0x0d, 0x0a, 0x0d, 0x0a]);
/** Without an octet from the peer, ms: then the kernel asks whether it is there, also where nobody knows SIP pings. */
const KERNEL_KEEP_ALIVE_MS = 60_000;

/** One connection, dialled or accepted, plain or under TLS: frames what comes in, keeps the timeouts, writes what goes out. */
export class TcpConnection {
  readonly #socket: Socket;
  readonly #framer: TcpFramer;
  readonly #limits: TcpLimits;
  readonly #onMessage: MessageHandler;
  readonly #log: Log;
  /** Resolves when the connection is up; rejects when it never comes up. */
  readonly #ready: Promise<void>;
  #up: Flow | undefined;
  /** Of a dialled connection: who accepted one is pinged, and does not ping (RFC 5626 §4.4). */
  #pinger: Pinger | undefined;
  #messageTimer: NodeJS.Timeout | undefined;
  #sendTimer: NodeJS.Timeout | undefined;
  /** Sends that the operating system has not taken yet. */
  #writes = 0;

  constructor(socket: Socket, dialled: boolean, limits: TcpLimits, onMessage: MessageHandler, log: Log) {
    this.#socket = socket;
    this.#framer = new TcpFramer(limits);
    this.#limits = limits;
    this.#onMessage = onMessage;
    this.#log = log;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KERNEL_KEEP_ALIVE_MS);
    socket.setTimeout(limits.idleTimeoutMs, () => this.abort('idle for too long'));
    socket.on('data', (chunk: Uint8Array) => this.#received(chunk));
    socket.on('error', (error) => log.debug('TCP connection failed', { error: error.message }));
    socket.on('close', () => {
      clearTimeout(this.#messageTimer);
      clearTimeout(this.#sendTimer);
      this.#pinger?.stop();
    });
    this.#ready = dialled ? this.#connected() : Promise.resolve();
    // Who sends sees the rejection; without a sender it is no one's business.
    this.#ready.catch(() => {});
  }

  /** It was dialled, and the peer was there. */
  get cameUp(): boolean {
    return this.#pinger !== undefined;
  }

  /** Resolves when the octets are handed to the operating system. */
  async send(octets: Uint8Array): Promise<void> {
    await this.#ready;
    this.#pinger?.used();
    await this.#write(octets);
  }

  async #write(octets: Uint8Array): Promise<void> {
    if (this.#socket.writableLength + octets.length > this.#limits.unsentBytes) {
      this.abort('does not read what we send');
      throw new Error('The TCP peer does not read what we send');
    }
    await new Promise<void>((resolve, reject) => {
      this.#writes++;
      if (this.#sendTimer === undefined) this.#watchWrites();
      this.#socket.write(octets, (error) => {
        this.#writes--;
        this.#watchWrites();
        // Node reports success for a write that was under way when the socket was destroyed.
        if (error == null && !this.#socket.destroyed) resolve();
        else
          reject(error ?? this.#socket.errored ?? new Error('The TCP connection closed before all was sent'));
      });
    });
  }

  /** Runs the send timer from the last octets that left, as long as some are waiting. */
  #watchWrites(): void {
    clearTimeout(this.#sendTimer);
    this.#sendTimer =
      this.#writes === 0 || this.#socket.destroyed
        ? undefined
        : setTimeout(() => this.abort('does not take what we send'), this.#limits.sendTimeoutMs);
  }

  /** Sends what is queued, then closes. */
  end(): void {
    if (this.#socket.connecting) this.#socket.destroy();
    else this.#socket.destroySoon();
  }

  abort(why: string): void {
    this.#log.info('TCP connection closed by us', { why, remote: this.#socket.remoteAddress });
    // With an error, so that sends in waiting learn why and are not tried again.
    this.#socket.destroy(new Error(`TCP connection closed by us: ${why}`));
  }

  #connected(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#socket.destroy(new Error(`no connection within ${this.#limits.connectTimeoutMs} ms`));
      }, this.#limits.connectTimeoutMs);
      // TLS: the handshake is over, and the server has proved who it is.
      this.#socket.once(this.#socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
        clearTimeout(timer);
        this.#pinger = new Pinger(
          this.#limits,
          () => this.#socket.write(PING),
          (why) => this.abort(why),
        );
        resolve();
      });
      this.#socket.once('error', reject);
      this.#socket.once('close', () => {
        clearTimeout(timer);
        reject(new Error('The TCP connection was closed before it was up'));
      });
    });
  }

  #received(chunk: Uint8Array): void {
    const isPong = this.#pinger?.heard() === true;
    let brokenBy: string | undefined;
    let pings = 0;
    for (const frame of this.#framer.push(chunk)) {
      if (this.#socket.destroyed) return;
      if (frame.kind === 'message') this.#deliver(frame.raw);
      else if (frame.kind === 'ping') pings++;
      else {
        brokenBy = frame.problem;
        this.#refuse(frame.raw);
      }
    }
    // Two pongs look like a ping, and are none where each was asked for.
    if (isPong) this.#framer.endOfPong();
    // One pong for all pings of a segment: a flood of pings gets less back than it sends.
    if (pings > 0) this.#write(CRLF).catch(() => {});
    if (brokenBy !== undefined) {
      this.#log.info('TCP stream is not SIP, closing it', {
        why: brokenBy,
        remote: this.#socket.remoteAddress,
      });
      // Not at once: answers to good messages of the same segment are on their way to the socket.
      this.#socket.pause();
      setImmediate(() => this.end());
      return;
    }
    if (!this.#framer.hasPartialMessage) {
      clearTimeout(this.#messageTimer);
      this.#messageTimer = undefined;
    } else {
      this.#messageTimer ??= setTimeout(
        () => this.abort('a message took too long to arrive'),
        this.#limits.messageTimeoutMs,
      );
    }
  }

  #deliver(raw: Uint8Array): void {
    // A whole message is here: the next one gets its own time.
    clearTimeout(this.#messageTimer);
    this.#messageTimer = undefined;
    try {
      this.#onMessage(raw, this.#flow());
    } catch (error) {
      this.#log.error('Handler of a TCP message threw', { error: String(error) });
    }
  }

  /** A request whose end cannot be found is answered when it says whom to answer; the connection closes either way. */
  #refuse(raw: Uint8Array): void {
    const result = parseSipMessage(raw, this.#flow());
    if (result.kind !== 'refuse') return;
    this.#socket.write(result.answer, () => {});
  }

  /** Read once: a socket that was closed no longer knows its addresses. */
  #flow(): Flow {
    this.#up ??= { ...flowOf(this.#socket), close: () => void this.#socket.destroy() };
    return this.#up;
  }
}

function flowOf(socket: Socket): Flow {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  const addresses = {
    local: { host: plainAddress(localAddress), port: localPort ?? 0 },
    remote: { host: plainAddress(remoteAddress), port: remotePort ?? 0 },
  };
  return socket instanceof TLSSocket
    ? { protocol: 'tls', ...addresses, tls: tlsOf(socket) }
    : { protocol: 'tcp', ...addresses };
}

/** A certificate that nobody vouches for could hold any name, so its names are not told. */
export function tlsOf(socket: TLSSocket): FlowTls {
  const certificate: X509Certificate | undefined = socket.authorized
    ? socket.getPeerX509Certificate()
    : undefined;
  return certificate === undefined
    ? { authorized: false, names: [] }
    : { authorized: true, names: certificateNames(certificate) };
}

/** `::ffff:192.0.2.1` of a dual-stack socket is 192.0.2.1 for everybody else. */
export function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=[0-9]+\.)/i, '');
}
