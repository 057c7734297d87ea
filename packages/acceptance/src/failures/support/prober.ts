import { silentLog } from '@sordino/core';
import type { SipHeaders } from '@sordino/interception';
import { SipEndpoint, type SipTraceEntry } from '@sordino/sip';
import { Ladder } from '@sordino/testkit';
import { HOST } from '../../scene/call-scene.ts';

export interface Refusal {
  readonly status: number | undefined;
  /** Values of a header of the final answer. */
  header(name: string): readonly string[];
}

/** Somebody who INVITEs Sordino with whatever the test says: the platforms that the simulated one is not. */
export class Prober implements AsyncDisposable {
  readonly #endpoint: SipEndpoint;
  readonly #trace: SipTraceEntry[];

  private constructor(endpoint: SipEndpoint, trace: SipTraceEntry[]) {
    this.#endpoint = endpoint;
    this.#trace = trace;
  }

  static async open(): Promise<Prober> {
    const trace: SipTraceEntry[] = [];
    const endpoint = await SipEndpoint.open({
      listen: [{ protocol: 'udp', host: HOST, port: 0 }],
      fixedContactUser: 'prober',
      log: silentLog,
      trace: (entry) => trace.push(entry),
    });
    return new Prober(endpoint, trace);
  }

  /** Resolves with the refusal; throws when the INVITE was taken. */
  async invite(target: string, offer?: string, headers: SipHeaders = []): Promise<Refusal> {
    const taken = this.#trace.length;
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const leg = this.#endpoint.invite(
        { target, offer, headers, answerTimeoutMs: 10_000 },
        {
          answered: () => {
            leg.hangup();
            reject(new Error('the INVITE was answered'));
          },
          ended: (end) => resolve(end.status),
        },
      );
    });
    const answer = this.#trace
      .slice(taken)
      .find(({ direction, text }) => direction === 'in' && text.startsWith(`SIP/2.0 ${status} `));
    return { status, header: (name) => headerOf(answer?.text ?? '', name) };
  }

  ladder(): string {
    const ladder = new Ladder({ columns: ['platform', 'sordino'] });
    for (const { atMs, direction, text } of this.#trace) {
      const [from, to] = direction === 'out' ? ['platform', 'sordino'] : ['sordino', 'platform'];
      ladder.message({ atMs, from, to, text });
    }
    return ladder.shape();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#endpoint.close();
  }
}

/** All values of a header in a message as text, in order. */
export function headerOf(text: string, name: string): string[] {
  return text
    .split('\r\n\r\n', 1)
    .flatMap((head) => head.split('\r\n'))
    .filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    .map((line) => line.slice(name.length + 1).trim());
}
