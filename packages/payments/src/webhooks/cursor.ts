import type { SessionId } from '@sordino/core';

/** How far one endpoint has got with the events of one session. It holds no event: those stay where they are. */
export interface WebhookCursor {
  /** `whe_…` */
  readonly endpoint: string;
  readonly session: SessionId;
  /** `seq` of the last event that the endpoint took; what follows is still to be sent. */
  readonly delivered: number;
  /** Tries of the next event so far. */
  readonly failures: number;
  /** Unix ms of the first of them; null: none failed. */
  readonly failingSince: number | null;
  /** Nothing is sent any more unless somebody asks for a replay. */
  readonly gaveUp: boolean;
}

export const cursorAt = (endpoint: string, session: SessionId, delivered: number): WebhookCursor => ({
  endpoint,
  session,
  delivered,
  failures: 0,
  failingSince: null,
  gaveUp: false,
});
