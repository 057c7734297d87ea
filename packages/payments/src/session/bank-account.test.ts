import { describe, expect, it } from '@jest/globals';
import type { CreateSessionBody, FieldName } from '@sordino/core';
import { PLAIN_CAPABILITIES } from '../test-support/charge-trace.ts';
import { aCreateBody, aPaymentSession, CALLER, type Scene, World } from '../test-support/payment-session.ts';

const ROUTING = '110000000';
const ACCOUNT = '000123456789';
const FIELDS: readonly FieldName[] = ['bank_routing', 'bank_account'];

function aBank(): World {
  const world = new World();
  world.gateway.capabilities = { ...PLAIN_CAPABILITIES, bankAccounts: true };
  return world;
}

const aBankSession = (world = aBank(), currency = 'usd') =>
  aPaymentSession()
    .in(world)
    .with({ fields: FIELDS, intent: { type: 'charge', amount: 4_999, currency } });

async function keyAll(scene: Scene, routing = ROUTING, account = ACCOUNT): Promise<void> {
  await scene.agent.collects('bank_routing');
  await scene.customer.press(routing);
  await scene.customer.press(routing);
  await scene.agent.collects('bank_account');
  await scene.customer.press(`${account}#`);
  await scene.customer.press(`${account}#`);
  await scene.world.advance(0);
}

describe('a bank account', () => {
  it('is keyed twice, and charged with what was keyed', async () => {
    const scene = await aBankSession().ready().build();
    await keyAll(scene);
    expect(scene.session.status).toBe('ready_to_confirm');
    expect(scene.field('bank_routing')).toMatchObject({ state: 'captured', last4: '0000', length: 9 });
    expect(scene.field('bank_account')).toMatchObject({ state: 'captured', last4: '6789', length: 12 });
    expect(scene.story.slice(3)).toEqual([
      ...['field.collecting', 'field.collecting', 'field.hint', 'field.captured'],
      ...['field.collecting', 'field.collecting', 'field.hint', 'field.captured'],
      'session.ready_to_confirm',
    ]);
    expect(await scene.agent.confirms()).toMatchObject({ ok: true, value: { status: 'approved' } });
    const [seen] = scene.world.gateway.cardsSeen;
    const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
    expect([text(seen?.bank?.routing), text(seen?.bank?.account)]).toEqual([ROUTING, ACCOUNT]);
    expect([seen?.number.length, seen?.expiry.length]).toEqual([0, 0]);
    expect(scene.world.cardBuffers.every((buffer) => buffer.every((byte) => byte === 0))).toBe(true);
    expect(JSON.stringify([scene.world.store.changes, scene.world.logLines])).not.toContain(ACCOUNT);
  });

  it('in pounds has a sort code and eight digits', async () => {
    const scene = await aBankSession(aBank(), 'gbp').ready().build();
    await keyAll(scene, '108800', '00012345');
    expect(scene.field('bank_routing')).toMatchObject({ state: 'captured', last4: null, length: 6 });
    expect(scene.field('bank_account')).toMatchObject({ state: 'captured', last4: '2345', length: 8 });
  });

  it('asks for the second entry, masked all the while', async () => {
    const scene = await aBankSession().collecting('bank_routing').build();
    await scene.customer.press(ROUTING);
    expect(scene.field('bank_routing')).toMatchObject({ state: 'collecting', length: 0, attempts: 0 });
    expect(scene.last('field.collecting').data).toMatchObject({ field: 'bank_routing', entry: 2, length: 0 });
    expect(scene.last('field.hint').data).toMatchObject({ code: 'key_again' });
    expect(scene.world.calls.collecting.get(scene.id)).toBe(true);
  });

  it('whose entries differ is rejected, and both are keyed again', async () => {
    const scene = await aBankSession().collecting('bank_account').build();
    await scene.customer.press(`${ACCOUNT}#`);
    await scene.customer.press('000222222227#');
    expect(scene.field('bank_account')).toMatchObject({
      ...{ state: 'rejected', code: 'invalid_bank_account_number', attempts: 1, last4: null },
    });
    expect(scene.last('field.rejected').data.message).toContain('not the same number');
    expect(await scene.agent.clears('bank_account', 1)).toMatchObject({
      problem: { code: 'nothing_to_clear' },
    });
    await scene.agent.collects('bank_account');
    await scene.customer.press(`${ACCOUNT}#`);
    expect(scene.field('bank_account')).toMatchObject({ state: 'collecting', length: 0 });
    await scene.customer.press(`${ACCOUNT}#`);
    expect(scene.field('bank_account').state).toBe('captured');
  });

  it('with a wrong first entry is repaired like any field', async () => {
    const scene = await aBankSession().collecting('bank_routing').build();
    await scene.customer.press('110000001');
    expect(scene.field('bank_routing')).toMatchObject({ code: 'invalid_bank_routing_number' });
    await scene.agent.clears('bank_routing', 1);
    await scene.customer.press('0');
    expect(scene.last('field.hint').data).toMatchObject({ code: 'key_again' });
    await scene.customer.press(ROUTING);
    expect(scene.field('bank_routing').state).toBe('captured');
  });

  it('whose second entry is not finished in time begins from nothing', async () => {
    const scene = await aBankSession().collecting('bank_routing').build();
    await scene.customer.press(ROUTING);
    await scene.customer.press('1100');
    await scene.world.advance(15_000);
    expect(scene.field('bank_routing')).toMatchObject({ state: 'rejected', code: 'timeout' });
    await scene.agent.collects('bank_routing');
    await scene.customer.press(ROUTING);
    expect(scene.field('bank_routing')).toMatchObject({ state: 'collecting', length: 0 });
  });

  it('of which a key was lost in the second entry begins from nothing', async () => {
    const scene = await aBankSession().collecting('bank_routing').build();
    await scene.customer.press(ROUTING);
    scene.loseKey();
    await scene.customer.press('10000000');
    await scene.agent.collects('bank_routing');
    await scene.customer.press(ROUTING);
    expect(scene.last('field.hint').data).toMatchObject({ code: 'key_again' });
  });

  it('that is captured may be keyed again, twice', async () => {
    const scene = await aBankSession().ready().build();
    await keyAll(scene);
    await scene.agent.collects('bank_account');
    await scene.customer.press(`${ACCOUNT}#`);
    expect(scene.session.status).toBe('collecting');
    await scene.customer.press(`${ACCOUNT}#`);
    expect(scene.session.status).toBe('ready_to_confirm');
  });

  it('that is nobody’s test account is taken in no test session', async () => {
    const scene = await aBankSession().collecting('bank_account').build();
    await scene.customer.press('12345678#');
    expect(scene.field('bank_account')).toMatchObject({ code: 'invalid_bank_account_number' });
    expect(scene.last('field.rejected').data.message).toContain('test accounts');
  });

  it('that is declined may be followed by another one', async () => {
    const scene = await aBankSession().ready().build();
    await keyAll(scene);
    scene.world.gateway.charges = [() => ({ kind: 'declined', declineCode: 'insufficient_funds' })];
    expect(await scene.agent.confirms()).toMatchObject({ ok: true, value: { status: 'declined' } });
    await keyAll(scene, ROUTING, '000222222227');
    expect(await scene.agent.confirms()).toMatchObject({ ok: true, value: { status: 'approved' } });
  });

  it('of which a charge is in doubt keeps that account out, and no other', async () => {
    const world = aBank();
    const scene = await aBankSession(world).ready().build();
    await keyAll(scene);
    world.gateway.charges = [() => ({ kind: 'unknown', code: 'answer_lost' })];
    await scene.agent.confirms();
    const again = async (call_id: string, account: string) => {
      const other = await aPaymentSession()
        .in(world)
        .with({
          call: { platform: 'plt_main', call_id },
          fields: FIELDS,
          intent: { type: 'charge', amount: 4_999, currency: 'usd' },
        })
        .ready()
        .build();
      await keyAll(other, ROUTING, account);
      return other.agent.confirms();
    };
    expect(await again('e-92', ACCOUNT)).toMatchObject({ problem: { code: 'same_card_unknown' } });
    expect(await again('e-93', '000222222227')).toMatchObject({ ok: true, value: { status: 'approved' } });
  });

  it('is still here when the charge never left', async () => {
    const scene = await aBankSession().ready().build();
    await keyAll(scene);
    scene.world.gateway.charges = [() => ({ kind: 'not_sent', code: 'gateway_unreachable' })];
    await scene.agent.confirms();
    expect(scene.session.status).toBe('ready_to_confirm');
  });

  it.each<[string, Partial<CreateSessionBody>, string, string]>([
    ['with a card beside it', { fields: [...FIELDS, 'cvc'] }, 'fields[2]', 'unsupported_field'],
    ['without a routing number', { fields: ['bank_account'] }, 'fields', 'field_missing'],
    [
      'for a token',
      { fields: FIELDS, intent: { type: 'tokenize', amount: 0, currency: 'usd' } },
      'intent.type',
      'unsupported_value',
    ],
    [
      'in another currency',
      { fields: FIELDS, intent: { type: 'charge', amount: 1, currency: 'eur' } },
      'intent.currency',
      'unsupported_value',
    ],
  ])('%s is refused', async (_, change, param, code) => {
    const body = aCreateBody({ intent: { type: 'charge', amount: 1, currency: 'usd' }, ...change });
    expect(await aBank().service.create(CALLER, body)).toMatchObject({
      problem: { httpStatus: 400, type: 'invalid_request_error', param, code },
    });
  });

  it('is refused by a connector that takes none', async () => {
    const body = aCreateBody({ fields: FIELDS, intent: { type: 'charge', amount: 1, currency: 'usd' } });
    expect(await new World().service.create(CALLER, body)).toMatchObject({
      problem: { httpStatus: 400, param: 'fields[0]', code: 'unsupported_field' },
    });
  });
});
