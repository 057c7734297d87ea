/** `/v1/webhook_endpoints` (design section 4). The OpenAPI document is the source; a test holds these against it. */

export interface WebhookEndpointObject {
  readonly id: string;
  readonly object: 'webhook_endpoint';
  readonly url: string;
  readonly livemode: boolean;
  /** `*`, `session.*` or `session.succeeded`. */
  readonly events: readonly string[];
  /** How many secrets sign: two while one takes the place of the other. Never which. */
  readonly secrets: number;
  /** Unix ms; of this process, null since its start. */
  readonly last_taken: number | null;
  readonly last_failure: { readonly at: number; readonly reason: string } | null;
  /** Sessions with events that are still to be taken. */
  readonly waiting: number;
  /** Sessions whose events are sent only by a replay now. */
  readonly gave_up: number;
}
