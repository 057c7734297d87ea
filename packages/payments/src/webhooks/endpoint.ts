import type { EventEnvelope } from '@sordino/core';
import type { SessionRecord } from '../session/record.ts';

/** Where a tenant's server wants to hear of its sessions. */
export interface WebhookEndpoint {
  /** `whe_…` */
  readonly id: string;
  readonly url: string;
  readonly tenant: string;
  readonly livemode: boolean;
  /** `*`, `session.*` or `session.succeeded`. */
  readonly events: readonly string[];
  /** Keys of the signature, the newest first. Two while one takes the place of the other. */
  readonly secrets: readonly Uint8Array[];
}

export const belongsTo = (endpoint: WebhookEndpoint, session: SessionRecord): boolean =>
  endpoint.tenant === session.tenant && endpoint.livemode === session.livemode;

export const wants = ({ events }: WebhookEndpoint, { type }: EventEnvelope): boolean =>
  events.some((pattern) =>
    pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern,
  );
