import type { ChargeTrace, GatewayCapabilities, KeepMemo } from '../gateways/gateway.ts';

/** A charge of 49.99 pounds whose card is gone. */
export const aTrace = (key: string, over: Partial<ChargeTrace> = {}): ChargeTrace => ({
  ...{ key, type: 'charge', amount: 4_999, currency: 'gbp', reference: 'INV-7' },
  ...{ memo: null, created: 1_790_000_000_000, mayFinish: true },
  ...over,
});

export const keepNothing: KeepMemo = async () => {};

/** Of a gateway that only charges and tells. */
export const PLAIN_CAPABILITIES: GatewayCapabilities = {
  ...{ moto: true, authorize: true, tokenize: true, queryByReference: true },
  ...{ settle: false, partialSettle: false, void: false, refund: false },
  ...{ replay: false, cancelByReference: false, bankAccounts: false },
};
