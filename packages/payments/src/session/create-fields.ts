import { type CreateSessionBody, FIELD_NAMES, type FieldName } from '@sordino/core';
import { BANK_CURRENCIES } from '../card/bank.ts';
import type { GatewayCapabilities } from '../gateways/gateway.ts';
import { badParam } from './problems.ts';

type Problem = ReturnType<typeof badParam>;

/** A card cannot be charged without these. */
const NEEDED_OF_CARDS: readonly FieldName[] = ['card_number', 'expiry'];
const FIELDS_OF_BANKS: readonly FieldName[] = ['bank_routing', 'bank_account'];

/** What is wrong with the fields of a create request, for this intent and this connector. */
export function wrongFields(
  fields: readonly FieldName[],
  intent: CreateSessionBody['intent'],
  capabilities: GatewayCapabilities | undefined,
): Problem | undefined {
  const unknown = fields.findIndex((field) => !FIELD_NAMES.includes(field));
  if (unknown >= 0)
    return badParam(`fields[${unknown}]`, 'unknown_field', `a field is one of ${FIELD_NAMES.join(', ')}`);
  const twice = fields.findIndex((field, at) => fields.indexOf(field) !== at);
  if (twice >= 0)
    return badParam(
      `fields[${twice}]`,
      'duplicate_field',
      `${fields[twice]} is named twice: name each field once`,
    );
  const bank = fields.findIndex((field) => FIELDS_OF_BANKS.includes(field));
  if (bank >= 0) return wrongBankFields(fields, bank, intent, capabilities);
  const missing = NEEDED_OF_CARDS.find((field) => !fields.includes(field));
  if (missing)
    return badParam(
      'fields',
      'field_missing',
      `a card payment needs ${NEEDED_OF_CARDS.join(' and ')}: add ${missing}`,
    );
  return undefined;
}

function wrongBankFields(
  fields: readonly FieldName[],
  first: number,
  { type, currency }: CreateSessionBody['intent'],
  capabilities: GatewayCapabilities | undefined,
): Problem | undefined {
  if (capabilities?.bankAccounts !== true)
    return badParam(
      `fields[${first}]`,
      'unsupported_field',
      `this connector charges cards: ${fields[first]} cannot be used with it`,
    );
  const foreign = fields.findIndex((field) => !FIELDS_OF_BANKS.includes(field));
  if (foreign >= 0)
    return badParam(
      `fields[${foreign}]`,
      'unsupported_field',
      `a payment is from a card or from a bank account: ${fields[foreign]} does not go with ${fields[first]}`,
    );
  const missing = FIELDS_OF_BANKS.find((field) => !fields.includes(field));
  if (missing)
    return badParam(
      'fields',
      'field_missing',
      `a payment from a bank account needs ${FIELDS_OF_BANKS.join(' and ')}: add ${missing}`,
    );
  if (type !== 'charge')
    return badParam(
      'intent.type',
      'unsupported_value',
      'a bank account can only be charged: intent.type must be charge',
    );
  if (!BANK_CURRENCIES.some((known) => known === currency))
    return badParam(
      'intent.currency',
      'unsupported_value',
      `bank accounts are taken in ${BANK_CURRENCIES.join(' and ')}: what a routing number is differs from country to country`,
    );
  return undefined;
}
