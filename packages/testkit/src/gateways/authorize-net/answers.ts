import type { Done, Transaction } from './account.ts';
import type { TransactionRequest } from './protocol.ts';

const messages = (resultCode: 'Ok' | 'Error', code: string, text: string) => ({
  messages: { resultCode, message: [{ code, text }] },
});

export const ok = (members: object = {}): object => ({
  ...members,
  ...messages('Ok', 'I00001', 'Successful.'),
});
export const error = (code: string, text: string, members: object = {}): object => ({
  ...members,
  ...messages('Error', code, text),
});

const TEXTS: Readonly<Record<string, string>> = {
  2: 'This transaction has been declined.',
  6: 'The credit card number is invalid.',
  8: 'The credit card has expired.',
  11: 'A duplicate transaction has been submitted.',
  16: 'The transaction cannot be found.',
  27: 'The transaction has been declined because of an AVS mismatch.',
  47: 'The amount requested for settlement cannot be greater than the original amount authorized.',
  54: 'The referenced transaction does not meet the criteria for issuing a credit.',
  55: 'The sum of credits against the referenced transaction would exceed original debit amount.',
  65: 'The transaction has been declined because of a card code mismatch.',
  311: 'This transaction has already been captured.',
};

/** The answer to a transaction. A repetition's names its original, if the request had a window. */
export function charged(done: Done, request: TransactionRequest): object {
  if ('transaction' in done) {
    const { transaction } = done;
    const { responseCode, reason } = transaction.verdict;
    const transactionResponse = responseOf(transaction, responseCode, reason, request);
    return ok({ transactionResponse });
  }
  const { reason, original } = done;
  const transactionResponse =
    original === undefined
      ? responseOf({ transId: '0', authCode: '', accountNumber: masked(request) }, '3', reason, request)
      : responseOf(original, '3', reason, request);
  return error('E00027', 'The transaction was unsuccessful.', { transactionResponse });
}

function responseOf(
  { transId, authCode, accountNumber }: Pick<Transaction, 'transId' | 'authCode' | 'accountNumber'>,
  responseCode: string,
  reason: string | null,
  { payment, refTransId, userFields }: TransactionRequest,
) {
  const text = TEXTS[reason ?? ''] ?? 'There is a reason.';
  return {
    ...{ responseCode, authCode, avsResultCode: payment === undefined ? 'P' : 'Y' },
    cvvResultCode: payment?.creditCard.cardCode === undefined ? '' : 'P',
    ...{ cavvResultCode: '', transId, refTransID: refTransId ?? '', transHash: '', testRequest: '0' },
    ...{ accountNumber, accountType: 'Visa' },
    ...(responseCode === '1'
      ? { messages: [{ code: '1', description: 'This transaction has been approved.' }] }
      : { errors: [{ errorCode: reason, errorText: text }] }),
    ...(userFields === undefined ? {} : { userFields: [userFields.userField].flat() }),
    transHashSha2: '',
  };
}

const masked = ({ payment }: TransactionRequest): string =>
  `XXXX${payment?.creditCard.cardNumber.slice(-4) ?? '0000'}`;

export function detailsOf(transaction: Transaction): object {
  const { transId, submitted, type, status, verdict, authCode, invoiceNumber, description } = transaction;
  const { accountNumber, authAmount, settleAmount, marketType, batchId, refTransId } = transaction;
  return {
    transaction: {
      ...{ transId, ...(refTransId === undefined ? {} : { refTransId }) },
      submitTimeUTC: new Date(submitted).toISOString(),
      ...{ transactionType: type, transactionStatus: status, responseCode: Number(verdict.responseCode) },
      ...{ responseReasonCode: Number(verdict.reason ?? 1), responseReasonDescription: 'Reason', authCode },
      ...{ AVSResponse: 'Y', cardCodeResponse: 'P' },
      ...(batchId === undefined ? {} : { batch: { batchId } }),
      order: { invoiceNumber, description },
      ...{ authAmount, settleAmount },
      payment: { creditCard: { cardNumber: accountNumber, expirationDate: 'XXXX', cardType: 'Visa' } },
      ...{ marketType: MARKETS[Number(marketType)], product: 'Card Not Present' },
    },
  };
}

const MARKETS = ['eCommerce', 'MOTO', 'Retail'];

/** One page of a list, newest first. `offset` counts pages. */
export function page(all: readonly Transaction[], { paging }: Readonly<Record<string, unknown>>): object {
  const { limit = 1_000, offset = 1 } = (paging ?? {}) as { limit?: number; offset?: number };
  const transactions = all.slice((offset - 1) * limit, offset * limit).map(summaryOf);
  if (transactions.length === 0)
    return { ...messages('Ok', 'I00004', 'No records found.'), totalNumInResultSet: 0 };
  return ok({ transactions, totalNumInResultSet: transactions.length });
}

const summaryOf = (transaction: Transaction) => ({
  ...{ transId: transaction.transId, submitTimeUTC: new Date(transaction.submitted).toISOString() },
  ...{ transactionStatus: transaction.status, invoiceNumber: transaction.invoiceNumber },
  ...{ accountType: 'Visa', accountNumber: transaction.accountNumber },
  ...{ settleAmount: transaction.settleAmount, product: 'Card Not Present' },
});
