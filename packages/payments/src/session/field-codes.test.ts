import { expect, it } from '@jest/globals';
import type { CreateSessionBody, FieldCode, FieldName } from '@sordino/core';
import { PLAIN_CAPABILITIES } from '../test-support/charge-trace.ts';
import { aPaymentSession, World } from '../test-support/payment-session.ts';

const CARD: Partial<CreateSessionBody> = { fields: ['card_number', 'expiry', 'cvc', 'postal_code'] };
const BANK: Partial<CreateSessionBody> = {
  fields: ['bank_routing', 'bank_account'],
  intent: { type: 'charge', amount: 1, currency: 'usd' },
};

/** One way to each of the field codes (design section 4); what is keyed once for each try. A record: none can be forgotten. */
const WAYS: Readonly<Record<FieldCode, readonly [FieldName, ...tries: string[]]>> = {
  timeout: ['card_number', '4242'],
  no_tones_heard: ['card_number', ''],
  invalid_card_number: ['card_number', '4242 4242 4242 4241#'],
  invalid_card_type: ['card_number', '5555 5555 5555 4444'],
  duplicate_tones: ['card_number', '44 22 44 22 44 22 44 11#'],
  invalid_date: ['expiry', '1330'],
  invalid_security_code: ['cvc', '12#'],
  invalid_postal_code: ['postal_code', '12#'],
  invalid_bank_routing_number: ['bank_routing', '110000001'],
  invalid_bank_account_number: ['bank_account', '123#'],
  too_many_attempts: ['expiry', '1330', '1331', '1332'],
};

it.each(Object.entries(WAYS))('%s is told of %j', async (code, [field, ...tries]) => {
  const world = new World({ acceptedBrands: ['visa', 'amex'] });
  world.gateway.capabilities = { ...PLAIN_CAPABILITIES, bankAccounts: true };
  const scene = await aPaymentSession()
    .in(world)
    .with(field.startsWith('bank') ? BANK : CARD)
    .ready()
    .build();
  for (const keys of tries) {
    await scene.agent.collects(field);
    await scene.customer.press(keys);
    await world.advance(30_000);
  }
  expect(scene.field(field)).toMatchObject({ state: 'rejected', code, attempts: tries.length, last4: null });
  expect(scene.last('field.rejected').data).toMatchObject({
    ...{ field, code, attempts: tries.length, attempts_left: 3 - tries.length },
    message: expect.stringMatching(/.{20}/),
  });
});
