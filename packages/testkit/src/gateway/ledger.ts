import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type ChargeAnswer, type ChargeRequest, GatewayRefusal } from './protocol.ts';
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
  };
}

/** The same body with its members in another order is the same body. */
function canonical(request: ChargeRequest): string {
  const { card = {}, bank_account = {}, ...rest } = request;
  const sorted = (value: object): unknown[] => Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([sorted(rest), sorted(card), sorted(bank_account)]);
}
