import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const HOST = '127.0.0.1';
/** Timer B of RFC 3261 is 32 s; loopback answers at once or never. */
const ANSWER_TIMEOUT_MS = 10_000;

export interface RawRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers?: readonly string[];
  readonly callId?: string;
  readonly from?: string;
  readonly to?: string;
  readonly sequence?: number;
  readonly body?: string | Uint8Array;
}

/** SIP over UDP written by hand: requests that no stack would send, and datagrams that are no SIP at all. */
export class RawSip implements Disposable {
  readonly #socket: Socket;
  readonly #port: number;
  readonly #waiting = new Map<string, (text: string) => void>();
  /** Every datagram that came back. */
  readonly received: Buffer[] = [];

  private constructor(socket: Socket, port: number) {
    this.#socket = socket;
    this.#port = port;
    socket.on('message', (octets) => {
      this.received.push(octets);
      const text = octets.toString('latin1');
      const branch = /branch=([^;\r\s]+)/i.exec(text)?.[1] ?? '';
      if (/^SIP\/2\.0 [2-6]/.test(text)) this.#waiting.get(branch)?.(text);
    });
  }

  /** `port`: where Sordino listens. */
  static async open(port: number): Promise<RawSip> {
    const socket = createSocket('udp4');
    socket.bind(0, HOST);
    await once(socket, 'listening');
    return new RawSip(socket, port);
  }

  /** Resolves when the datagram is with the kernel. */
  send(octets: Uint8Array, port = this.#port): Promise<void> {
    return new Promise((resolve) => this.#socket.send(octets, port, HOST, () => resolve()));
  }

  /** The final answer, whole. An INVITE that is answered is acknowledged. */
  async ask(request: RawRequest): Promise<string> {
    const branch = `z9hG4bK${crypto.randomUUID()}`;
    const answered = new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${request.method}`)), ANSWER_TIMEOUT_MS);
      this.#waiting.set(branch, (text) => {
        clearTimeout(timer);
        this.#waiting.delete(branch);
        resolve(text);
      });
    });
    await this.send(this.write(request, branch));
    const answer = await answered;
    if (request.method === 'INVITE') {
      const to = /^To: (.*)$/m.exec(answer)?.[1]?.trim() ?? '';
      await this.send(this.write({ ...request, method: 'ACK', to }, branch));
    }
    return answer;
  }

  write(request: RawRequest, branch: string): Buffer {
    const { method, uri, headers = [], sequence = 1, body = '' } = request;
    const me = `${HOST}:${this.#socket.address().port}`;
    const octets = Buffer.from(body);
    const head = [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${me};branch=${branch};rport`,
      'Max-Forwards: 70',
      `From: ${request.from ?? `<sip:raw@${me}>;tag=raw`}`,
      `To: ${request.to ?? `<${uri}>`}`,
      `Call-ID: ${request.callId ?? branch}`,
      `CSeq: ${sequence} ${method === 'ACK' ? 'ACK' : method}`,
      `Contact: <sip:raw@${me}>`,
      ...headers,
      `Content-Length: ${octets.length}`,
      '',
      '',
    ].join('\r\n');
    return Buffer.concat([Buffer.from(head), octets]);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

export const statusOf = (answer: string): number => Number(answer.split(' ')[1]);
