import type { Scheduler } from '@sordino/core';
import type { OptionsOutcome } from '@sordino/interception';
import type { IncomingResponse } from 'sip.js/lib/core/index.js';
import { canonicalHeaderName } from '../ingress/header-names.ts';
import type { EdgeCore } from './edge-core.ts';
import { EdgeResponse } from './edge-message.ts';
import { ACCEPT_LINE, ALLOW_LINE } from './screening.ts';
import { makeTag } from './tokens.ts';
import { WireUri } from './wire-uri.ts';

export interface OptionsRequest {
  readonly core: EdgeCore;
  readonly target: WireUri;
  readonly callId: string;
  readonly timeoutMs: number;
  readonly scheduler: Scheduler;
}

/**
 * RFC 3261 §11.1: OPTIONS outside a dialog. Resolves with the final answer, whatever it is. After `timeoutMs` nobody waits for one any
 * more; the transaction itself ends with its timer F.
 */
export function sendOptions({
  core,
  target,
  callId,
  timeoutMs,
  scheduler,
}: OptionsRequest): Promise<OptionsOutcome> {
  return new Promise((resolve) => {
    const startedMs = scheduler.monotonicMs();
    const cancel = scheduler.after(timeoutMs, () => {
      resolve({ answered: false, why: 'timeout', reason: `no answer to OPTIONS in ${timeoutMs} ms` });
    });
    const settle = (outcome: OptionsOutcome): void => {
      cancel();
      resolve(outcome);
    };
    const onFinal = ({ message }: IncomingResponse): void =>
      settle(outcomeOf(message, scheduler.monotonicMs() - startedMs));
    try {
      const from = WireUri.parse(core.contactUri);
      if (from === undefined) throw new TypeError(`${core.contactUri} is no usable From`);
      const request = core.makeOutgoingRequestMessage(
        'OPTIONS',
        target,
        from,
        target,
        { callId, fromTag: makeTag(), cseq: 1 },
        [core.contactLine, ALLOW_LINE, ACCEPT_LINE],
      );
      // C2: what cannot be printed must fail before a transaction has armed its timers.
      request.toString();
      core.request(request, { onAccept: onFinal, onRedirect: onFinal, onReject: onFinal });
    } catch (error) {
      settle({ answered: false, why: 'transport', reason: String(error) });
    }
  });
}

/** RFC 3261 §8.1.3.1: sip.js makes a 408 of timer F and a 503 of a transport error; neither came from the peer. */
function outcomeOf(message: IncomingResponse['message'], roundTripMs: number): OptionsOutcome {
  if (!(message instanceof EdgeResponse)) {
    return message.statusCode === 408
      ? { answered: false, why: 'timeout', reason: 'no answer to OPTIONS' }
      : { answered: false, why: 'transport', reason: 'OPTIONS cannot be sent' };
  }
  return {
    answered: true,
    status: message.parsed.status,
    roundTripMs,
    header: (name) => {
      const wanted = canonicalHeaderName(name);
      return message.parsed.headers.filter((header) => header.name === wanted).map(({ value }) => value);
    },
  };
}
