import type { Clock, Log } from '@sordino/core';
import type { PaymentStore } from '@sordino/payments';
import { hashCredential } from '../auth/keys/key-text.ts';
import { HttpProblem } from '../http/problem-details.ts';
import { openBody, sealBody } from './sealed-body.ts';

/** An answer that is ready to be sent. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly replayed?: boolean;
}

export interface IdempotentRequest {
  /** Tenant, mode and route: the same key elsewhere is another request. */
  readonly scope: string;
  readonly key: string;
  /** SHA-256 of the body, hex. */
  readonly bodyHash: string;
  readonly credential: string;
}

interface Running {
  readonly bodyHash: string;
  readonly answer: Promise<Answer>;
}

/**
 * Does each keyed request once. Repeats that come while the first is being done wait for it; later ones get the stored answer, for
 * 24 hours and over restarts. Only what was done is remembered: a refusal changed nothing, so its key stays free and the same
 * request may succeed once the reason is gone.
 */
export class Idempotency {
  readonly #store: Pick<PaymentStore, 'answer' | 'commit'>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #running = new Map<string, Running>();

  constructor(store: Pick<PaymentStore, 'answer' | 'commit'>, clock: Clock, log: Log) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  async run(request: IdempotentRequest, work: () => Promise<Answer>): Promise<Answer> {
    const id = `${request.scope}/${hashCredential(request.key)}`;
    const running = this.#running.get(id);
    if (running) {
      if (running.bodyHash !== request.bodyHash) throw otherBody();
      return { ...(await running.answer), replayed: true };
    }
    const stored = this.#store.answer(id);
    if (stored) {
      if (stored.bodyHash !== request.bodyHash) throw otherBody();
      const body = openBody(stored.body, request.credential, request.key);
      if (body === undefined) throw otherCredential();
      return { status: stored.status, body: JSON.parse(body), replayed: true };
    }
    const answer = this.#doOnce(id, request, work);
    this.#running.set(id, { bodyHash: request.bodyHash, answer });
    try {
      return await answer;
    } finally {
      this.#running.delete(id);
    }
  }

  async #doOnce(id: string, request: IdempotentRequest, work: () => Promise<Answer>): Promise<Answer> {
    const answer = await work();
    try {
      const body = sealBody(JSON.stringify(answer.body), request.credential, request.key);
      const { bodyHash } = request;
      await this.#store.commit({
        answer: { key: id, bodyHash, status: answer.status, body, created: this.#clock.wallMs() },
      });
    } catch (error) {
      // The work itself is done and on disk, and its state refuses to be done twice: telling the outcome matters more.
      this.#log.error('an idempotent answer could not be stored', {
        reason: error instanceof Error ? error.message : String(error),
      });
    }
    return answer;
  }
}

function otherBody(): HttpProblem {
  return new HttpProblem({
    status: 422,
    type: 'idempotency_error',
    code: 'idempotency_key_reused',
    message:
      'This Idempotency-Key was used with another body. Repeat a request as it was, byte by byte, or use a new key for a new one.',
    param: 'Idempotency-Key',
  });
}

function otherCredential(): HttpProblem {
  return new HttpProblem({
    status: 409,
    type: 'idempotency_error',
    code: 'idempotency_credential_changed',
    message:
      'This request was done before with another credential, and its answer can only be read with that one. Read the session instead.',
    param: 'Idempotency-Key',
  });
}
