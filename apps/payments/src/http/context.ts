import type { SessionId, SessionObject } from '@sordino/core';
import type { Response } from 'express';
import type { Authenticated } from '../auth/authenticate.ts';

/** What is known of a request while it is answered. */
export interface RequestContext {
  readonly requestId: string;
  auth?: Authenticated;
  /** The session that a message without a credential was about. */
  touched?: SessionId;
  /** What of the body the audit trail has to name. */
  remark?: string;
  /** SHA-256 of the body as it came, hex. The body's bytes themselves are not kept. */
  bodyHash?: string;
  /** Set once the caller was found to be allowed to see it: errors then tell how its call stands. */
  session?: Pick<SessionObject, 'id' | 'topology' | 'call_failure'>;
}

const CONTEXT = 'sordino';

export function setContext(response: Response, context: RequestContext): void {
  response.locals[CONTEXT] = context;
}

export function contextOf(response: Response): RequestContext {
  return response.locals[CONTEXT] as RequestContext;
}
