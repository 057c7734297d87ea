import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { SipDialogId } from '@sordino/interception';
import { Deferred, within } from './deferred.ts';
import type { SimSipTrace } from './sim-sip.ts';

/** RFC 3261 §17.1.1.1: T1, the estimate of a round trip. */
const T1_MS = 500;
/** 64*T1, timer F: nobody answers any more. */
const ANSWER_TIMEOUT_MS = 64 * T1_MS;

export interface RequestByHand {
  readonly method: 'REFER' | 'NOTIFY';
  readonly lines: readonly string[];
  readonly body?: string;
}

/**
 * A request inside a dialog, written by hand from what the trace tells of the dialog, since the SIP port of the call model has no
 * such call. Resolves with the final status. The endpoint that owns the dialog does not know of it: its own next request in the
 * dialog carries the same CSeq and is refused with 500 (RFC 3261 §12.2.2), so such requests are the last that a test does on a leg.
 * `record`: keeps request and answer in the trace.
 */
export async function requestByHand(
  dialog: SipDialogId,
  { method, lines, body = '' }: RequestByHand,
  trace: readonly SimSipTrace[],
  record: (entry: SimSipTrace) => void = () => undefined,
): Promise<number> {
  const ours = trace.filter(({ text }) => headerOf(text, 'Call-ID') === dialog.callId);
  const last = ours.at(-1);
  if (!last) throw new Error(`no message of dialog ${dialog.callId} is in the trace`);
  const { protocol, local, remote } = last.flow;
  if (protocol !== 'udp')
    throw new Error(`a ${method} by hand needs a leg over UDP: divert with transport "udp"`);
  const target =
    lastValue(ours, 'in', 'Contact')?.match(/<([^>]+)>/)?.[1] ?? `sip:${remote.host}:${remote.port}`;
  const sequence = Math.max(
    0,
    ...ours.filter(isOurRequest).map(({ text }) => Number.parseInt(headerOf(text, 'CSeq') ?? '0', 10)),
  );

  const socket = createSocket('udp4');
  try {
    socket.bind(0, local.host);
    await once(socket, 'listening');
    const me = `${local.host}:${socket.address().port}`;
    const message = [
      `${method} ${target} SIP/2.0`,
      `Via: SIP/2.0/UDP ${me};rport;branch=z9hG4bK${randomBytes(12).toString('hex')}`,
      'Max-Forwards: 70',
      `From: <sip:platform@${me}>;tag=${dialog.localTag}`,
      `To: <${target}>;tag=${dialog.remoteTag}`,
      `Call-ID: ${dialog.callId}`,
      `CSeq: ${sequence + 1} ${method}`,
      `Contact: <sip:platform@${local.host}:${local.port}>`,
      ...lines,
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n');
    const answered = new Deferred<number>();
    socket.on('message', (bytes) => {
      const text = bytes.toString('utf8');
      const status = Number(text.match(/^SIP\/2\.0 (\d{3})/)?.[1]);
      if (status < 200) return;
      record({ atMs: Date.now(), direction: 'in', flow: last.flow, text });
      answered.resolve(status);
    });
    const send = (): void => socket.send(message, remote.port, remote.host, () => undefined);
    record({ atMs: Date.now(), direction: 'out', flow: last.flow, text: message });
    send();
    const retransmissions = setInterval(send, T1_MS);
    const status = await within(answered.promise, ANSWER_TIMEOUT_MS);
    clearInterval(retransmissions);
    if (status === undefined) throw new Error(`no answer to ${method} in ${ANSWER_TIMEOUT_MS} ms`);
    return status;
  } finally {
    socket.close();
  }
}

/** The first value of a header, by its long name. */
export function headerOf(text: string, name: string): string | undefined {
  const prefix = `${name.toLowerCase()}:`;
  const line = text.split('\r\n').find((candidate) => candidate.toLowerCase().startsWith(prefix));
  return line?.slice(prefix.length).trim();
}

function lastValue(trace: readonly SimSipTrace[], direction: 'in' | 'out', name: string): string | undefined {
  return trace
    .flatMap((entry) => (entry.direction === direction ? [headerOf(entry.text, name)] : []))
    .findLast(Boolean);
}

const isOurRequest = ({ direction, text }: SimSipTrace): boolean =>
  direction === 'out' && !text.startsWith('SIP/2.0');
