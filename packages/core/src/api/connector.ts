/** `/v1/connectors` (design section 4). The OpenAPI document is the source; a test holds these against it. */
export interface ConnectorObject {
  /** `con_…`, as `connector` of a session names it. */
  readonly id: string;
  readonly object: 'connector';
  /** Which gateway it speaks to. */
  readonly type: string;
  /** Whether it moves money: it takes sessions of live keys only, or of test keys only. */
  readonly livemode: boolean;
  readonly capabilities: ConnectorCapabilitiesObject;
}

/** What a connector can do: what is false is refused before anything is sent. */
export interface ConnectorCapabilitiesObject {
  readonly moto: boolean;
  readonly authorize: boolean;
  readonly tokenize: boolean;
  readonly settle: boolean;
  readonly partial_settle: boolean;
  readonly void: boolean;
  readonly refund: boolean;
  readonly replay: boolean;
  readonly query_by_reference: boolean;
  readonly cancel_by_reference: boolean;
  readonly bank_accounts: boolean;
}
