import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const HOST = '127.0.0.1';
/** Ports that nothing else here uses; tests of whole calls run one at a time. */
const NG_PORT = 22_933;
const PORTS = { min: 41_000, max: 41_199 };
const ANSWER_WITHIN_MS = 1_000;
const START_TRIES = 20;

/** Debian's rtpengine in user space, driven by its control protocol: an SRTP stack that is neither ours nor werift's. */
export class Rtpengine implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #socket: Socket = createSocket('udp4');
  #said = '';

  private constructor() {
    this.#child = spawn(
      'rtpengine',
      [
        ...['--foreground', '--log-stderr', '--log-level=4', '--table=-1', '--config-file=none'],
        ...[`--interface=${HOST}`, `--listen-ng=${HOST}:${NG_PORT}`, '--num-threads=1'],
        ...[`--port-min=${PORTS.min}`, `--port-max=${PORTS.max}`],
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.#child.stderr?.on('data', (text: Buffer) => {
      this.#said = (this.#said + text).slice(-2_000);
    });
  }

  static async start(): Promise<Rtpengine> {
    const engine = new Rtpengine();
    for (let tries = 0; ; tries += 1) {
      try {
        await engine.#ask({ command: 'ping' });
        return engine;
      } catch (cause) {
        if (tries < START_TRIES && engine.#child.exitCode === null) continue;
        await engine[Symbol.asyncDispose]();
        throw new Error(`rtpengine does not answer: ${engine.#said}`, { cause });
      }
    }
  }

  /** What the other side is to be offered: the caller's description, over RTP/SAVP. */
  offer(callId: string, sdp: string): Promise<string> {
    const secure = { 'transport-protocol': 'RTP/SAVP', ICE: 'remove', DTLS: 'off' };
    return this.#describe({ command: 'offer', 'call-id': callId, 'from-tag': 'caller', sdp, ...secure });
  }

  /** What the caller is to be answered. */
  answer(callId: string, sdp: string): Promise<string> {
    return this.#describe({
      ...{ command: 'answer', 'call-id': callId, 'from-tag': 'caller', 'to-tag': 'callee' },
      sdp,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  async #describe(request: Readonly<Record<string, string>>): Promise<string> {
    const answer = await this.#ask(request);
    const [head, length] = /3:sdp(\d+):/.exec(answer) ?? [];
    if (head === undefined) throw new Error(`rtpengine refused: ${answer}; ${this.#said}`);
    const from = answer.indexOf(head) + head.length;
    return answer.slice(from, from + Number(length));
  }

  /** A cookie, then a dictionary in bencode, as one datagram each way. */
  async #ask(request: Readonly<Record<string, string>>): Promise<string> {
    const cookie = Math.random().toString(36).slice(2);
    const text = (value: string): string => `${Buffer.byteLength(value)}:${value}`;
    const fields = Object.entries(request).map(([key, value]) => text(key) + text(value));
    this.#socket.send(`${cookie} d${fields.join('')}e`, NG_PORT, HOST);
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    for (;;) {
      const [datagram] = (await once(this.#socket, 'message', { signal })) as [Buffer];
      const answer = datagram.toString('latin1');
      if (answer.startsWith(`${cookie} `)) return answer;
    }
  }
}
