import type { PaymentStatus } from '@sordino/core';

/** What a gateway's own ledger has of one charge. */
export interface Booked {
  readonly reference: string;
  readonly amount: number | null;
  /** False: declined, or undone. */
  readonly isMoney: boolean;
}

/** What we have of one session that was confirmed. */
export interface Told {
  readonly session: string;
  readonly status: PaymentStatus;
  readonly amount: number;
  /** Keys of its charges. */
  readonly references: readonly string[];
  /** A person was told to look at it. */
  readonly isRaised: boolean;
}

const FINAL: ReadonlySet<PaymentStatus> = new Set(['approved', 'declined', 'failed', 'canceled', 'expired']);

/** Everything in which the gateways' ledgers and our sessions do not agree. */
export function disagreements(booked: readonly Booked[], told: readonly Told[]): string[] {
  const money = new Map<string, Booked[]>();
  for (const entry of booked.filter(({ isMoney }) => isMoney))
    money.set(entry.reference, [...(money.get(entry.reference) ?? []), entry]);
  const ours = new Set(told.flatMap(({ references }) => references));
  const foreign = [...money.keys()].filter((reference) => !ours.has(reference));
  return [
    ...foreign.map((reference) => `${reference}: charged, and no session knows of it`),
    ...told.flatMap((each) => {
      const charges = each.references.flatMap((key) => money.get(key) ?? []);
      return [...wrongOf(each, charges)];
    }),
  ];
}

function* wrongOf(
  { session, status, amount, isRaised }: Told,
  charges: readonly Booked[],
): Generator<string> {
  if (charges.length > 1) yield `${session}: charged ${charges.length} times`;
  if (charges.some((charge) => charge.amount !== amount)) yield `${session}: charged another amount`;
  if (status === 'approved' && charges.length === 0) yield `${session}: approved, and nothing is charged`;
  if (status !== 'approved' && FINAL.has(status) && charges.length > 0)
    yield `${session}: ${status}, and charged`;
  if (status === 'unknown' && !isRaised) yield `${session}: unknown, and nobody was told to look`;
  if (status !== 'unknown' && !FINAL.has(status)) yield `${session}: left ${status}`;
}
