import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  encodeWav,
  hostMsOfUnix,
  Ladder,
  type PhoneReport,
  SAMPLE_RATE_HZ,
  type SpectrogramPanel,
  spectrogramPair,
  type TimedAudio,
  type WorldReports,
} from '@sordino/testkit';
import type { PaymentRecord } from './payment.ts';

/** Writes `customer-sent.wav` and `agent-heard.wav`, as the two phones recorded them. */
export async function writeRecordings(out: string, { customer, agent }: WorldReports): Promise<void> {
  await writeFile(join(out, 'customer-sent.wav'), encodeWav(customer.sent.samples));
  await writeFile(join(out, 'agent-heard.wav'), encodeWav(agent.heard.samples));
}

/** Writes `spectrogram.png`: what the customer sent above what the agent heard, with the keys and the engaged stretch. */
export async function writeSpectrograms(
  out: string,
  { customer, agent }: WorldReports,
  payments: readonly PaymentRecord[],
): Promise<void> {
  const panel = (title: string, audio: TimedAudio): SpectrogramPanel => ({
    title,
    samples: audio.samples,
    rate: SAMPLE_RATE_HZ,
    marks: customer.keys.map(({ startMs, endMs }) => ({
      // No label: a picture of a payment must not tell the card, not even a test card.
      fromMs: startMs - audio.startMs,
      toMs: endMs - audio.startMs,
    })),
    spans: payments.map(({ readyMs, restoringMs }) => ({
      fromMs: readyMs - audio.startMs,
      toMs: restoringMs - audio.startMs,
      label: 'through Sordino',
    })),
  });
  await spectrogramPair(
    join(out, 'spectrogram.png'),
    panel('What the customer sent', customer.sent),
    panel('What the agent heard', agent.heard),
  );
}

/** The whole call as a SIP ladder, from what the three parties' sockets saw. */
export function drawLadder(
  { customer, agent, platform }: WorldReports,
  payments: readonly PaymentRecord[],
): string {
  const ladder = new Ladder({ columns: ['customer', 'platform', 'Sordino', 'agent'] });
  const name = (report: Pick<PhoneReport, 'sip'>, column: string): void => {
    for (const { flow } of report.sip) ladder.nameAddress(`${flow.local.host}:${flow.local.port}`, column);
  };
  name(customer, 'customer');
  name(agent, 'agent');
  name(platform, 'platform');
  const known = new Set(
    [customer, agent, platform].flatMap(({ sip }) => sip.map(({ flow }) => flow.local.port)),
  );
  // Every message of the call passes the platform, so its trace alone is the whole ladder.
  for (const { atMs, direction, flow, text } of platform.sip) {
    const here = `${flow.local.host}:${flow.local.port}`;
    const there = known.has(flow.remote.port) ? `${flow.remote.host}:${flow.remote.port}` : 'Sordino';
    const [from, to] = direction === 'out' ? [here, there] : [there, here];
    ladder.message({ atMs: hostMsOfUnix(atMs), from, to, text });
  }
  for (const { session, legs, readyMs, resultMs, restoredMs } of payments) {
    for (const { role, sip } of legs) {
      if (sip !== null) ladder.tagLeg(sip.call_id, `(${role.slice(3, 4)})`);
    }
    ladder.media({ atMs: readyMs, from: 'customer', to: 'Sordino', label: '(6) RTP' });
    ladder.note({ atMs: readyMs, label: '== ready: the customer may key ==' });
    ladder.note({ atMs: resultMs, label: `== ${session.status} ==` });
    ladder.note({ atMs: restoredMs, label: '== restored ==' });
  }
  return ladder.render();
}
