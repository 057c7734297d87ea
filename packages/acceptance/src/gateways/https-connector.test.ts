import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHttpsGateway, type Gateway } from '@sordino/payments';
import { type GatewaySimulator, startGatewaySimulator } from '@sordino/testkit';
import { aCard, aRequest, aTrace, keepNothing, WAYS } from './support.ts';

/** The generic connector against a merchant's service that verifies signatures by the library of Standard Webhooks and keeps a ledger. */
const secret = randomBytes(32);
let simulator: GatewaySimulator;
let gateway: Gateway;

const open = (url: string, key: Uint8Array): Gateway =>
  createHttpsGateway({
    ...{ url, livemode: false, secrets: [randomBytes(32), key], ...WAYS },
    hmac: (hmacKey, ...parts) => Buffer.from(WAYS.hmac('sha256', hmacKey, ...parts)).toString('base64'),
  });

beforeAll(async () => {
  simulator = await startGatewaySimulator({ paySecret: `whsec_${secret.toString('base64')}` });
  gateway = open(`${simulator.url}/pay`, secret);
});
afterAll(() => simulator.close());

const plan = (faults: object) =>
  fetch(`${simulator.url}/__sim/faults`, { method: 'POST', body: JSON.stringify(faults) });
const booked = (reference: string) =>
  simulator.ledger().entries.filter((entry) => entry.reference === reference);

describe('a charge by the generic connector', () => {
  it.each([
    ['charge', { authCode: expect.stringMatching(/^[A-Z2-9]{6}$/), token: null }],
    ['tokenize', { token: expect.stringMatching(/^tok_/) }],
  ] as const)('%s: approved, with the right amount', async (type, outcome) => {
    expect(await gateway.charge(aRequest(`ok-${type}`, { type }), aCard(), keepNothing)).toMatchObject({
      kind: 'approved',
      ...outcome,
    });
    expect(booked(`ok-${type}`)).toMatchObject([
      { amount: 4_999, currency: 'gbp', merchant_reference: 'INV-7' },
    ]);
  });

  it('yen have no parts', async () => {
    await gateway.charge(aRequest('yen', { amount: 5_000, currency: 'jpy' }), aCard(), keepNothing);
    expect(booked('yen')).toMatchObject([{ amount: 5_000, currency: 'jpy' }]);
  });

  it('is declined, and the query says the same', async () => {
    const declined = { kind: 'declined', declineCode: 'insufficient_funds' };
    expect(await gateway.charge(aRequest('no'), aCard('4000000000009995'), keepNothing)).toEqual(declined);
    expect(await gateway.query(aTrace('no'))).toEqual(declined);
  });

  it('is refused by a service that has another secret, and nothing is charged', async () => {
    const stranger = open(`${simulator.url}/pay`, randomBytes(32));
    expect(await stranger.charge(aRequest('forged'), aCard(), keepNothing)).toMatchObject({ kind: 'failed' });
    expect(booked('forged')).toEqual([]);
  });

  it.each(['drop_after', 'reset', 'half_body', '500_after_commit'])(
    'whose answer is lost (%s) is asked for, and was made once',
    async (fault) => {
      await plan({ next: [fault] });
      expect(await gateway.charge(aRequest(fault), aCard(), keepNothing)).toMatchObject({ kind: 'unknown' });
      expect(await gateway.query(aTrace(fault))).toMatchObject({ kind: 'approved' });
      expect(booked(fault)).toHaveLength(1);
    },
  );

  it('that never arrived is not found', async () => {
    await plan({ next: ['drop_before'] });
    expect(await gateway.charge(aRequest('dropped'), aCard(), keepNothing)).toMatchObject({
      kind: 'unknown',
    });
    expect(await gateway.query(aTrace('dropped'))).toEqual({ kind: 'not_found' });
  });

  it('where nobody listens was not sent', async () => {
    const nobody = open('http://127.0.0.1:1/pay', secret);
    expect(await nobody.charge(aRequest('nobody'), aCard(), keepNothing)).toEqual({
      kind: 'not_sent',
      code: 'gateway_unreachable',
    });
  });
});
