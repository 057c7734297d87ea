import type { IncomingReferRequest } from 'sip.js/lib/core/index.js';
import { EdgeRequest } from '../core/edge-message.ts';

/** RFC 3515 §2.4.2: exactly one Refer-To, else 400. A status that is no final answer becomes 603. */
export function answerRefer(request: IncomingReferRequest, decide: (referTo: string) => number): void {
  const { message } = request;
  const targets = message instanceof EdgeRequest ? message.values('Refer-To') : [];
  const [referTo] = targets;
  if (referTo === undefined || targets.length !== 1) {
    request.reject({ statusCode: 400, reasonPhrase: 'Exactly one Refer-To is needed' });
    return;
  }
  const status = decide(referTo);
  if (status >= 200 && status < 300) request.accept({ statusCode: status });
  else request.reject({ statusCode: status >= 400 && status < 700 ? status : 603 });
}
