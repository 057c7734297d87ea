import type { Cancel, Scheduler } from '@sordino/core';
import type { CardBuffer } from '../charge/card-buffer.ts';
import { CHARGE_LIMIT_MS, REPLAY_AFTER_MS } from '../charge/limits.ts';
import type { ChargeRequest, Gateway, KeepMemo } from '../gateways/gateway.ts';
import type { ChargeOutcome } from '../gateways/outcome.ts';

interface Asked {
  readonly gateway: Gateway;
  readonly request: ChargeRequest;
  readonly card: CardBuffer;
  readonly keep: KeepMemo;
  /** It was given up, and has an outcome after all. */
  readonly answeredLate: (outcome: ChargeOutcome) => void;
}

const TOO_SLOW: ChargeOutcome = { kind: 'unknown', code: 'gateway_too_slow' };

/** One charge. Never rejects, never takes longer than the limit, never leaves the card behind. */
export async function askGateway(scheduler: Scheduler, asked: Asked): Promise<ChargeOutcome> {
  let cancel: Cancel = () => {};
  let over = false;
  const tooLate = new Promise<ChargeOutcome>((resolve) => {
    cancel = scheduler.after(CHARGE_LIMIT_MS, () => resolve(TOO_SLOW));
  });
  const asking = sendOrReplay(scheduler, asked, () => over);
  const outcome = await Promise.race([asking, tooLate]);
  over = true;
  cancel();
  asked.card.wipe();
  if (outcome === TOO_SLOW) void asking.then((late) => isOutcome(late) && asked.answeredLate(late));
  return outcome;
}

/**
 * Where the gateway gives its first answer again, the same charge is said again while the card is here. Of what it says then only an
 * outcome counts: that it refuses to hear of it again says nothing of the first time.
 */
async function sendOrReplay(
  scheduler: Scheduler,
  asked: Asked,
  isOver: () => boolean,
): Promise<ChargeOutcome> {
  const first = await send(asked);
  if (first.kind !== 'unknown' || !asked.gateway.capabilities.replay) return first;
  for (const pauseMs of REPLAY_AFTER_MS) {
    await new Promise<void>((resume) => void scheduler.after(pauseMs, resume));
    // The card is wiped.
    if (isOver()) return first;
    const again = await send(asked);
    if (isOutcome(again)) return again;
  }
  return first;
}

async function send({ gateway, request, card, keep }: Asked): Promise<ChargeOutcome> {
  try {
    return await gateway.charge(request, card.card, keep);
  } catch {
    // A gateway must not reject; one that does may have sent the charge before.
    return { kind: 'unknown', code: 'gateway_broke' };
  }
}

const isOutcome = ({ kind }: ChargeOutcome): boolean => kind === 'approved' || kind === 'declined';
