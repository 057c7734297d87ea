import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import fc from 'fast-check';
import { parseSipMessage } from '../../ingress/parse-message.ts';
import type { ParseResult } from '../../ingress/parse-result.ts';
import { FRAGMENTS } from '../../ingress/test-support/fragments.ts';
import type { Flow } from '../../router/transport.ts';
import { header, response, sip } from './messages.ts';

export interface Edit {
  /** Ten-thousandths of the message's length. */
  readonly at: number;
  readonly cut: number;
  readonly insert: Uint8Array;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat({ max: 10_000 }),
  cut: fc.oneof({ weight: 4, arbitrary: fc.nat({ max: 4 }) }, fc.nat({ max: 120 })),
  insert: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...FRAGMENTS) }, fc.uint8Array({ maxLength: 4 })),
});

export interface Mutation {
  readonly seed: string;
  readonly edits: readonly Edit[];
}

export const mutationOf = (seeds: readonly string[]): fc.Arbitrary<Mutation> =>
  fc.record({ seed: fc.constantFrom(...seeds), edits: fc.array(edit, { minLength: 1, maxLength: 4 }) });

function applyEdits(message: string, edits: readonly Edit[]): Buffer {
  let octets: Buffer = Buffer.from(message, 'latin1');
  for (const { at, cut, insert } of edits) {
    const from = Math.floor((at * octets.length) / 10_000);
    octets = Buffer.concat([octets.subarray(0, from), insert, octets.subarray(from + cut)]);
  }
  return octets;
}

const BRANCH = 'z9hG4bKstorm';

/**
 * A peer that sends broken messages over UDP and knows which of them deserve an answer: those that our parser takes for a request,
 * and whose branch and way back are still the ones it wrote.
 */
export class StormPeer {
  readonly #socket: Socket;
  readonly #remotePort: number;
  readonly #flow: Flow;
  /** By branch. */
  readonly #owed = new Map<string, Buffer>();
  readonly #waiting = new Map<string, () => void>();
  #sent = 0;
  #malformed: string | undefined;

  private constructor(socket: Socket, remotePort: number) {
    this.#socket = socket;
    this.#remotePort = remotePort;
    const { address: host, port } = socket.address();
    const local = { host: '127.0.0.1', port: remotePort };
    this.#flow = { protocol: 'udp', local, remote: { host, port } };
    socket.on('message', (raw) => this.#received(raw));
  }

  /** `host`: a loopback address of its own, so that what a broken Via misdirects hits nobody. */
  static async open(remotePort: number, host: string): Promise<StormPeer> {
    const socket = createSocket('udp4');
    socket.bind(0, host);
    await once(socket, 'listening');
    socket.setRecvBufferSize(4 * 1024 * 1024);
    return new StormPeer(socket, remotePort);
  }

  get port(): number {
    return this.#flow.remote.port;
  }

  get sent(): number {
    return this.#sent;
  }

  /** Requests that were not answered until now, as they were sent. */
  get owed(): readonly string[] {
    return [...this.#owed.values()].map((octets) => JSON.stringify(octets.toString('latin1')));
  }

  /** Something that came back and is no SIP response. */
  get malformed(): string | undefined {
    return this.#malformed;
  }

  send({ seed, edits }: Mutation): void {
    this.#sent += 1;
    const branch = `${BRANCH}${this.#sent}e`;
    const { host, port } = this.#flow.remote;
    const fresh = seed
      .replace(/(Via: SIP\/2\.0\/UDP )[^;\r\n]*;[^\r\n]*/, `$1${host}:${port};branch=${branch}`)
      .replace(/(Call-ID: )([^\r\n]*)/, `$1${this.#sent}-$2`);
    const octets = applyEdits(fresh, edits);
    if (this.#deservesAnswer(octets, branch)) this.#owed.set(branch, octets);
    this.#socket.send(octets, this.#remotePort, '127.0.0.1');
  }

  /** Resolves when all that was sent before has been looked at. */
  async settle(): Promise<void> {
    this.#sent += 1;
    const branch = `${BRANCH}${this.#sent}e`;
    const { host, port } = this.#flow.remote;
    const answered = new Promise<void>((resolve) => this.#waiting.set(branch, resolve));
    const ping = [
      'OPTIONS sip:127.0.0.1 SIP/2.0',
      `Via: SIP/2.0/UDP ${host}:${port};branch=${branch}`,
      ...['Max-Forwards: 70', 'From: <sip:storm@127.0.0.1>;tag=ping', 'To: <sip:127.0.0.1>'],
      ...[`Call-ID: ${this.#sent}-ping`, 'CSeq: 1 OPTIONS', 'Content-Length: 0', '\r\n'],
    ].join('\r\n');
    this.#socket.send(ping, this.#remotePort, '127.0.0.1');
    await answered;
  }

  close(): void {
    this.#socket.close();
  }

  #deservesAnswer(octets: Uint8Array, branch: string): boolean {
    const result = parseSipMessage(octets, this.#flow);
    if (result.kind === 'refuse') {
      return this.#comesBack(parseSipMessage(Buffer.from(result.answer), this.#flow), branch);
    }
    if (result.kind !== 'message' || result.message.kind !== 'request') return false;
    return result.message.method !== 'ACK' && this.#comesBack(result, branch);
  }

  #comesBack(result: ParseResult, branch: string): boolean {
    const [via] = result.kind === 'message' ? result.message.vias : [];
    const { port } = this.#flow.remote;
    return via?.branch === branch && (via.params.has('rport') || via.port === port);
  }

  #received(raw: Buffer): void {
    const message = raw.toString('latin1');
    const read = parseSipMessage(raw, this.#flow);
    if (read.kind !== 'message') {
      this.#malformed ??= message;
      return;
    }
    if (read.message.kind === 'request') {
      if (read.message.method === 'BYE') this.#reply(response(message, 200));
      return;
    }
    if (read.message.status < 200) return;
    const branch = read.message.vias[0]?.branch ?? '';
    this.#owed.delete(branch);
    this.#waiting.get(branch)?.();
    this.#waiting.delete(branch);
    if (read.message.cseq.method === 'INVITE') this.#reply(acknowledge(message));
  }

  #reply(message: string): void {
    this.#socket.send(message, this.#remotePort, '127.0.0.1');
  }
}

/** The ACK of a final answer: without it a refusal is repeated for half a minute, and a call that was taken does not stand. */
function acknowledge(answer: string): string {
  const copy = (name: string): string => `${name}: ${header(answer, name) ?? ''}`;
  const cseq = (header(answer, 'CSeq') ?? '').replace(/\S+$/, 'ACK');
  return sip('ACK sip:127.0.0.1 SIP/2.0', [
    ...[copy('Via'), copy('From'), copy('To'), copy('Call-ID'), `CSeq: ${cseq}`],
  ]);
}
