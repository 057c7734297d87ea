import { createHmac, randomBytes } from 'node:crypto';
import { GatewayRefusal } from '../../gateway/protocol.ts';
import type { GatewayReply } from '../../gateway/server.ts';

const KEPT_MS = 24 * 3_600_000;

/**
 * Stripe's idempotent requests: status and body of the first execution are given again for 24 hours, failures of the server included;
 * other parameters under the same key are refused. What did not pass validation is not kept.
 */
export class SavedAnswers {
  readonly #saved = new Map<string, { readonly digest: string; readonly reply: GatewayReply; at: number }>();
  /** Bodies hold card numbers, so they are compared as keyed digests and not kept. */
  readonly #digestKey = randomBytes(32);

  /** The answer to this request, if it was executed before. */
  find(key: string, request: string, nowMs: number): GatewayReply | undefined {
    const known = this.#saved.get(key);
    if (known === undefined || nowMs - known.at >= KEPT_MS) return undefined;
    if (known.digest !== this.#digest(request))
      throw new GatewayRefusal(
        400,
        'idempotency_error',
        'keys for idempotent requests can only be used with the same parameters they were first used with',
      );
    return { ...known.reply, headers: { ...known.reply.headers, 'idempotent-replayed': 'true' } };
  }

  save(key: string, request: string, reply: GatewayReply, nowMs: number): void {
    this.#saved.set(key, { digest: this.#digest(request), reply, at: nowMs });
  }

  #digest(request: string): string {
    return createHmac('sha256', this.#digestKey).update(request).digest('hex');
  }
}
