import type { SessionId, WebhookEndpointObject } from '@sordino/core';
import type { Caller } from '@sordino/payments';
import type { WebhookDesk } from '../routes/webhook-endpoints.ts';

export const ENDPOINT: WebhookEndpointObject = {
  id: 'whe_main',
  object: 'webhook_endpoint',
  url: 'https://crm.example.com/sordino',
  livemode: false,
  events: ['*'],
  secrets: 2,
  last_taken: 1_790_000_000_000,
  last_failure: { at: 1_790_000_000_001, reason: 'HTTP 503' },
  waiting: 1,
  gave_up: 0,
};

/** One endpoint, `whe_main` of tenant A in test mode; it knows every session that it is asked for but `unknown`. */
export class ScriptedWebhooks implements WebhookDesk {
  readonly replays: string[] = [];
  unknown: string | undefined;

  list({ tenant, livemode }: Caller): readonly WebhookEndpointObject[] {
    return tenant === 'tnt_a' && !livemode ? [ENDPOINT] : [];
  }

  async replay(_caller: Caller, endpoint: string, session: SessionId, fromSeq: number): Promise<boolean> {
    this.replays.push(`${endpoint} ${session} ${fromSeq}`);
    return session !== this.unknown;
  }
}
