import { describe, expect, it } from '@jest/globals';
import { GATEWAY_KINDS } from '@sordino/payments';
import { type Booked, disagreements, type Told } from './compare.ts';
import { startGateways } from './gateways.ts';
import { runFaults } from './run.ts';

/** Long enough for each gateway to have its faults, and for one service to die; `npm run faults:charges` is the long one. */
const CHARGES = 100;
const SEED = 20_261_122;
const TIMEOUT_MS = 120_000;

it(
  `${CHARGES} charges with random faults over every gateway (seed ${SEED}): ledgers and sessions agree, none twice, none lost`,
  async () => {
    const run = await runFaults({ charges: CHARGES, seed: SEED });
    expect(run.disagreements).toEqual([]);
    expect(Object.values(run.money).every((count) => count > 0)).toBe(true);
    expect(run.restarts).toBeGreaterThan(0);
    expect(run.statuses.approved).toBeGreaterThan(CHARGES / 3);
    expect(run.statuses.failed).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);

it('has every gateway that a connector can name', async () => {
  const gateways = await startGateways(() => 0);
  await Promise.all(gateways.map(({ server }) => server.close()));
  const types = gateways.map(({ id }) => id.slice('con_'.length)).sort();
  expect(types).toEqual([...GATEWAY_KINDS.map(({ type }) => type), 'https', 'sandbox'].sort());
});

describe('the comparison (control)', () => {
  const money = (reference: string, change: Partial<Booked> = {}): Booked => ({
    ...{ reference, amount: 100, isMoney: true },
    ...change,
  });
  const session = (change: Partial<Told> = {}): Told => ({
    ...{ session: 'ses_a', status: 'approved', amount: 100, references: ['chg_1'], isRaised: false },
    ...change,
  });

  it.each<[string, Booked[], Told[]]>([
    ['one charge for one approval', [money('chg_1')], [session()]],
    ['none for a decline', [money('chg_1', { isMoney: false })], [session({ status: 'declined' })]],
    [
      'a second try after the first never left',
      [money('chg_2')],
      [session({ references: ['chg_1', 'chg_2'] })],
    ],
    ['what a person was told to look at', [money('chg_1')], [session({ status: 'unknown', isRaised: true })]],
  ])('takes %s', (_what, booked, told) => expect(disagreements(booked, told)).toEqual([]));

  it.each<[string, Booked[], Told[], string]>([
    ['a charge that was made twice', [money('chg_1'), money('chg_1')], [session()], 'charged 2 times'],
    [
      'two charges of one session',
      [money('chg_1'), money('chg_2')],
      [session({ references: ['chg_1', 'chg_2'] })],
      'charged 2 times',
    ],
    ['a charge that is lost here', [money('chg_1')], [session({ status: 'failed' })], 'failed, and charged'],
    ['an approval without money', [], [session()], 'approved, and nothing is charged'],
    ['another amount', [money('chg_1', { amount: 99 })], [session()], 'charged another amount'],
    ['a charge of nobody', [money('chg_9')], [session({ status: 'failed' })], 'no session knows of it'],
    ['a payment that was left in the middle', [], [session({ status: 'processing' })], 'left processing'],
    [
      'an unknown one that nobody was told of',
      [],
      [session({ status: 'unknown' })],
      'nobody was told to look',
    ],
  ])('finds %s', (_what, booked, told, problem) =>
    expect(disagreements(booked, told).join()).toContain(problem),
  );
});
