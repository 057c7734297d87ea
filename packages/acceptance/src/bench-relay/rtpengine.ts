import { spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type Bencoded, bdecode, bencode } from './bencode.ts';
import { onCore } from './on-core.ts';
import {
  GENERATOR_KEY,
  type Media,
  OPUS_PAYLOAD_TYPE,
  type OpenedCall,
  type RelayUnderTest,
} from './relay-under-test.ts';

const HOST = '127.0.0.1';
const PORTS = { min: 40_000, max: 59_999 };
/** rtpengine's own advice for hiding tones in the audio; less than 60 ms leaves readable pieces of keys. */
const DELAY_BUFFER_MS = 60;
const ANSWER_WITHIN_MS = 5_000;
const START_TRIES = 5;

/** Debian's rtpengine in user space, one thread, told to take keys out of the audio: what Sordino is compared with. */
export class Rtpengine implements RelayUnderTest {
  readonly pid: number;
  readonly lookbackMs = { toAgent: DELAY_BUFFER_MS, toCustomer: 0 };
  readonly keepsOpusPackets = false;
  readonly #child: ReturnType<typeof spawn>;
  readonly #socket: Socket;
  readonly #ngPort: number;
  #calls = 0;

  private constructor(child: ReturnType<typeof spawn>, pid: number, socket: Socket, ngPort: number) {
    this.#child = child;
    this.pid = pid;
    this.#socket = socket;
    this.#ngPort = ngPort;
  }

  /** `core`: it is pinned to that one. */
  static async start(core: number): Promise<Rtpengine> {
    const ngPort = await freePort();
    const child = spawn(
      ...onCore(core, [
        ...['rtpengine', '--config-file=none', '--foreground', '--log-stderr', '--log-level=3', '--table=-1'],
        ...[`--interface=${HOST}`, `--listen-ng=${HOST}:${ngPort}`, '--num-threads=1'],
        ...[`--port-min=${PORTS.min}`, `--port-max=${PORTS.max}`],
      ]),
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    if (child.pid === undefined) throw new Error('rtpengine could not be started');
    let said = '';
    child.stderr?.on('data', (text: Buffer) => {
      said = (said + text).slice(-2_000);
    });
    const relay = new Rtpengine(child, child.pid, createSocket('udp4'), ngPort);
    for (let tries = 0; ; tries += 1) {
      try {
        await relay.#ask({ command: 'ping' });
        return relay;
      } catch (cause) {
        if (tries < START_TRIES && child.exitCode === null) continue;
        await relay[Symbol.asyncDispose]();
        throw new Error(`rtpengine does not answer: ${said}`, { cause });
      }
    }
  }

  async openCall(customerPort: number, cleanPort: number, media: Media): Promise<OpenedCall> {
    this.#calls += 1;
    const call = { 'call-id': `bench-${this.#calls}`, 'from-tag': 'customer' };
    const common = { ...call, ICE: 'remove', replace: ['origin'] };
    const offered = await this.#ask({ ...common, command: 'offer', sdp: sdp(customerPort, media) });
    // Before the answer: asked afterwards it goes on sending what it decoded and encoded anew as if it were still encrypted.
    await this.#ask({
      ...call,
      command: 'block DTMF',
      'DTMF-security': 'silence',
      'delay-buffer': DELAY_BUFFER_MS,
    });
    const answered = await this.#ask({
      ...common,
      command: 'answer',
      'to-tag': 'agent',
      sdp: sdp(cleanPort, media),
    });
    // What the answer shows is for the offerer: the customer sends there.
    const keys = media === 'SRTP' ? ([keyOf(answered), keyOf(offered)] as const) : undefined;
    return { customer: portOf(answered), clean: portOf(offered), keys };
  }

  async troubles(): Promise<undefined> {
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  async #ask(request: Record<string, Bencoded>): Promise<Record<string, Bencoded>> {
    const cookie = Math.random().toString(36).slice(2);
    this.#socket.send(`${cookie} ${bencode(request)}`, this.#ngPort, HOST);
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    for (;;) {
      const [datagram] = (await once(this.#socket, 'message', { signal })) as [Buffer];
      const text = datagram.toString('latin1');
      if (!text.startsWith(`${cookie} `)) continue;
      const answer = bdecode(text.slice(cookie.length + 1)) as Record<string, Bencoded>;
      if (answer.result === 'error')
        throw new Error(`rtpengine refused ${String(request.command)}: ${String(answer['error-reason'])}`);
      return answer;
    }
  }
}

/** Another rtpengine on this machine would answer for one that could not begin. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  const listening = once(socket, 'listening');
  socket.bind(0, HOST);
  await listening;
  const { port } = socket.address();
  socket.close();
  return port;
}

const sdp = (port: number, media: Media): string =>
  ['v=0', `o=- 1 1 IN IP4 ${HOST}`, 's=-', `c=IN IP4 ${HOST}`, 't=0 0']
    .concat(
      `m=audio ${port} RTP/${media === 'SRTP' ? 'SAVP' : 'AVP'} ${media === 'Opus' ? OPUS_PAYLOAD_TYPE : 0}`,
    )
    .concat(media === 'Opus' ? `a=rtpmap:${OPUS_PAYLOAD_TYPE} opus/48000/2` : 'a=rtpmap:0 PCMU/8000')
    .concat('a=ptime:20', 'a=sendrecv')
    .concat(media === 'SRTP' ? `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${base64(GENERATOR_KEY)}` : [], '')
    .join('\r\n');

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** Key and salt that rtpengine sends with. */
function keyOf(answer: Record<string, Bencoded>): string {
  const key = /^a=crypto:\d+ AES_CM_128_HMAC_SHA1_80 inline:([A-Za-z0-9+/=]+)/m.exec(String(answer.sdp))?.[1];
  if (key === undefined) throw new Error(`rtpengine answered without a key: ${JSON.stringify(answer)}`);
  return Buffer.from(key, 'base64').toString('hex');
}

function portOf(answer: Record<string, Bencoded>): number {
  const port = /^m=audio (\d+)/m.exec(String(answer.sdp))?.[1];
  if (port === undefined) throw new Error(`rtpengine answered without a port: ${JSON.stringify(answer)}`);
  return Number(port);
}
