import { ADYEN } from './adyen/adyen-gateway.ts';
import { AUTHORIZE_NET } from './authorize-net/authorize-net-gateway.ts';
import { BRAINTREE } from './braintree/braintree-gateway.ts';
import { CHECKOUT_COM } from './checkout-com/checkout-gateway.ts';
import type { GatewayKind } from './kind.ts';
import { STRIPE } from './stripe/stripe-gateway.ts';
import { WORLDPAY_ACCESS } from './worldpay/worldpay-gateway.ts';

/** Every gateway that a connector can name, besides the sandbox and the generic HTTPS connector. */
export const GATEWAY_KINDS: readonly GatewayKind[] = [
  ADYEN,
  AUTHORIZE_NET,
  BRAINTREE,
  CHECKOUT_COM,
  STRIPE,
  WORLDPAY_ACCESS,
];
