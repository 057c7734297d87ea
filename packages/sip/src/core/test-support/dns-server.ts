import { createSocket, type Socket } from 'node:dgram';
import packet, { type Answer, type Question } from 'dns-packet';

/** A DNS server on loopback whose zone the test writes. What it does not hold does not exist. */
export class DnsServer {
  /** `SRV _sip._tcp.example.com` … as it was asked. */
  readonly asked: string[] = [];
  readonly zone: Answer[] = [];
  /** True: no answer at all. */
  silent = false;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (raw, from) => {
      const query = packet.decode(raw);
      const [question] = query.questions ?? [];
      if (question === undefined) return;
      this.asked.push(`${question.type} ${question.name}`);
      if (this.silent) return;
      const reply = packet.encode({
        type: 'response',
        id: query.id ?? 0,
        flags: packet.AUTHORITATIVE_ANSWER | (this.#knows(question) ? 0 : NXDOMAIN),
        questions: [question],
        answers: this.zone.filter((answer) => answer.type === question.type && isNamed(answer, question)),
      });
      socket.send(reply, from.port, from.address);
    });
  }

  static async open(): Promise<DnsServer> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return new DnsServer(socket);
  }

  /** As in `dnsServers`. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  a(name: string, data: string, ttl = 60): this {
    this.zone.push({ type: data.includes(':') ? 'AAAA' : 'A', name, data, ttl });
    return this;
  }

  srv(name: string, target: string, port: number, priority = 0, weight = 0): this {
    this.zone.push({ type: 'SRV', name, ttl: 60, data: { target, port, priority, weight } });
    return this;
  }

  naptr(name: string, service: string, replacement: string, order = 10): this {
    const data = { order, preference: 10, flags: 's', services: service, regexp: '', replacement };
    this.zone.push({ type: 'NAPTR', name, ttl: 60, data });
    return this;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }

  #knows(question: Question): boolean {
    return this.zone.some((answer) => isNamed(answer, question));
  }
}

/** RFC 1035 §4.1.1: RCODE 3. */
const NXDOMAIN = 3;

const isNamed = (answer: Answer, question: Question): boolean =>
  answer.name.toLowerCase() === question.name.toLowerCase();
