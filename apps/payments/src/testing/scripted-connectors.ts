import type { ConnectorObject } from '@sordino/core';

const capabilities = {
  moto: true,
  authorize: true,
  tokenize: true,
  settle: false,
  partial_settle: false,
  void: false,
  refund: false,
  replay: true,
  query_by_reference: true,
  cancel_by_reference: false,
  bank_accounts: false,
} as const;

/** One that moves no money and one that does. */
export const CONNECTORS: readonly ConnectorObject[] = [
  { id: 'con_sandbox', object: 'connector', type: 'sandbox', livemode: false, capabilities },
  { id: 'con_bank', object: 'connector', type: 'https', livemode: true, capabilities },
];
