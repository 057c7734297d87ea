import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type GatewaySimulator, startGatewaySimulator } from './gateway-simulator.ts';
import { verdictOn } from './test-cards.ts';

const VISA = '4242424242424242';

function aCharge(reference: string, change: object = {}, card: object = {}): Record<string, unknown> {
  return {
    reference,
    type: 'charge',
    amount: 4999,
    currency: 'gbp',
    merchant_reference: 'INV-7',
    moto: true,
    card: { number: VISA, exp_month: '12', exp_year: '30', cvc: '123', postal_code: null, ...card },
    ...change,
  };
}

describe('the gateway simulator', () => {
  let gateway: GatewaySimulator;
  beforeAll(async () => {
    gateway = await startGatewaySimulator();
  });
  afterAll(async () => await gateway.close());

  async function post(body: unknown, headers: Record<string, string> = {}) {
    const key = (body as { reference?: string } | null)?.reference ?? 'k';
    const response = await fetch(`${gateway.url}/v1/charges`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async function find(reference: string) {
    const response = await fetch(`${gateway.url}/v1/charges?reference=${encodeURIComponent(reference)}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async function plan(faults: object): Promise<number> {
    const response = await fetch(`${gateway.url}/__sim/faults`, {
      method: 'POST',
      body: JSON.stringify(faults),
    });
    return response.status;
  }

  it.each([VISA, '4111111111111111', '5555555555554444', '378282246310005'])(
    'approves %s',
    async (number) => {
      const { status, body } = await post(aCharge(`ok-${number.slice(-4)}`, {}, { number }));
      expect(status).toBe(200);
      expect(body).toEqual({
        id: expect.stringMatching(/^ch_[a-z]{20}$/),
        status: 'approved',
        auth_code: expect.stringMatching(/^[A-Z2-9]{6}$/),
        token: null,
      });
    },
  );

  it.each([
    ['4000000000000002', 'generic_decline'],
    ['4000000000009995', 'insufficient_funds'],
    ['4000000000000069', 'expired_card'],
    ['4000000000000127', 'incorrect_cvc'],
  ])('declines %s with %s', async (number, decline_code) => {
    const { status, body } = await post(aCharge(`no-${number.slice(-4)}`, {}, { number }));
    expect({ status, body }).toEqual({
      status: 200,
      body: { id: expect.any(String), status: 'declined', decline_code },
    });
  });

  it('declines a good card after the end of its last month, not in it', () => {
    const card = { number: VISA, exp_month: '12', exp_year: '26', cvc: null, postal_code: null };
    expect(verdictOn({ card }, Date.UTC(2026, 11, 31, 23, 59))).toBe('approved');
    expect(verdictOn({ card }, Date.UTC(2027, 0, 1))).toBe('expired_card');
  });

  it('gives a token for tokenize, which needs no amount', async () => {
    const { body } = await post(aCharge('tokenize-1', { type: 'tokenize', amount: null, currency: null }));
    expect(body).toMatchObject({ status: 'approved', token: expect.stringMatching(/^tok_/) });
  });

  describe('a bank account', () => {
    const { card: _, ...rest } = aCharge('bank-1');
    const withAccount = (reference: string, routing: string, account: string, over = {}) => ({
      ...rest,
      reference,
      bank_account: { routing, account },
      ...over,
    });

    it.each([
      ['110000000', '000123456789', 'approved'],
      ['108800', '00012345', 'approved'],
      ['110000000', '000222222227', 'declined'],
    ])('%s %s: %s', async (routing, account, status) => {
      const asked = withAccount(`bank-${account}`, routing, account);
      const answer = await post(asked);
      expect(answer).toMatchObject({ status: 200, body: { status } });
      expect(await post(asked)).toEqual(answer);
    });

    it.each<[string, object, RegExp]>([
      ['beside a card', { card: aCharge('x').card }, /card/],
      ['for a token', { type: 'tokenize' }, /type/],
      ['with letters', { bank_account: { routing: 'GB2910880', account: '00012345' } }, /routing/],
      ['that is none of the list', { bank_account: { routing: '108800', account: '12345678' } }, /test acc/],
    ])('%s is refused', async (_case, over, message) => {
      const answer = await post(withAccount('bank-bad', '110000000', '000123456789', over));
      expect(answer).toMatchObject({
        status: 400,
        body: { error: { message: expect.stringMatching(message) } },
      });
    });
  });

  it('answers the same key and body again with the first answer, and charges once', async () => {
    const before = gateway.ledger();
    const first = await post(aCharge('twice'));
    const { card, ...rest } = aCharge('twice');
    const again = await post({ card, ...rest });
    expect(again).toEqual(first);
    expect(await find('twice')).toEqual(first);
    expect(gateway.ledger().approved).toBe(before.approved + 1);
    expect(gateway.ledger().replays).toBe(before.replays + 1);
  });

  it('refuses the same key with another body', async () => {
    const first = await post(aCharge('conflict'));
    const other = await post(aCharge('conflict', {}, { cvc: '999' }));
    expect(other).toMatchObject({ status: 409, body: { error: { code: 'idempotency_conflict' } } });
    expect(await find('conflict')).toEqual(first);
  });

  it('knows no charge that was never made', async () => {
    expect(await find('never')).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
    expect(await find('')).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
  });

  it.each<[string, unknown, string, string]>([
    ['no JSON', '{', 'invalid_json', 'not JSON'],
    ['an array', [], 'invalid_request', 'the body must be object'],
    ['no card', { ...aCharge('k'), card: undefined }, 'invalid_request', "required property 'card'"],
    ['an extra member', aCharge('k', { pan: VISA }), 'invalid_request', 'additional properties'],
    ['a fraction of a penny', aCharge('k', { amount: 1.5 }), 'invalid_request', '/amount'],
    ['nothing to pay', aCharge('k', { amount: 0 }), 'invalid_request', '/amount'],
    ['a charge without amount', aCharge('k', { amount: null }), 'invalid_request', '/amount'],
    ['an upper case currency', aCharge('k', { currency: 'GBP' }), 'invalid_request', '/currency'],
    ['another type', aCharge('k', { type: 'refund' }), 'invalid_request', '/type'],
    [
      'a spaced number',
      aCharge('k', {}, { number: '4242 4242 4242 4242' }),
      'invalid_request',
      '/card/number',
    ],
    ['month 13', aCharge('k', {}, { exp_month: '13' }), 'invalid_request', '/card/exp_month'],
    ['a four digit year', aCharge('k', {}, { exp_year: '2030' }), 'invalid_request', '/card/exp_year'],
    ['a two digit cvc', aCharge('k', {}, { cvc: '12' }), 'invalid_request', '/card/cvc'],
    ['a real card', aCharge('k', {}, { number: '4000056655665556' }), 'unknown_test_card', 'test cards only'],
    ['another reference', { ...aCharge('k'), reference: 'x y' }, 'invalid_request', '/reference'],
    ['20 KB', aCharge('k', { merchant_reference: 'x'.repeat(20_000) }), 'body_too_large', '16384 bytes'],
  ])('refuses %s, without repeating any card number', async (_name, body, code, message) => {
    const answer = await post(body, { 'idempotency-key': 'k' });
    expect(answer).toEqual({
      status: 400,
      body: { error: { code, message: expect.stringContaining(message) } },
    });
    expect(JSON.stringify(answer)).not.toMatch(/\d{12}/);
  });

  it('refuses a request without key, with another key, or of another content type', async () => {
    expect((await post(aCharge('h'), { 'idempotency-key': '' })).body).toMatchObject({
      error: { message: expect.stringContaining('Idempotency-Key') },
    });
    expect((await post(aCharge('h'), { 'idempotency-key': 'other' })).body).toMatchObject({
      error: { code: 'reference_mismatch' },
    });
    expect((await post(aCharge('h'), { 'content-type': 'text/plain' })).status).toBe(400);
    expect((await find('h')).status).toBe(404);
  });

  it('says 404 for what is not there, and describes itself', async () => {
    expect((await fetch(`${gateway.url}/v1/refunds`)).status).toBe(404);
    expect((await fetch(`${gateway.url}/v1/charges`, { method: 'DELETE' })).status).toBe(404);
    expect(await (await fetch(`${gateway.url}/openapi.json`)).json()).toMatchObject({ openapi: '3.1.0' });
  });

  it.each(['drop_after', 'reset', 'half_body'])('charges, but the answer is lost (%s)', async (fault) => {
    await plan({ next: [fault] });
    await expect(post(aCharge(`lost-${fault}`))).rejects.toThrow();
    expect(await find(`lost-${fault}`)).toMatchObject({ status: 200, body: { status: 'approved' } });
    expect((await post(aCharge(`lost-${fault}`))).status).toBe(200);
    const entries = gateway.ledger().entries.filter(({ reference }) => reference === `lost-${fault}`);
    expect(entries).toHaveLength(1);
  });

  it('does nothing and closes (drop_before)', async () => {
    await plan({ next: ['drop_before'] });
    await expect(post(aCharge('dropped'))).rejects.toThrow();
    expect((await find('dropped')).status).toBe(404);
  });

  it('says 500 although it charged (500_after_commit)', async () => {
    await plan({ next: ['500_after_commit'] });
    expect(await post(aCharge('five'))).toMatchObject({
      status: 500,
      body: { error: { code: 'internal_error' } },
    });
    expect((await find('five')).body).toMatchObject({ status: 'approved' });
  });

  it('charges at once and answers late (delay), and other requests need not wait', async () => {
    await plan({ next: ['delay:400'] });
    let answered = false;
    const slow = post(aCharge('slow')).then((answer) => {
      answered = true;
      return answer;
    });
    while ((await find('slow')).status !== 200) expect(answered).toBe(false);
    expect(answered).toBe(false);
    expect((await slow).body).toMatchObject({ status: 'approved' });
  });

  it('can lose a look-up as well', async () => {
    await post(aCharge('asked'));
    await plan({ lookups: ['drop_after'] });
    await expect(find('asked')).rejects.toThrow();
    expect((await find('asked')).status).toBe(200);
  });

  it.each([
    { next: ['explode'] },
    { next: 'reset' },
    { next: ['delay:'] },
    { next: ['delay:999999'] },
    { lookups: [7] },
  ])('refuses the fault plan %j', async (faults) => {
    expect(await plan(faults)).toBe(400);
  });

  it('keeps no card number and no security code in its ledger', async () => {
    await post(aCharge('ledger', {}, { cvc: '731' }));
    const ledger = await (await fetch(`${gateway.url}/__sim/ledger`)).text();
    expect(ledger).toContain('"reference":"ledger"');
    expect(ledger).not.toContain(VISA);
    expect(Object.keys(gateway.ledger().entries[0] ?? {}).sort()).toEqual([
      'amount',
      'currency',
      'decline_code',
      'id',
      'merchant_reference',
      'reference',
      'refunded',
      'settled',
      'status',
      'type',
      'voided',
    ]);
    expect(JSON.parse(ledger)).toEqual(JSON.parse(JSON.stringify(gateway.ledger())));
  });
});

describe('the gateway process', () => {
  const main = fileURLToPath(new URL('../../dist/gateway/main.js', import.meta.url));

  it('prints its url on one line, serves, and ends on SIGTERM', async () => {
    const child = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { url } = JSON.parse(line) as { url: string };
    expect((await fetch(`${url}/__sim/ledger`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('says what is wrong with a bad port', async () => {
    const child = spawn(process.execPath, [main, '--port', 'eighty'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [[message], [code]] = await Promise.all([once(child.stderr, 'data'), once(child, 'exit')]);
    expect(String(message)).toContain('--port is "eighty"');
    expect(code).toBe(2);
  });
});
