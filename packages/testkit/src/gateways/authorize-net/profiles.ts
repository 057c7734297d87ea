import { type Account, digits } from './account.ts';
import { error, ok } from './answers.ts';
import type { CreditCard } from './protocol.ts';
import { verdictOn } from './test-cards.ts';

interface Profile {
  readonly customerProfileId: string;
  readonly merchantCustomerId: string;
  readonly customerPaymentProfileId: string;
  readonly cardNumber: string;
}

/** Customer profiles: the saved cards of an account. */
export class ProfileDesk {
  readonly #account: Account;
  readonly #profiles = new Map<string, Profile>();

  constructor(account: Account) {
    this.#account = account;
  }

  answer(root: string, members: Readonly<Record<string, unknown>>): object {
    if (root === 'getCustomerProfileRequest') return this.#get(String(members.merchantCustomerId));
    return this.#create(
      members.profile as {
        merchantCustomerId: string;
        description: string;
        paymentProfiles: [{ payment: { creditCard: CreditCard }; billTo?: { zip?: string } }];
      },
    );
  }

  #create({
    merchantCustomerId,
    description,
    paymentProfiles: [{ payment, billTo }],
  }: {
    merchantCustomerId: string;
    description: string;
    paymentProfiles: [{ payment: { creditCard: CreditCard }; billTo?: { zip?: string } }];
  }): object {
    const known = this.#profiles.get(merchantCustomerId);
    if (known !== undefined)
      return error(
        'E00039',
        `A duplicate record with ID ${known.customerProfileId} already exists.`,
        NO_LISTS,
      );
    const { responseCode, reason } = verdictOn(payment.creditCard, billTo?.zip, 0, this.#account.nowMs());
    const direct = `${responseCode},1,${reason ?? '1'},Text,AB12CD,Y,0,none`;
    if (responseCode !== '1')
      return error('E00027', 'The transaction was unsuccessful.', {
        ...NO_LISTS,
        validationDirectResponseList: [direct],
      });
    const [customerProfileId, customerPaymentProfileId] = [digits(10), digits(10)];
    this.#profiles.set(merchantCustomerId, {
      ...{ customerProfileId, merchantCustomerId, customerPaymentProfileId },
      cardNumber: `XXXX${payment.creditCard.cardNumber.slice(-4)}`,
    });
    this.#account.savedCard(customerProfileId, description);
    return ok({
      ...{ customerProfileId, customerPaymentProfileIdList: [customerPaymentProfileId] },
      ...{ customerShippingAddressIdList: [], validationDirectResponseList: [direct] },
    });
  }

  #get(merchantCustomerId: string): object {
    const found = this.#profiles.get(merchantCustomerId);
    if (found === undefined) return error('E00040', 'The record cannot be found.');
    const { customerProfileId, customerPaymentProfileId, cardNumber } = found;
    const payment = { creditCard: { cardNumber, expirationDate: 'XXXX' } };
    return ok({
      profile: {
        ...{ paymentProfiles: [{ customerPaymentProfileId, payment }], profileType: 'regular' },
        ...{ customerProfileId, merchantCustomerId },
      },
    });
  }
}

const NO_LISTS = { customerPaymentProfileIdList: [], customerShippingAddressIdList: [] };
