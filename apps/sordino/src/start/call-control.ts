import type { Interceptor } from '@sordino/interception';
import type { CallControl } from '@sordino/payments';

/** The payments side's port to the call side; the two packages agree on shapes and never import each other. */
export function callControl(interceptor: Interceptor): CallControl {
  return {
    expect: (call) => interceptor.expect(call),
    setCollecting: (session, collecting) => interceptor.setCollecting(session, collecting),
    restore: (session, reason) => interceptor.restore(session, reason),
    play: (session, to, prompt) => interceptor.play(session, to, prompt),
    legs: (session) => interceptor.legs(session),
  };
}
