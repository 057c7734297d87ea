/** Numbers that Adyen publishes for its test system. All have one expiry date and one security code; with others they are refused. */
const NUMBERS: ReadonlySet<string> = new Set([
  ...['4111111111111111', '4111111145551142', '4111112014267661', '4988438843884305', '4166676667666746'],
  ...['4646464646464644', '4000620000000007', '4000060000000006', '4988080000000000', '4444333322221111'],
  ...['4001590000000001', '4000180000000002', '5555444433331111', '2222400070000005', '2222410740360010'],
  ...['5555341244441115', '5577000055770004', '5100290029002909', '370000000000002', '370000000100018'],
  ...['6011601160116611', '6445644564456445', '36006666333344', '3569990010095841', '6771798021000008'],
]);
const EXPIRY = '03/2030';

/** A card that the simulated Adyen approves. */
export const ADYEN_TEST_CARD = { number: '4111111111111111', expiry: '0330', cvc: '737' } as const;

/** `refusalReason` of the codes that can be asked for ("Testing result codes and refusal reasons"). */
const REASONS: Readonly<Record<string, string>> = {
  ...{ 0: 'Unknown', 2: 'Refused', 3: 'Referral', 4: 'Acquirer Error', 5: 'Blocked Card' },
  ...{ 6: 'Expired Card', 7: 'Invalid Amount', 8: 'Invalid Card Number', 9: 'Issuer Unavailable' },
  ...{ 10: 'Not supported', 11: '3D Not Authenticated', 12: 'Not enough balance', 14: 'Acquirer Fraud' },
  ...{ 15: 'Cancelled', 16: 'Shopper Cancelled', 17: 'Invalid Pin', 20: 'FRAUD', 21: 'Not Submitted' },
  ...{ 22: 'FRAUD-CANCELLED', 23: 'Transaction Not Permitted', 24: 'CVC Declined', 25: 'Restricted Card' },
  ...{ 26: 'Revocation Of Auth', 27: 'Declined Non Generic', 28: 'Withdrawal amount exceeded' },
  ...{ 29: 'Withdrawal count exceeded', 31: 'Issuer Suspected Fraud', 32: 'AVS Declined' },
  ...{ 38: 'Authentication required', 42: '3DS Authentication Error' },
};
const APPROVED_CODE = '1';
const PENDING_CODE = '13';
const ERROR_CODES: ReadonlySet<string> = new Set(['0', '4']);

export interface AdyenCard {
  readonly number: string;
  readonly expiryMonth: string;
  readonly expiryYear: string;
  readonly cvc?: string;
}

export type AdyenVerdict =
  | { readonly resultCode: 'Authorised' | 'Received' }
  | {
      readonly resultCode: 'Refused' | 'Error';
      readonly refusalReason: string;
      readonly refusalReasonCode: string;
    };

export const isAdyenTestCard = ({ number }: AdyenCard): boolean => NUMBERS.has(number);

export function verdictOnAdyenCard(card: AdyenCard, asked: string | undefined): AdyenVerdict {
  if (asked === PENDING_CODE) return { resultCode: 'Received' };
  const code = asked ?? codeOf(card);
  const refusalReason = REASONS[code];
  if (code === APPROVED_CODE || refusalReason === undefined) return { resultCode: 'Authorised' };
  return {
    resultCode: ERROR_CODES.has(code) ? 'Error' : 'Refused',
    ...{ refusalReason, refusalReasonCode: code },
  };
}

function codeOf({ number, expiryMonth, expiryYear, cvc }: AdyenCard): string {
  if (`${expiryMonth}/${expiryYear}` !== EXPIRY) return '6';
  const right = number.startsWith('37') ? '7373' : '737';
  return cvc === undefined || cvc === right ? APPROVED_CODE : '24';
}
