import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SessionClient } from '@sordino/core';
import { hostNowMs, startWorld, type World } from '@sordino/testkit';
import { searchForCards } from './card-search.ts';
import { type DemoOptions, readDemoOptions } from './demo-options.ts';
import { gatherEvidence } from './evidence.ts';
import { type PaymentRecord, pause, playPayment } from './payment.ts';
import { drawLadder, writeRecordings, writeSpectrograms } from './pictures.ts';
import { type Check, type DemoReport, type GatewayBooks, makeReport } from './report.ts';
import { Screen } from './screen.ts';
import { type SordinoProcess, startSordino } from './sordino-process.ts';
import { stayUntilInterrupted } from './stay.ts';

/** The two talk a while before the payment: the direct path is measured here. */
const TALK_FIRST_MS = 3_000;

/** Plays the demo. Returns the exit status: 0 only if every check holds. */
export async function runDemo(args: readonly string[]): Promise<number> {
  const options = readDemoOptions(args);
  const out = resolve(options.out);
  await mkdir(out, { recursive: true });
  const startMs = hostNowMs();
  const screen = new Screen(startMs, (line) => console.log(line));

  screen.heading('The outside world: a customer, a platform, an agent, a card gateway');
  await using world = await startWorld({ codec: options.codec, ...(options.srtp && { srtp: 'sdes' }) });
  const gateway = world.gateway;
  if (gateway === undefined) throw new Error('the simulated world came without a gateway');
  screen.say(`customer ${world.customer.uri}`);
  screen.say(`platform ${world.platform.uri}`);
  screen.say(`agent    ${world.agent.uri}`);
  screen.say(`gateway  ${gateway.url}`);
  const sordino = await startSordino({
    returnUri: world.platform.returnUri[options.transport],
    gatewayUrl: gateway.url,
    commit: options.commit,
    leg5Media: options.offer === 'platform' ? 'customer_after_reinvite' : 'customer',
    transport: options.transport,
    crypto: options.srtp ? 'sdes' : 'none',
    ...(options.start === 'refer' && {
      refer: { form: 'target_dialog', targetUri: world.platform.referUri },
    }),
  });
  screen.say(`Sordino  ${sordino.apiUrl} (guardian ${sordino.pid})`);
  try {
    const report = await playCall(options, out, startMs, screen, world, sordino, gateway.url);
    if (options.stay) await stayUntilInterrupted(world, sordino, screen);
    return report.checks.every(({ ok }) => ok) ? 0 : 1;
  } finally {
    await sordino.stop();
  }
}

async function playCall(
  options: DemoOptions,
  out: string,
  startMs: number,
  screen: Screen,
  world: World,
  sordino: SordinoProcess,
  gatewayUrl: string,
): Promise<DemoReport> {
  screen.heading('Legs 1 and 2: customer and agent talk; Sordino is not in the call');
  await world.customer.call();
  await world.platform.untilEstablished();
  await pause(TALK_FIRST_MS);

  const client = new SessionClient({ baseUrl: sordino.apiUrl, token: sordino.apiKey, pause });
  const payments: PaymentRecord[] = [];
  for (let cycle = 1; cycle <= options.repeat; cycle += 1) {
    screen.heading(`Payment ${cycle}: the agent's app creates a session, the platform brings the call`);
    payments.push(await playPayment(options, world, client, cycle, (event) => screen.event(event)));
  }

  const reports = await world.reports();
  const evidence = gatherEvidence(payments, reports, await world.platform.leg7Packets());
  const books = await readBooks(gatewayUrl);
  const leaks = await searchForCards(sordino, payments);
  const report = makeReport(options, startMs, payments, evidence, books, leaks);

  const ladder = drawLadder(reports, payments);
  screen.heading('The call as a SIP ladder');
  console.log(ladder);
  await writeFile(join(out, 'ladder.txt'), ladder);
  await writeRecordings(out, reports);
  await writeSpectrograms(out, reports, payments);
  const reportFile = resolve(options.report ?? join(out, 'report.json'));
  await writeFile(reportFile, `${JSON.stringify(report, null, 2)}\n`);

  screen.heading('What the phones and the platform really received');
  for (const check of report.checks) console.log(checkLine(check));
  console.log(`\n${report.status}${report.auth_code === null ? '' : `, code ${report.auth_code}`}`);
  console.log(`recordings, ladder and spectrograms in ${out}, report in ${reportFile}`);
  return report;
}

async function readBooks(gatewayUrl: string): Promise<GatewayBooks> {
  const response = await fetch(`${gatewayUrl}/__sim/ledger`);
  return (await response.json()) as GatewayBooks;
}

const checkLine = ({ ok, name, seen }: Check): string =>
  `  ${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(68)} ${seen}`;
