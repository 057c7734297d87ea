import { randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hashCredential, makeApiKey } from '@sordino/app-payments';
import { GATEWAY_KINDS } from '@sordino/payments';
import { AMOUNTS, MerchantService } from './memory/merchant-service.ts';
import { type Card, PaymentsProcess } from './memory/payments-process.ts';
import { selfSigned } from './memory/self-signed.ts';
import { codeSpellingsOf, type Spelling, spellingsOf } from './memory/spellings.ts';
import { fileSinks, processSinks } from './support/process-sinks.ts';
import { findCards, findSecurityCodes, type Sink } from './support/sinks.ts';

/**
 * Charges of every ending in a payments process of its own, and then a search of all of its memory, and of everything that left it. The
 * numbers are nobody's: made here for this run, and brought to the process only as keys that were sealed one by one.
 */

const ENDINGS = ['approved', 'declined', 'lost', 'refused', 'unreachable', 'canceled'] as const;
const CONNECTORS = ['con_http', 'con_https'] as const;
/** Of the endings, those of which the merchant's service hears. */
const CHARGED = 4;

const directory = await mkdtemp(join(tmpdir(), 'sordino-memory-'));
const service = new MerchantService();
const apiKey = makeApiKey(true, randomBytes);
let payments: PaymentsProcess;
/** In every number, so that one search finds all of them, and also a piece whose beginning was written over. */
const shared = String(randomInt(10 ** 11, 10 ** 12 - 1));
const cards: Card[] = [];
const charged: string[] = [];
let codes: { readonly three: string; readonly four: string };
let wanted: readonly Spelling[];

beforeAll(async () => {
  const tls = await selfSigned();
  await writeFile(join(directory, 'ca.pem'), tls.cert);
  const http = await service.listen();
  const https = await service.listen(tls);
  const gateways = {
    con_http: `${http}/pay`,
    con_https: `${https}/pay`,
    ...Object.fromEntries(GATEWAY_KINDS.map(({ type }) => [`con_${type}`, `${https}/kinds/${type}`])),
    con_gone: 'http://127.0.0.1:1/pay',
  };
  const setup = {
    ...{ directory, gateways, webhookUrl: `${http}/webhooks` },
    apiKeySha256: hashCredential(apiKey),
    gatewaySecret: randomBytes(32).toString('base64'),
  };
  payments = await PaymentsProcess.start(setup, apiKey, join(directory, 'ca.pem'));
  codes = await unusedCodes();
  // After `4xx` and after `37`.
  wanted = [...spellingsOf(shared, [2, 3]), ...[codes.three, codes.four].flatMap(codeSpellingsOf)];
}, 60_000);

afterAll(async () => {
  await payments[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

/**
 * Three digits are somewhere in any process: these are not yet where a security code could be, and as no number is written with a zero
 * before it, no length or count comes to be there. The digit after it is large: lists of small numbers are everywhere.
 */
async function unusedCodes(): Promise<typeof codes> {
  const candidates = [3, 4].flatMap((digits) =>
    Array.from({ length: 6 }, () => `0${randomInt(6 * 10 ** (digits - 2), 10 ** (digits - 1))}`),
  );
  const spellings = candidates.flatMap((code) =>
    codeSpellingsOf(code).map(({ bytes }) => ({ name: code, bytes })),
  );
  const used = new Set((await payments.scan(spellings)).copies.map(({ spelling }) => spelling));
  const three = candidates.find((code) => code.length === 3 && !used.has(code));
  const four = candidates.find((code) => code.length === 4 && !used.has(code));
  return three === undefined || four === undefined ? unusedCodes() : { three, four };
}

/** A number that passes Luhn's check, Visa or American Express. */
function aCard(index: number): Card {
  // Not the same of two charges that nobody knows the end of: the second would be refused.
  const amex = index % 5 === 2;
  const head = amex ? `37${shared}` : `4${String(10 + index)}${shared}`;
  const check = [...'0123456789'].find((digit) => luhn(head + digit) % 10 === 0) ?? '';
  return { number: head + check, expiry: '1230', code: amex ? codes.four : codes.three };
}

const luhn = (number: string): number =>
  [...number].reverse().reduce((sum, digit, at) => {
    const weighted = Number(digit) * (at % 2 === 0 ? 1 : 2);
    return sum + (weighted > 9 ? weighted - 9 : weighted);
  }, 0);

async function pay(card: Card, connector: string, ending: (typeof ENDINGS)[number]): Promise<string> {
  const amount = ending === 'unreachable' || ending === 'canceled' ? AMOUNTS.approved : AMOUNTS[ending];
  const { id } = await payments.create(ending === 'unreachable' ? 'con_gone' : connector, amount);
  await payments.keyIn(id, card, [
    'card_number',
    'expiry',
    ...(ending === 'canceled' ? [] : (['cvc'] as const)),
  ]);
  if (ending !== 'canceled') await payments.confirm(id);
  const { status } = await payments.read(id);
  if (ending === 'canceled' || ending === 'unreachable' || ending === 'declined') await payments.cancel(id);
  await payments.restored(id);
  return status;
}

const spelledIn = (content: Buffer): boolean => wanted.some(({ bytes }) => content.includes(bytes));

describe('a payments process that has charged cards', () => {
  it('took each of them to its end', async () => {
    const lanes = [...CONNECTORS, ...CONNECTORS].map(async (connector, lane) => {
      const statuses: string[] = [];
      for (const [turn, ending] of ENDINGS.entries()) {
        const card = aCard(lane * ENDINGS.length + turn);
        cards.push(card);
        if (turn < CHARGED) charged.push(`${card.number} ${card.code}`);
        statuses.push(`${ending}: ${await pay(card, connector, ending)}`);
      }
      return statuses;
    });
    for (const statuses of await Promise.all(lanes))
      expect(statuses).toEqual([
        'approved: approved',
        'declined: declined',
        'lost: unknown',
        'refused: failed',
        'unreachable: ready_to_confirm',
        'canceled: ready',
      ]);
    // The cards were really there: this is what the service got of them.
    expect(service.charged.map(({ number, code }) => `${number} ${code}`).sort()).toEqual(charged.sort());
  }, 60_000);

  it.each(GATEWAY_KINDS.map(({ type }) => type))('asked %s for its card', async (type) => {
    // A Visa: whatever the gateway is called, it takes that.
    const card = aCard(30);
    cards.push(card);
    const { id } = await payments.create(`con_${type}`, AMOUNTS.approved);
    await payments.keyIn(id, card, ['card_number', 'expiry', 'cvc']);
    await payments.confirm(id);
    await payments.restored(id);
    const bodies = service.named.filter(({ kind }) => kind === type).map(({ body }) => body);
    expect(bodies.some((body) => body.includes(card.number))).toBe(true);
  });

  it('took some from somebody else’s <Pay>, which sends them as text', async () => {
    const paid = async (at: number, connector: string, amount: string, more: object = {}) => {
      const { number: cardnumber, code: cvv } = aCard(at);
      const when = { expiry_month: '12', expiry_year: '30' };
      const what = { transaction_id: `PK-${at}`, method: 'charge', amount, currency_code: 'gbp' };
      const { status, answer } = await payments.pay(connector, {
        ...what,
        cardnumber,
        cvv,
        ...when,
        ...more,
      });
      return `${status} ${answer.error_code ?? (answer.charge_id ? 'charged' : 'refused')}`;
    };
    const before = service.charged.length;
    const ends = await Promise.all([
      paid(40, 'con_http', '10.00'),
      paid(41, 'con_https', '20.00'),
      paid(42, 'con_http', '30.00'),
      paid(43, 'con_https', '40.00'),
      paid(44, 'con_gone', '10.00'),
      paid(45, 'con_http', '10.00', { expiry_month: '13' }),
      paid(46, 'con_http', '10.00', { cvv: 'none' }),
      paid(47, 'con_http', '10.00', { description: `of ${aCard(48).number}` }),
    ]);
    expect(ends).toEqual([
      ...['200 charged', '200 insufficient_funds', '200 outcome_unknown', '200 bad_request'],
      ...['200 gateway_unreachable', '400 refused', '400 refused', '400 refused'],
    ]);
    expect(await paid(40, 'con_http', '10.00')).toBe('200 charged');
    expect(service.charged.length - before).toBe(4);
  });

  it('has no copy of any of them in its memory', async () => {
    const scan = await payments.scan(wanted);
    expect(scan.bytes).toBeGreaterThan(20_000_000);
    expect(scan.copies).toEqual([]);
  }, 60_000);

  it('has let none of them out: log, journal, audit trail, API, webhooks', async () => {
    const sinks: Sink[] = [
      { where: 'log', content: payments.output.join('\n') },
      { where: 'API', content: payments.answered },
      { where: 'webhooks', content: service.webhooks.join('\n') },
      ...(await fileSinks(directory)),
      ...(await processSinks(payments.pid)),
    ];
    const files = sinks.map(({ where }) => where).join('\n');
    expect(files).toMatch(/^store\/journal/m);
    expect(files).toMatch(/^audit\/audit-.*\.jsonl$/m);
    expect(service.webhooks.length).toBeGreaterThan(10 * cards.length);
    const found = (all: readonly Sink[]) => [
      // What all numbers share, in each spelling; then one of them whole, in groups and with any separators.
      ...all.filter(({ content }) => spelledIn(Buffer.from(content))).map(({ where }) => where),
      ...findCards(all, [cards[0]?.number ?? '']),
      ...findSecurityCodes(all, [codes.three, codes.four]),
    ];
    expect(found(sinks)).toEqual([]);
    const planted = { where: 'planted', content: `{"n":"${cards[1]?.number}"}` };
    expect(found([...sinks, planted])).toEqual(['planted', 'planted']);
  }, 60_000);
});

describe('the same search', () => {
  it('finds what is kept as a string, a small buffer or a list, of the number and of the code', async () => {
    for (const as of ['string', 'small buffer', 'list of digits'] as const) {
      await payments.hold(as, aCard(0).number);
      await payments.hold(as, codes.three);
    }
    const found = (await payments.scan(wanted)).copies.map(({ spelling }) => spelling);
    expect(new Set(found)).toEqual(
      new Set([
        'characters, 1 byte each',
        'digits, small integers of V8',
        'security code, a string',
        'security code, a list of digits',
      ]),
    );
    // The string and the buffer.
    expect(found.filter((spelling) => spelling === 'characters, 1 byte each').length).toBeGreaterThan(1);
  }, 60_000);

  it('looks for nothing that is so short that it is found by chance', () => {
    for (const { bytes } of wanted) expect(bytes.length).toBeGreaterThanOrEqual(5);
  });
});
