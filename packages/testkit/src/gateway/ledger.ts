import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  type ChargeAnswer,
  type ChargeRequest,
  GatewayRefusal,
  type StepAnswer,
  type StepKind,
  type StepRequest,
} from './protocol.ts';
import { authCode, idLetters } from './random-letters.ts';
import { verdictOn } from './test-cards.ts';

/** One decision of the gateway; no card data. */
export interface LedgerEntry {
  readonly id: string;
  readonly reference: string;
  readonly merchant_reference: string | null;
  readonly type: ChargeRequest['type'];
  readonly amount: number | null;
  readonly currency: string | null;
  readonly status: ChargeAnswer['status'];
  readonly decline_code: string | null;
  /** Minor units, of an authorisation. */
  readonly settled: number;
  readonly refunded: number;
  readonly voided: boolean;
}

/** What really happened to money, however many answers were lost. */
export interface LedgerReport {
  readonly approved: number;
  readonly declined: number;
  /** Requests that gave an earlier answer again. */
  readonly replays: number;
  /** Requests refused with 400 or 409. */
  readonly refused: number;
  readonly entries: readonly LedgerEntry[];
}

/** Decides each reference once and remembers the answer. */
export class GatewayLedger {
  readonly #answers = new Map<string, { readonly answer: ChargeAnswer; readonly digest: Buffer }>();
  readonly #entries: LedgerEntry[] = [];
  readonly #steps = new Map<string, { readonly answer: StepAnswer; readonly asked: string }>();
  /** Bodies hold card numbers, so they are compared as keyed digests and not kept. */
  readonly #digestKey = randomBytes(32);
  #replays = 0;
  #refused = 0;

  charge(request: ChargeRequest, nowUnixMs: number): ChargeAnswer {
    const digest = createHmac('sha256', this.#digestKey).update(canonical(request)).digest();
    const known = this.#answers.get(request.reference);
    if (known !== undefined) {
      if (!timingSafeEqual(known.digest, digest)) {
        throw new GatewayRefusal(409, 'idempotency_conflict', 'this reference was used with another body');
      }
      this.#replays += 1;
      return known.answer;
    }
    const answer = decide(request, nowUnixMs);
    this.#answers.set(request.reference, { answer, digest });
    this.#entries.push(entryOf(request, answer));
    return answer;
  }

  /** A settlement, void or refund of a charge; the same reference again gives the first answer. */
  step(kind: StepKind, chargeId: string, { reference, amount }: StepRequest): StepAnswer {
    const asked = `${kind} ${chargeId} ${amount}`;
    const known = this.#steps.get(reference);
    if (known !== undefined) {
      if (known.asked !== asked)
        throw new GatewayRefusal(409, 'idempotency_conflict', 'this reference was used for another step');
      this.#replays += 1;
      return known.answer;
    }
    const at = this.#entries.findIndex(({ id, status }) => id === chargeId && status === 'approved');
    const entry = this.#entries[at];
    if (entry === undefined)
      throw new GatewayRefusal(404, 'no_such_charge', 'no approved charge has this id');
    this.#entries[at] = stepped(entry, kind, amount);
    const answer: StepAnswer = { id: `st_${idLetters()}`, status: 'done' };
    this.#steps.set(reference, { answer, asked });
    return answer;
  }

  find(reference: string): ChargeAnswer | undefined {
    return this.#answers.get(reference)?.answer;
  }

  refused(): void {
    this.#refused += 1;
  }

  report(): LedgerReport {
    const count = (status: ChargeAnswer['status']): number =>
      this.#entries.filter((entry) => entry.status === status).length;
    return {
      approved: count('approved'),
      declined: count('declined'),
      replays: this.#replays,
      refused: this.#refused,
      entries: [...this.#entries],
    };
  }
}

function decide(request: ChargeRequest, nowUnixMs: number): ChargeAnswer {
  const id = `ch_${idLetters()}`;
  const verdict = verdictOn(request, nowUnixMs);
  if (verdict !== 'approved') return { id, status: 'declined', decline_code: verdict };
  const token = request.type === 'tokenize' ? `tok_${idLetters()}` : null;
  return { id, status: 'approved', auth_code: authCode(), token };
}

/** What the money of a charge is after one more step, or why it cannot be taken. */
function stepped(entry: LedgerEntry, kind: StepKind, amount: number): LedgerEntry {
  const { type, voided, settled, refunded } = entry;
  const charged = entry.amount ?? 0;
  const refuse = (code: string, message: string): never => {
    throw new GatewayRefusal(422, code, message);
  };
  if (voided) refuse('already_voided', 'the charge is voided');
  if (type === 'tokenize') refuse('nothing_charged', 'the card was only saved');
  switch (kind) {
    case 'settle':
      if (type !== 'authorize' || settled > 0) refuse('already_settled', 'the charge is settled');
      if (amount > charged) refuse('amount_too_large', 'more than was authorised');
      return { ...entry, settled: amount };
    case 'void':
      if (settled > 0 || refunded > 0) refuse('already_settled', 'the charge is settled or refunded');
      return { ...entry, voided: true };
    case 'refund':
      if (type === 'authorize' && settled === 0) refuse('not_settled', 'the charge is only authorised');
      if (refunded + amount > (type === 'authorize' ? settled : charged))
        refuse('amount_too_large', 'more than is left');
      return { ...entry, refunded: refunded + amount };
  }
}

function entryOf(request: ChargeRequest, answer: ChargeAnswer): LedgerEntry {
  const { reference, merchant_reference, type, amount, currency } = request;
  const decline_code = answer.status === 'declined' ? answer.decline_code : null;
  return {
    id: answer.id,
    reference,
    merchant_reference,
    type,
    amount,
    currency,
    status: answer.status,
    decline_code,
    ...{ settled: 0, refunded: 0, voided: false },
  };
}

/** The same body with its members in another order is the same body. */
function canonical(request: ChargeRequest): string {
  const { card = {}, bank_account = {}, ...rest } = request;
  const sorted = (value: object): unknown[] => Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([sorted(rest), sorted(card), sorted(bank_account)]);
}
