import { parseArgs } from 'node:util';
import type { CreateSessionBody, RendezvousObject } from '@sordino/core';
import { readConfigOrExplain } from '../config/read-or-explain.ts';
import { reasonOf } from '../reason-of.ts';
import { checkPlatform } from './check.ts';
import type { CallKind, Operator } from './conformance-call.ts';
import { PATIENCE } from './patience.ts';
import { inWords } from './report.ts';

const EXIT_MUST_CHANGE = 1;
const EXIT_USAGE = 2;

/** Prints what the platform still has to change. 0: nothing · 1: something · 2: it could not be checked. */
export async function runCheckPlatform(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      config: { type: 'string' },
      'call-id': { type: 'string', default: `check-${Date.now()}` },
      ani: { type: 'string' },
      dialog: { type: 'string' },
      slow: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const config = readConfigOrExplain(values.config);
  if (config === undefined) return EXIT_USAGE;
  const [name, ...more] = positionals;
  const platform = config.platforms.find(({ id }) => id === name);
  if (platform === undefined || more.length > 0) {
    const known = config.platforms.map(({ id }) => id).join(', ');
    say(`sordino check-platform: name one platform of the configuration: ${known}`);
    return EXIT_USAGE;
  }
  const dialog = values.dialog === undefined ? undefined : dialogOf(values.dialog);
  if (dialog === null || (dialog !== undefined && platform.refer.form === 'off')) {
    const why = dialog === null ? 'takes CALL-ID,LOCAL-TAG,REMOTE-TAG' : 'needs refer.form in the profile';
    say(`sordino check-platform: --dialog ${why}`);
    return EXIT_USAGE;
  }
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  const report = await checkPlatform({
    config,
    platform,
    callId: values['call-id'],
    ani: values.ani,
    dialog,
    slow: values.slow,
    patience: PATIENCE,
    operator: person,
    signal: interrupted.signal,
  }).catch((error: unknown) => reasonOf(error));
  if (typeof report === 'string') {
    say(`sordino check-platform: ${report}`);
    if (report.includes('EADDRINUSE'))
      say('A Sordino that runs must be stopped first: this command listens in its place.');
    return EXIT_USAGE;
  }
  process.stdout.write(values.json ? `${JSON.stringify(report, undefined, 2)}\n` : inWords(report));
  return report.ok ? 0 : EXIT_MUST_CHANGE;
}

/** Null: it is none. */
function dialogOf(text: string): NonNullable<CreateSessionBody['call']['dialog']> | null {
  const [call_id = '', local_tag = '', remote_tag = '', ...more] = text.split(',');
  const isWhole = [call_id, local_tag, remote_tag].every((part) => part !== '') && more.length === 0;
  return isWhole ? { call_id, local_tag, remote_tag } : null;
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);

const WHAT_FOR: Readonly<Record<CallKind, string>> = {
  whole: 'The test call: customer and agent should talk, and a payment be taken.',
  held: 'The second call: Sordino leaves INVITE 5 without an answer. Nothing moves; the two go on talking.',
  silent: 'The third call: Sordino falls silent after a moment. Stay on the line.',
};

/** Reads on standard error what to do, so that the report alone is on standard output. */
const person: Operator = {
  divert(kind: CallKind, rendezvous: RendezvousObject, asked: boolean): void {
    say(WHAT_FOR[kind]);
    if (asked) {
      say('Sordino asks the platform for it by REFER.');
      return;
    }
    say(`Divert a call to one of these within ${PATIENCE.divertMs / 1_000} s:`);
    say(`  Request-URI      ${rendezvous.sip_uri}`);
    for (const [name, value] of Object.entries(rendezvous.header)) say(`  ${name}  ${value}`);
    say(`  User-to-User     ${rendezvous.user_to_user}`);
    if (rendezvous.e164 !== null) say(`  number           ${rendezvous.e164}`);
  },
  pressKeys(): void {
    say(
      `The call is here. On the customer's phone press 1 2 3 # within ${PATIENCE.keysMs / 1_000} s. Never a card number.`,
    );
  },
};
