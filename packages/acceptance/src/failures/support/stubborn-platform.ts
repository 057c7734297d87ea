import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { Ladder } from '@sordino/testkit';
import { HOST } from '../../scene/call-scene.ts';
import { headerOf } from './prober.ts';

const TAG = ';tag=stubborn';

/**
 * Where leg 7 goes, written byte for byte: it answers INVITE with 100 and then only when it is canceled, with 200. RFC 3261 §9.1
 * allows that: the final answer was on its way already.
 */
export class StubbornPlatform implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #ladder = new Ladder({ columns: ['sordino', 'platform'] });
  #invite = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (bytes, from) => this.#received(bytes.toString('latin1'), from));
  }

  static async open(): Promise<StubbornPlatform> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, HOST, resolve));
    return new StubbornPlatform(socket);
  }

  /** `return_uri` of the platform's profile. */
  get uri(): string {
    return `sip:late@${this.#host};transport=udp`;
  }

  ladder(): string {
    return this.#ladder.shape();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  get #host(): string {
    return `${HOST}:${this.#socket.address().port}`;
  }

  #received(text: string, from: RemoteInfo): void {
    this.#ladder.message({ atMs: performance.now(), from: 'sordino', to: 'platform', text });
    const method = text.split(' ', 1)[0];
    if (method === 'INVITE') {
      this.#invite = text;
      this.#send(answer(text, '100 Trying'), from);
    } else if (method === 'CANCEL') {
      this.#send(answer(text, '200 OK'), from);
      const sdp = `v=0\r\no=- 1 1 IN IP4 ${HOST}\r\ns=-\r\nc=IN IP4 ${HOST}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n`;
      this.#send(answer(this.#invite, '200 OK', [`Contact: <sip:late@${this.#host}>`], sdp), from);
    } else if (method === 'BYE') this.#send(answer(text, '200 OK'), from);
  }

  #send(text: string, to: RemoteInfo): void {
    this.#ladder.message({ atMs: performance.now(), from: 'platform', to: 'sordino', text });
    this.#socket.send(text, to.port, to.address);
  }
}

/** RFC 3261 §8.2.6: an answer takes Via, From, Call-ID and CSeq as they are, and a To with a tag. */
function answer(request: string, status: string, extra: readonly string[] = [], sdp = ''): string {
  const copied = ['Via', 'From', 'Call-ID', 'CSeq'].flatMap((name) =>
    headerOf(request, name).map((value) => `${name}: ${value}`),
  );
  const [to = ''] = headerOf(request, 'To');
  const tagged = status.startsWith('100') || to.includes('tag=') ? to : `${to}${TAG}`;
  const type = sdp === '' ? [] : ['Content-Type: application/sdp'];
  const lines = [...copied, `To: ${tagged}`, ...extra, ...type, `Content-Length: ${sdp.length}`];
  return `SIP/2.0 ${status}\r\n${lines.join('\r\n')}\r\n\r\n${sdp}`;
}
