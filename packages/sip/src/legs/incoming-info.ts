import type { IncomingInfoRequest } from 'sip.js/lib/core/index.js';
import { EdgeRequest } from '../core/edge-message.ts';

/** Keys are wanted in whatever wrapping they come; no other package is (RFC 6086 §4.2.2). */
const WANTED_PACKAGE = /^\s*dtmf\s*(?:;|$)/i;

/** 200 to every INFO without a package (RFC 6086 §2, "legacy") and to keys; 469 to a package that we never asked for. */
export function answerInfo(
  request: IncomingInfoRequest,
  tell: (contentType: string, body: Uint8Array) => void,
): void {
  const { message } = request;
  if (!(message instanceof EdgeRequest)) return;
  const infoPackage = message.value('Info-Package');
  const body = message.takeBody();
  if (infoPackage !== undefined && !WANTED_PACKAGE.test(infoPackage)) {
    body.fill(0);
    request.reject({ statusCode: 469, reasonPhrase: 'Bad Info Package', extraHeaders: ['Recv-Info:'] });
    return;
  }
  request.accept();
  tell(message.parsed.contentType ?? '', body);
}
