/** What the agent can say or do next, per reason. Shown on the agent's page and in `field.rejected`; never a digit. */
const HINTS = {
  length:
    'the card number is too short or too long: ask the customer to key all digits on the front of the card',
  checksum: 'a digit is wrong: ask the customer to key the card number again, slowly',
  doubled: 'each key was heard twice: ask the customer to press each key briefly, or to use another phone',
  brand_refused: 'this kind of card is not accepted here: ask for another card',
  not_a_test_card:
    'this is a test session: it takes only the published test card numbers, never a real card (see the list of test cards in the docs)',
  expiry_length: 'the expiry date has four digits, month then year: 0730 is July 2030',
  expiry_month: 'the month comes first, 01 to 12: 0730 is July 2030',
  expiry_expired: 'the card has expired: ask for another card',
  expiry_too_far: 'the year is too far ahead: month first, then the last two digits of the year',
  security_code: 'the security code has 3 digits on the back, or 4 on the front of an American Express card',
  security_code_brand:
    'the security code does not have the length that this card brand uses: collect it again',
  postal_code: 'the postal code has 3 to 10 digits',
  bank_routing: 'a digit is wrong: the routing number has nine digits, at the bottom left of a cheque',
  sort_code: 'the sort code has six digits, without the dashes',
  bank_account: 'the account number has 4 to 17 digits',
  bank_account_gbp: 'the account number has eight digits: a shorter one begins with zeros',
  not_a_test_account:
    'this is a test session: it takes only the published test accounts, never a real one (see the list in the docs)',
  key_again: 'ask the customer to key the same number once more, to be sure of it',
  entries_differ: 'the two entries are not the same number: collect it again, both times',
  no_keys: 'no key was heard: ask the customer to open the keypad and check that the phone is not muted',
  unfinished:
    'the customer stopped before the field was complete: collect it again, or clear the last digits and go on',
  too_slow: 'the field took longer than a minute: collect it again',
  doubled_key:
    'a key was heard twice and counted once: if the number of digits does not fit, clear the field and ask for short presses',
  short_keys:
    'the keys are so short that some may not be heard: ask the customer to press each one for half a second, and watch the number of digits',
  keys_lost: 'a key press was lost on its way: collect the field again',
  refused_cvc: 'the bank refused the security code: ask for it again, or for another card',
  refused_expiry:
    'the bank refused the expiry date: ask for it and the security code again, or for another card',
  refused_postal_code:
    'the bank refused the postal code: ask for it and the security code again, or for another card',
  card_forgotten: 'the card was kept for two minutes and is wiped now: ask for all of it again',
  audit_unavailable:
    'no card can be taken now: take the payment another way, or collect the field again in a while',
  too_many_attempts: 'three tries failed: cancel, and take the payment another way',
} as const;

export type HintName = keyof typeof HINTS;

export const hintFor = (name: HintName): string => HINTS[name];
