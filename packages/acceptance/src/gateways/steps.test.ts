import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHttpsGateway, createSandboxGateway, type FollowUpKind, type Gateway } from '@sordino/payments';
import { type GatewaySimulator, startGatewaySimulator } from '@sordino/testkit';
import { aCard, aRequest, aTrace, keepNothing, WAYS } from './support.ts';

/** Settlements, voids and refunds by the two connectors that have no gateway of their own, over sockets, each against one ledger. */
const secret = randomBytes(32);
let simulator: GatewaySimulator;
const gateways = new Map<string, Gateway>();
beforeAll(async () => {
  simulator = await startGatewaySimulator({ paySecret: `whsec_${secret.toString('base64')}` });
  const { url } = simulator;
  gateways.set('sandbox', createSandboxGateway({ url, fetchBytes: WAYS.fetchBytes }));
  gateways.set(
    'https',
    createHttpsGateway({
      ...{ url: `${url}/pay`, livemode: false, secrets: [secret], ...WAYS },
      hmac: (key, ...parts) => Buffer.from(WAYS.hmac('sha256', key, ...parts)).toString('base64'),
    }),
  );
});
afterAll(() => simulator.close());

describe.each(['sandbox', 'https'])('a step after a charge by the %s connector', (name) => {
  const gateway = (): Gateway => {
    const found = gateways.get(name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  const ledger = (key: string) => simulator.ledger().entries.find(({ reference }) => reference === key);

  async function paid(key: string, type: 'charge' | 'authorize' | 'tokenize' = 'charge') {
    const outcome = await gateway().charge(aRequest(key, { type }), aCard(), keepNothing);
    const gatewayId = outcome.kind === 'approved' ? (outcome.gatewayId ?? '') : '';
    const step = (kind: FollowUpKind, stepKey: string, amount = 4_999) =>
      gateway().followUp?.({ kind, key: stepKey, charge: aTrace(key, { type }), gatewayId, amount });
    return { step, entry: () => ledger(key) };
  }

  const done = { kind: 'done', gatewayId: expect.stringMatching(/^st_/) };

  it('settles a part of what was authorised, once, and refunds no more than that', async () => {
    const key = `${name}-settled`;
    const { step, entry } = await paid(key, 'authorize');
    expect(await step('refund', `${key}-1`)).toEqual({ kind: 'refused', code: 'not_settled' });
    expect(await step('settle', `${key}-2`, 4_000)).toEqual(done);
    expect(await step('settle', `${key}-3`, 999)).toEqual({ kind: 'refused', code: 'already_settled' });
    expect(await step('refund', `${key}-4`, 4_001)).toEqual({ kind: 'refused', code: 'amount_too_large' });
    expect(await step('refund', `${key}-5`, 1_000)).toEqual(done);
    expect(entry()).toMatchObject({ settled: 4_000, refunded: 1_000, voided: false });
  });

  it('voids, and nothing of it moves any more', async () => {
    const key = `${name}-voided`;
    const { step, entry } = await paid(key, 'authorize');
    expect(await step('void', `${key}-1`)).toEqual(done);
    for (const kind of ['settle', 'void', 'refund'] as const)
      expect(await step(kind, `${key}-${kind}`)).toEqual({ kind: 'refused', code: 'already_voided' });
    expect(entry()).toMatchObject({ settled: 0, refunded: 0, voided: true });
  });

  it('has no money to move for a card that was only saved', async () => {
    const { step } = await paid(`${name}-saved`, 'tokenize');
    const said = name === 'https' ? 'no_such_charge' : 'nothing_charged';
    expect(await step('refund', `${name}-saved-1`)).toEqual({ kind: 'refused', code: said });
  });

  it.each([
    ['drop_after', 1_000],
    ['reset', 1_000],
    ['half_body', 1_000],
    ['500_after_commit', 1_000],
    ['drop_before', 0],
  ] as const)('whose answer is lost (%s) is done once, however often it is said', async (fault, refunded) => {
    const key = `${name}-${fault}`;
    const { step, entry } = await paid(key);
    simulator.plan({ next: [fault] });
    expect(await step('refund', `${key}-1`, 1_000)).toMatchObject({ kind: 'unknown' });
    expect(entry()).toMatchObject({ refunded });
    expect(await step('refund', `${key}-1`, 1_000)).toEqual(done);
    expect(await step('refund', `${key}-1`, 1_000)).toEqual(done);
    expect(entry()).toMatchObject({ refunded: 1_000 });
  });
});
