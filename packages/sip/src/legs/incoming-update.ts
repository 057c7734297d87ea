import type { SessionDialog, UserAgentServer } from 'sip.js/lib/core/index.js';
import { retryAfterLine } from '../core/dialog-requests.ts';
import type { EdgeRequest } from '../core/edge-message.ts';
import { refreshTarget } from '../core/library-internals.ts';
import { ALLOW_LINE } from '../core/screening.ts';
import type { LegContext } from './leg-context.ts';
import type { SessionRefresh } from './session-refresh.ts';

/** `ours`: an offer of ours has no answer yet · `theirs`: an offer of the peer has none. */
export type OpenOffer = 'ours' | 'theirs' | undefined;

/** RFC 3311 §5.2. What needs an answer of the application goes to `offered`. */
export function answerUpdate(
  context: LegContext,
  parts: {
    readonly dialog: SessionDialog;
    readonly server: UserAgentServer;
    readonly request: EdgeRequest;
    readonly session: SessionRefresh;
    readonly openOffer: OpenOffer;
    readonly offered: () => void;
    /** The answer to one without an offer. */
    readonly refreshed: () => number;
  },
): void {
  const { dialog, server, request, session, openOffer } = parts;
  if (request.sdp === undefined) {
    const status = parts.refreshed();
    if (status >= 300) {
      server.reject({ statusCode: status });
      return;
    }
    refreshTarget(dialog, request);
    const extraHeaders = [context.core.contactLine, ALLOW_LINE, ...session.answer(request)];
    server.accept({ statusCode: 200, extraHeaders });
  } else if (openOffer === 'ours') {
    server.reject({ statusCode: 491 });
  } else if (openOffer === 'theirs') {
    server.reject({ statusCode: 500, extraHeaders: [retryAfterLine()] });
  } else parts.offered();
}
