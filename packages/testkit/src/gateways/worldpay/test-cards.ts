/** Numbers that Worldpay publishes for its Try environment. */
const NUMBERS: ReadonlySet<string> = new Set([
  ...['4444333322221111', '4911830000000', '4917610000000000', '4462030000000000', '4917610000000000003'],
  ...['4917300800000000', '5555555555554444', '5454545454545454', '2221000000000009', '5163613613613613'],
  ...['343434343434343', '6011000400000000', '3528000700000000', '6759649826438453', '4000000000001091'],
]);

/** A card that the simulated Worldpay approves. */
export const WORLDPAY_TEST_CARD = { number: '4444333322221111', expiry: '0532', cvc: '123' } as const;

export interface WorldpayCard {
  readonly cardNumber: string;
  readonly expiryDate: { readonly month: number; readonly year: number };
  readonly cardHolderName?: string;
}

const CARD_EXPIRED = '33';
const REFUSED = '5';

export const isWorldpayTestCard = ({ cardNumber }: WorldpayCard): boolean => NUMBERS.has(cardNumber);

/** The refusal code; undefined: approved. Names ask for refusals: `REFUSED51` is code 51. */
export function refusalOfWorldpayCard(card: WorldpayCard, nowUnixMs: number): string | undefined {
  const [asked, code] = /^REFUSED(\d{1,3})?$/.exec(card.cardHolderName ?? '') ?? [];
  if (asked !== undefined) return code ?? REFUSED;
  // A card is good to the end of the month printed on it.
  const { month, year } = card.expiryDate;
  return nowUnixMs >= Date.UTC(year, month) ? CARD_EXPIRED : undefined;
}
