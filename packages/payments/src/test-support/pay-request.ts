import type { Caller } from '../session/service.ts';
import { CALLER, CONNECTOR, type World } from './payment-session.ts';

export const CARD = '4242424242424242';
export const CVV = '739';

/** As somebody else's `<Pay>` sends it. */
export const aPayRequest = (more: Readonly<Record<string, unknown>> = {}) => ({
  ...{
    transaction_id: 'PK-1',
    method: 'charge',
    cardnumber: CARD,
    cvv: CVV,
    expiry_month: '12',
    expiry_year: '30',
  },
  ...{
    amount: '49.99',
    currency_code: 'GBP',
    postal_code: null,
    description: 'INV-7',
    parameters: { desk: 'a' },
  },
  ...more,
});

/** A text is sent as it is. */
export const sendPay = (
  world: World,
  body: unknown,
  caller: Caller = CALLER,
  connector: string = CONNECTOR,
) =>
  world.service.pay(
    caller,
    connector,
    new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
  );

/** Every buffer that ever held card data. */
export const wipedIn = ({ cardBuffers }: World): boolean =>
  cardBuffers.length > 0 && cardBuffers.every((buffer) => buffer.every((byte) => byte === 0));
