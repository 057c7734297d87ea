import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TEST_CARDS, toneResidueDbm0 } from '@sordino/testkit';
import { alarming, ProcessScene } from '../process/support/process-scene.ts';
import { answerOf } from '../scene/call-scene.ts';
import {
  eventsIn,
  leg7Audio,
  leg7Sinks,
  payloadTypesIn,
  tonesIn,
  withEvents,
  withRtcpText,
  withTones,
} from './support/leg7-sinks.ts';
import { type Payment, playPayment } from './support/play-payment.ts';
import { fileSinks, processSinks } from './support/process-sinks.ts';
import { findCards, findSecurityCodes, keysOneByOne, type Sink } from './support/sinks.ts';

/**
 * Whole payments through `sordino start`, and then a search of everything it wrote, answered and sent. Each search is done once more
 * with a number planted in the same form, which must be found. The memory of the process is not searched here.
 */

/** A key is sent at -10 dBm0 a frequency; 5 ms of it read -21; speech alone reads -31 or less in 99 % of the keys. */
const RESIDUE_DBM0_MAX = -24;

const PAYMENTS: readonly Payment[] = [
  { keys: 'events', card: '4111111111111111', cvc: '737', ends: 'approved' },
  { keys: 'inband', card: '5555555555554444', cvc: '858', ends: 'approved' },
  { keys: 'both', card: '4242424242424242', cvc: '949', ends: 'approved' },
  { keys: 'info', card: '378282246310005', cvc: '7391', ends: 'approved' },
  { keys: 'events', card: '4000000000009995', cvc: '626', ends: 'declined' },
  { keys: 'inband', card: '4000000000000127', cvc: '000', ends: 'canceled' },
  { keys: 'both', card: '4000000000000069', cvc: '535', ends: 'unknown' },
];
const CARDS = PAYMENTS.map(({ card }) => card);
const CODES = PAYMENTS.filter(({ ends }) => ends !== 'canceled').map(({ cvc }) => cvc);
const PLANTED = '5555555555554444';
const PLANTED_CODE = '858';

let scene: ProcessScene;
/** Sessions of the payments that were played to their end: a try that a busy machine tore apart is not one. */
const played = new Set<string>();

beforeAll(async () => {
  scene = await ProcessScene.open({ SORDINO_LOG__LEVEL: 'debug' });
}, 60_000);
afterAll(() => scene[Symbol.asyncDispose]());

describe('whole payments in one call', () => {
  it.each(PAYMENTS)(
    'keys as $keys, $ends',
    async (payment) => {
      expect(TEST_CARDS[payment.card]).toBeDefined();
      if (payment.ends === 'unknown') {
        // The money is decided on, the answer is lost, and so are the first answers to "what became of it?".
        const plan = { next: ['drop_after'], lookups: ['reset', 'half_body'] };
        await fetch(`${scene.gateway.url}/__sim/faults`, { method: 'POST', body: JSON.stringify(plan) });
      }
      const { session } = await playPayment(scene, payment);
      played.add(session.id);
      const { fields, status } = answerOf(await scene.client.read(session.id));
      if (payment.ends !== 'unknown') expect(status).toBe(payment.ends);
      if (payment.ends === 'approved') expect(fields[0]).toMatchObject({ last4: payment.card.slice(-4) });
    },
    60_000,
  );

  it('leave the people talking, and no error in the log', async () => {
    await scene.bothTalk();
    expect(alarming(scene.sordino.output)).toEqual([]);
  });
});

describe('what they left behind', () => {
  it('errors of the API say nothing of the card, whatever is wrong', async () => {
    const { apiKey } = scene.sordino;
    const [session] = answerOf(await scene.client.list()).data;
    const post = async (path: string, body: string): Promise<number> => {
      const response = await fetch(`${scene.tap.url}/v1/sessions${path}`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${apiKey}`,
          'Content-Type': 'application/json',
          'Idempotency-Key': crypto.randomUUID(),
        },
        body,
      });
      await response.arrayBuffer();
      return response.status;
    };
    const [card = ''] = CARDS;
    // An app that sends the number itself has misunderstood: refused, and not repeated in the refusal.
    expect(
      await post('', `{"call":{"platform":"plt_main","call_id":"${card}"},"card_number":"${card}"`),
    ).toBe(400);
    expect(await post('', `{"card_number":"${card}","cvc":"737"}`)).toBe(400);
    expect(await post(`/${session?.id}/fields/card_number/collect`, `{"value":"${card}"}`)).toBe(400);
    expect(await post(`/${session?.id}/fields/${card}/collect`, '{}')).toBeGreaterThanOrEqual(400);
    expect(await post(`/${card}/confirm`, '{}')).toBeGreaterThanOrEqual(400);
    const intent = '"intent":{"type":"charge","amount":100,"currency":"gbp"}';
    const call = '"call":{"platform":"plt_main","call_id":"other"}';
    expect(await post('', `{${call},${intent},"metadata":{"note":"card ${card}"}}`)).toBe(400);
    expect(findCards([{ where: 'answers', content: scene.tap.answered }], CARDS)).toEqual([]);
  });

  it('standard output and standard error, at level debug', () => {
    const log: Sink = { where: 'log', content: scene.sordino.output.join('\n') };
    expect(log.content).toContain('"level":"debug"');
    expect(findCards([log], CARDS)).toEqual([]);
    expect(findSecurityCodes([log], CODES)).toEqual([]);
    // The scanner of the log is the last net, and nothing may fall into it.
    expect(log.content).not.toContain('[PAN]');
    const planted = {
      where: 'log',
      content: `${log.content}\n{"level":"debug","msg":"keys","cvc":"${PLANTED_CODE}","pan":"${PLANTED}"}`,
    };
    expect(findCards([planted], CARDS)).toEqual(['log']);
    expect(findSecurityCodes([planted], CODES)).toEqual(['log']);
    const lines = scene.sordino.output.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    expect(findCards(keysOneByOne('log', lines), CARDS)).toEqual([]);
    const keys = [...PLANTED].map((key) => ({ level: 'debug', msg: 'a key', code: Number(key) }));
    expect(findCards(keysOneByOne('log', [...lines, ...keys]), CARDS)).toEqual(['log.code']);
  });

  it('files: journal, configuration, temporary files', async () => {
    const sinks = await fileSinks(scene.directory);
    expect(sinks.some(({ where, content }) => where.startsWith('store/') && content.length > 10_000)).toBe(
      true,
    );
    const dialogs = sinks.find(({ where }) => where === 'store/dialogs.jsonl');
    expect(dialogs?.content.length).toBeGreaterThan(10_000);
    expect(findCards(sinks, CARDS)).toEqual([]);
    expect(findSecurityCodes(sinks, CODES)).toEqual([]);
    const bad = join(scene.directory, 'store', 'planted');
    await writeFile(bad, Buffer.concat([Buffer.from('{"cvc":"858"}\0\0'), Buffer.from(PLANTED, 'hex')]));
    const worse = join(scene.directory, 'tmp', `card-${PLANTED}`);
    await writeFile(worse, '');
    const planted = await fileSinks(scene.directory);
    expect(findCards(planted, CARDS)).toEqual(['store/planted', 'names of files']);
    expect(findSecurityCodes(planted, CODES)).toEqual(['store/planted']);
    await rm(bad);
    await rm(worse);
  });

  it('events, as the agent’s app followed them', () => {
    const events: Sink = { where: 'events', content: JSON.stringify(scene.events) };
    const captured = scene.events.filter(
      ({ type, session }) => type === 'field.captured' && played.has(session),
    );
    expect(captured).toHaveLength(3 * PAYMENTS.length - 2);
    expect(findCards([events], CARDS)).toEqual([]);
    expect(findSecurityCodes([events], CODES)).toEqual([]);
    const data = { field: 'cvc', value: PLANTED_CODE, number: [...PLANTED].map(Number) };
    const planted: Sink = { where: 'events', content: JSON.stringify([...scene.events, { data }]) };
    expect(findCards([planted], CARDS)).toEqual(['events']);
    expect(findSecurityCodes([planted], CODES)).toEqual(['events']);
    expect(findCards(keysOneByOne('events', scene.events), CARDS)).toEqual([]);
    const keys = [...PLANTED].map((key) => ({ type: 'field.progress', data: { key } }));
    expect(findCards(keysOneByOne('events', [...scene.events, ...keys]), CARDS)).toEqual(['events.data.key']);
  });

  it('answers of the API and event streams, octet by octet', () => {
    const { answered } = scene.tap;
    const wire: Sink = { where: 'wire', content: answered };
    for (const part of [
      'HTTP/1.1 200 OK',
      'HTTP/1.1 400',
      'text/event-stream',
      '"type":"field.progress"',
      '"last4":"1111"',
    ])
      expect(answered.includes(part)).toBe(true);
    expect(findCards([wire], CARDS)).toEqual([]);
    expect(findSecurityCodes([wire], CODES)).toEqual([]);
    const planted: Sink = {
      where: 'wire',
      content: Buffer.concat([
        answered,
        Buffer.from(`data: {"cvc":"${PLANTED_CODE}","n":"5555-5555-5555-4444"}\n\n`),
      ]),
    };
    expect(findCards([planted], CARDS)).toEqual(['wire']);
    expect(findSecurityCodes([planted], CODES)).toEqual(['wire']);
  });

  it('SIP messages, both ways, on every socket of the platform', async () => {
    const { sip } = await scene.world.platform.report();
    const sinks = sip.map(
      ({ text, direction }): Sink => ({ where: `${direction} ${text.split('\r\n', 1)[0]}`, content: text }),
    );
    expect(sinks.length).toBeGreaterThan(20 * PAYMENTS.length);
    expect(findCards(sinks, CARDS)).toEqual([]);
    expect(findSecurityCodes(sinks, CODES)).toEqual([]);
    // One message after the other: a key in each would make a number.
    expect(findCards([{ where: 'bodies', content: digitsOfKeyBodies(sinks) }], CARDS)).toEqual([]);
    const planted = [
      {
        where: 'BYE',
        content: `BYE sip:a@b SIP/2.0\r\nReason: SIP;text="cvc=${PLANTED_CODE};pan=%35555555555554444"\r\n\r\n`,
      },
    ];
    expect(findCards(planted, CARDS)).toEqual(['BYE']);
    expect(findSecurityCodes(planted, CODES)).toEqual(['BYE']);
    const keyed = [...PLANTED].map(
      (key): Sink => ({ where: 'INFO', content: `INFO sip:x SIP/2.0\r\n\r\nSignal=${key}\r\n` }),
    );
    expect(findCards([{ where: 'bodies', content: digitsOfKeyBodies(keyed) }], CARDS)).toEqual(['bodies']);
  });

  it('RTP and RTCP of leg 7, raw and decoded', async () => {
    const packets = await scene.world.platform.leg7Packets();
    const { leg7 } = await scene.world.platform.report();
    const { keys } = await scene.world.customer.report();
    expect(leg7.notCaptured).toBe(0);
    expect(packets.filter(({ kind }) => kind === 'rtcp').length).toBeGreaterThan(0);
    expect(keys.filter(({ how }) => how !== 'events').length).toBeGreaterThan(60);

    expect(findCards(leg7Sinks(packets), CARDS)).toEqual([]);
    expect(findSecurityCodes(leg7Sinks(packets), CODES)).toEqual([]);
    expect(payloadTypesIn(packets)).toEqual([0]);
    expect(eventsIn(packets)).toBe(0);
    expect(tonesIn(packets)).toBe('');
    expect(toneResidueDbm0(leg7Audio(packets), keys)).toBeLessThan(RESIDUE_DBM0_MAX);
    for (const offer of leg7.offers) expect(offer).not.toMatch(/telephone-event/i);

    const withKeys = withEvents(packets, PLANTED);
    expect(eventsIn(withKeys)).toBe(PLANTED.length);
    expect(payloadTypesIn(withKeys)).toEqual([0, 101]);
    expect(findCards(leg7Sinks(withKeys), CARDS)).toEqual(['RTP of leg 7, telephone-events']);
    const withAudio = withTones(packets, PLANTED);
    expect(tonesIn(withAudio)).toContain(PLANTED);
    expect(findCards(leg7Sinks(withAudio), CARDS)).toEqual(['RTP of leg 7, tones']);
    expect(findCards(leg7Sinks(withRtcpText(packets, PLANTED)), CARDS)).toEqual(['RTCP of leg 7, raw']);
    const first = packets.find(({ kind }) => kind === 'rtp');
    if (first === undefined) throw new Error('no RTP on leg 7');
    const raw = { ...first, bytes: Buffer.concat([first.bytes, Buffer.from(PLANTED, 'hex')]) };
    expect(findCards(leg7Sinks([...packets, raw]), CARDS)).toEqual(['RTP of leg 7, raw']);
    // One key of 70 ms, loud and clear, at the moment a key was really down.
    const [key] = keys.filter(({ how }) => how !== 'events');
    if (key === undefined) throw new Error('no key was pressed in-band');
    const loud = (await scene.world.customer.report()).sent;
    expect(toneResidueDbm0(loud, [key])).toBeGreaterThan(RESIDUE_DBM0_MAX);
  }, 60_000);

  it('title, arguments, environment and open files of the process', async () => {
    const sinks = await processSinks(await scene.servicePid());
    expect(findCards(sinks, CARDS)).toEqual([]);
    expect(findSecurityCodes(sinks, CODES)).toEqual([]);
    const directory = await mkdtemp(join(tmpdir(), 'planted-'));
    const script = `process.title = 'pan5555555555554444'.slice(3); require('fs').openSync(process.argv[1], 'w'); console.log('up'); setInterval(() => {}, 9e4)`;
    const child = execFile(
      process.execPath,
      ['-e', script, '--', join(directory, PLANTED), `--cvc=${PLANTED_CODE}`],
      {
        env: { CARD: PLANTED },
      },
    );
    if (child.stdout === null || child.pid === undefined)
      throw new Error('the planted process did not start');
    await once(child.stdout, 'data');
    const planted = await processSinks(child.pid);
    child.kill('SIGKILL');
    await rm(directory, { recursive: true });
    // The title overwrites the arguments; a thread's name holds 15 characters and so never a whole number.
    expect(findCards(planted, CARDS)).toEqual(
      expect.arrayContaining(['/proc/PID/cmdline', '/proc/PID/environ', '/proc/PID/fd']),
    );
  });
});

/** What `Signal=5` or a bare `5` says in the bodies of messages, in order. */
function digitsOfKeyBodies(sinks: readonly Sink[]): string {
  return sinks
    .map(({ content }) => String(content).split('\r\n\r\n')[1] ?? '')
    .map((body) => /^(?:signal *= *)?([0-9*#])\s*$/im.exec(body)?.[1] ?? '')
    .join('');
}
