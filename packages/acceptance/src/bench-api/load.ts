import { randomUUID } from 'node:crypto';
import type { HttpClient } from './http-client.ts';
import type { Server } from './server.ts';

/** A Visa test number that the sandbox approves. */
const FIELDS = [
  ['card_number', '4242424242424242#'],
  ['expiry', `12${(new Date().getUTCFullYear() + 4) % 100}`],
  ['cvc', '737'],
] as const;

export const STEPS = ['create', 'read', 'collect_event', 'confirm'] as const;
export type Step = (typeof STEPS)[number];

/** Of each step, how long it took, ms. */
export type Samples = Readonly<Record<Step, number[]>>;
export const noSamples = (): Samples => ({ create: [], read: [], collect_event: [], confirm: [] });

/** Each its own: a card is not charged the same amount again while another charge of it is under way. */
let amount = 4_999;

/** One whole payment: created, followed, read, keyed, confirmed and handed back. */
export async function payOnce(server: Server, http: HttpClient, samples: Samples): Promise<void> {
  const timed = async <Value>(step: Step, work: () => Promise<Value>): Promise<Value> => {
    const startedMs = performance.now();
    const value = await work();
    samples[step].push(performance.now() - startedMs);
    return value;
  };
  const body = {
    call: { platform: 'plt_main', call_id: randomUUID(), ani: '+447700900123' },
    intent: { type: 'charge', amount: ++amount, currency: 'gbp', reference: 'INV-7' },
    fields: FIELDS.map(([name]) => name),
  };
  const created = () => http.call<{ readonly id: string }>('POST', '/v1/sessions', body, randomUUID());
  const { id } = await timed('create', created);
  const path = `/v1/sessions/${id}`;
  using events = await http.stream(`${path}/events/stream`);
  await events.until('session.ready');
  await timed('read', () => http.call('GET', path));
  let seq = 0;
  for (const [name, keys] of FIELDS) {
    const startedMs = performance.now();
    const answered = http.call('POST', `${path}/fields/${name}/collect`, {});
    samples.collect_event.push((await events.until('field.collecting')) - startedMs);
    await answered;
    await server.press(id, seq, keys);
    seq += keys.length;
    await events.until('field.captured');
  }
  await events.until('session.ready_to_confirm');
  const { status } = await timed('confirm', () =>
    http.call<{ readonly status: string }>('POST', `${path}/confirm`, {}, randomUUID()),
  );
  if (status !== 'approved') throw new Error(`the payment is ${status}`);
  await http.call('POST', `${path}/restore`, {});
  await events.until('session.restored');
  server.forget(id);
}
