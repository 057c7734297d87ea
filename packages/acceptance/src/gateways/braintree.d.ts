/** As much of the official SDK as the oracle test uses; it has no types of its own. */
declare module 'braintree' {
  type Call = (...values: readonly unknown[]) => Promise<SdkResult>;
  export interface SdkResult {
    readonly success: boolean;
    readonly transaction?: Readonly<Record<string, unknown>>;
    readonly customer?: Readonly<Record<string, unknown>>;
    readonly errors?: { deepErrors(): readonly { readonly code: string }[] };
  }
  interface Search {
    orderId(): { is(orderId: string): void };
  }
  export class Environment {
    constructor(
      server: string,
      port: string,
      authUrl: string,
      ssl: boolean,
      graphQl: string,
      graphQlPort: number,
    );
  }
  export class BraintreeGateway {
    constructor(config: {
      readonly environment: Environment;
      readonly merchantId: string;
      readonly publicKey: string;
      readonly privateKey: string;
    });
    readonly transaction: {
      readonly sale: Call;
      readonly find: (id: string) => Promise<Readonly<Record<string, unknown>>>;
      readonly void: Call;
      readonly submitForSettlement: Call;
      readonly refund: Call;
      search(criteria: (search: Search) => void, done: (error: unknown, found: SdkFound) => void): void;
    };
    readonly customer: { readonly create: Call; readonly find: (id: string) => Promise<unknown> };
    readonly webhookNotification: {
      parse(signature: string, payload: string): Promise<Readonly<Record<string, unknown>>>;
    };
    readonly webhookTesting: {
      sampleNotification(kind: string, id: string): Promise<{ bt_signature: string; bt_payload: string }>;
    };
  }
  export interface SdkFound {
    readonly ids: readonly string[];
  }
}
