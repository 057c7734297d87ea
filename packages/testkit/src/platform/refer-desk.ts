import { randomBytes } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { SipDialogId, SipHeaders } from '@sordino/interception';
import { notifyByHand } from './refer-by-hand.ts';
import { headerOf } from './request-by-hand.ts';
import type { SimSip } from './sim-sip.ts';

/** A REFER outside a dialog that came to the platform. */
export interface ReceivedRefer {
  /** The URI of Refer-To. */
  readonly referTo: string;
  /** As written (RFC 4538 §7). */
  readonly targetDialog: string | undefined;
  answer(status: number, reason: string, headers?: SipHeaders): void;
  /** NOTIFY in the dialog that the REFER makes. Resolves with the status of its answer. */
  notify(sipfrag: string, state: string): Promise<number>;
}

/**
 * Where the platform takes REFER: a UDP socket of its own, written by hand, since the SIP port of the call model neither takes a REFER
 * outside a dialog nor sends NOTIFY. What crosses it stands in the trace of the platform.
 */
export class ReferDesk {
  readonly uri: string;
  readonly #socket: Socket;
  readonly #sip: SimSip;
  readonly #onRefer: (refer: ReceivedRefer) => void;
  /** By Call-ID: a repetition gets the answer again, and nobody is asked twice. */
  readonly #answers = new Map<string, string>();

  private constructor(socket: Socket, sip: SimSip, onRefer: (refer: ReceivedRefer) => void) {
    const { address, port } = socket.address();
    this.uri = `sip:calls@${address}:${port};transport=udp`;
    this.#socket = socket;
    this.#sip = sip;
    this.#onRefer = onRefer;
    socket.on('message', (bytes, from) => this.#received(bytes.toString('utf8'), from));
  }

  static async open(host: string, sip: SimSip, onRefer: (refer: ReceivedRefer) => void): Promise<ReferDesk> {
    const socket = createSocket('udp4');
    socket.bind(0, host);
    await once(socket, 'listening');
    return new ReferDesk(socket, sip, onRefer);
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  #received(text: string, from: RemoteInfo): void {
    const callId = headerOf(text, 'Call-ID') ?? '';
    if (!text.startsWith('REFER ')) return;
    const before = this.#answers.get(callId);
    if (before !== undefined) {
      if (before !== '') this.#socket.send(before, from.port, from.address);
      return;
    }
    this.#answers.set(callId, '');
    this.#record('in', text, from);
    const dialog: SipDialogId = {
      callId,
      localTag: randomBytes(8).toString('hex'),
      remoteTag: headerOf(text, 'From')?.match(/;tag=([^;]+)/)?.[1] ?? '',
    };
    this.#onRefer({
      referTo: headerOf(text, 'Refer-To')?.match(/<([^>]+)>/)?.[1] ?? '',
      targetDialog: headerOf(text, 'Target-Dialog'),
      answer: (status, reason, headers = []) => {
        const answer = answerTo(text, `${status} ${reason}`, dialog.localTag, [
          ...headers,
          ['Contact', `<${this.uri}>`],
        ]);
        this.#answers.set(callId, answer);
        this.#record('out', answer, from);
        this.#socket.send(answer, from.port, from.address);
      },
      notify: (sipfrag, state) => notifyByHand(dialog, sipfrag, state, this.#sip),
    });
  }

  #record(direction: 'in' | 'out', text: string, { address, port }: RemoteInfo): void {
    const local = this.#socket.address();
    const flow = {
      protocol: 'udp',
      local: { host: local.address, port: local.port },
      remote: { host: address, port },
    } as const;
    this.#sip.record({ atMs: Date.now(), direction, flow, text });
  }
}

/** RFC 3261 §8.2.6: an answer takes Via, From, Call-ID and CSeq as they are, and a To with a tag. */
function answerTo(request: string, status: string, tag: string, headers: SipHeaders): string {
  const copied = ['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(request, name)}`);
  const lines = [
    `SIP/2.0 ${status}`,
    ...copied,
    `To: ${headerOf(request, 'To')};tag=${tag}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    'Content-Length: 0',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
