import { describe, expect, it } from '@jest/globals';
import type { CreateSessionBody } from '@sordino/core';
import { aCreateBody, aPaymentSession, CALLER, World } from '../test-support/payment-session.ts';

/** What a caller may send whatever the types say. */
const intent = (more: object) =>
  ({ intent: { type: 'charge', amount: 4999, currency: 'gbp', ...more } }) as Partial<CreateSessionBody>;

describe('creating a session', () => {
  it('answers with the rendezvous and a secret that is shown once', async () => {
    const world = new World();
    const created = await world.service.create(CALLER, aCreateBody({ metadata: { order: '7' } }));
    if (!created.ok) throw new Error(created.problem.message);
    expect(created.value).toMatchObject({
      object: 'session',
      livemode: false,
      status: 'awaiting_media',
      topology: 'original',
      cycle: 1,
      connector: 'con_sandbox',
      mask: { style: 'flat_tone', hold: 'per_key' },
      intent: { type: 'charge', amount: 4999, currency: 'gbp', reference: 'INV-7' },
      rendezvous: { sip_uri: expect.stringContaining('sip:'), header: { 'X-Sordino-Token': 'tok_x' } },
      metadata: { order: '7' },
      last_event_seq: 1,
    });
    expect(created.value.id).toMatch(/^ses_[0-9a-z]{26}$/);
    expect(created.value.client_secret).toMatch(/^ses_[0-9a-z]{26}_secret_[0-9a-z]{26}$/);
    expect(created.value.fields.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'card_number empty',
      'expiry empty',
      'cvc empty',
    ]);
    const read = world.service.read(CALLER, created.value.id);
    expect(read.ok && read.value).not.toHaveProperty('client_secret');
    expect(JSON.stringify(world.store.changes)).not.toContain(created.value.client_secret?.split('_').at(-1));
  });

  it('takes the connector of its key’s mode, and no other: test money and real money never mix', async () => {
    const world = new World();
    const live = { ...CALLER, livemode: true };
    const created = await world.service.create(live, aCreateBody());
    expect(created).toMatchObject({ ok: true, value: { livemode: true, connector: 'con_live' } });
    for (const [caller, connector] of [
      [live, 'con_sandbox'],
      [CALLER, 'con_live'],
    ] as const) {
      const call = { platform: 'plt_main', call_id: `another for ${connector}` };
      expect(await world.service.create(caller, aCreateBody({ connector, call }))).toMatchObject({
        ok: false,
        problem: { httpStatus: 400, code: 'connector_of_other_mode', param: 'connector' },
      });
    }
  });

  it('hands the call side a fresh public key and nothing else of the session', async () => {
    const world = new World();
    await aPaymentSession().in(world).build();
    const [expected] = [...world.calls.expected.values()];
    expect(expected?.sealTo).toHaveLength(32);
    expect(expected?.timeoutMs).toBe(8_000);
  });

  it.each<[string, Partial<CreateSessionBody>, string, string]>([
    ['an amount of nothing', intent({ amount: 0 }), 'intent.amount', 'amount_out_of_range'],
    ['a negative amount', intent({ amount: -1 }), 'intent.amount', 'amount_out_of_range'],
    ['half a penny', intent({ amount: 0.5 }), 'intent.amount', 'amount_out_of_range'],
    ['too large an amount', intent({ amount: 100_000_000 }), 'intent.amount', 'amount_out_of_range'],
    ['an amount that is text', intent({ amount: '4999' }), 'intent.amount', 'amount_out_of_range'],
    ['a currency in capitals', intent({ currency: 'GBP' }), 'intent.currency', 'unknown_currency'],
    ['no such currency', intent({ currency: 'xxx' }), 'intent.currency', 'unknown_currency'],
    ['no such intent', intent({ type: 'refund' }), 'intent.type', 'unsupported_value'],
    [
      'a card number as reference',
      intent({ reference: '4242 4242 4242 4242' }),
      'intent.reference',
      'card_data_refused',
    ],
    ['a long reference', intent({ reference: 'x'.repeat(256) }), 'intent.reference', 'too_long'],
    ['an unknown connector', { connector: 'con_other' }, 'connector', 'unknown_connector'],
    [
      'an unknown platform',
      { call: { platform: 'plt_x', call_id: 'e-1' } },
      'call.platform',
      'unknown_platform',
    ],
    ['no call id', { call: { platform: 'plt_main', call_id: '' } }, 'call.call_id', 'parameter_missing'],
    ['a field twice', { fields: ['card_number', 'expiry', 'expiry'] }, 'fields[2]', 'duplicate_field'],
    ['no such field', { fields: ['card_number', 'pin'] } as never, 'fields[1]', 'unknown_field'],
    [
      'a field that the connector cannot use',
      { fields: ['card_number', 'expiry', 'bank_account'] },
      'fields[2]',
      'unsupported_field',
    ],
    ['no expiry', { fields: ['card_number'] }, 'fields', 'field_missing'],
    ['no field at all', { fields: [] }, 'fields', 'field_missing'],
    ['no time to start', { start: { timeout_ms: 10 } }, 'start.timeout_ms', 'out_of_range'],
    ['an hour to start', { start: { timeout_ms: 3_600_000 } }, 'start.timeout_ms', 'out_of_range'],
    ['no such start', { start: { method: 'call_me' } } as never, 'start.method', 'unsupported_value'],
    ['no such mode', { mode: 'ivr' } as never, 'mode', 'unsupported_value'],
    ['no such mask', { mask: { style: 'loud' } } as never, 'mask.style', 'unsupported_value'],
    ['no such hold', { mask: { hold: 'never' } } as never, 'mask.hold', 'unsupported_value'],
    [
      'a card number in the metadata',
      { metadata: { note: '4242424242424242' } },
      'metadata.note',
      'card_data_refused',
    ],
    ['a card number for a name', { agent: { id: '378282246310005' } }, 'agent.id', 'card_data_refused'],
    [
      'too much metadata',
      { metadata: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, ''])) },
      'metadata',
      'too_many_keys',
    ],
    ['a long metadata value', { metadata: { k: 'x'.repeat(501) } }, 'metadata.k', 'too_long'],
  ])('refuses %s', async (_, body, param, code) => {
    const world = new World();
    expect(await world.service.create(CALLER, aCreateBody(body))).toMatchObject({
      ok: false,
      problem: { httpStatus: 400, type: 'invalid_request_error', param, code },
    });
    expect(world.store.changes).toEqual([]);
    expect(world.calls.expected.size).toBe(0);
  });

  it('takes an amount of nothing when only a token is wanted', async () => {
    const body = aCreateBody({ intent: { type: 'tokenize', amount: 0, currency: 'gbp' } });
    expect(await new World().service.create(CALLER, body)).toMatchObject({ ok: true });
  });

  it('refuses a second live session for one call, even at the same instant', async () => {
    const { service, store } = new World();
    const both = await Promise.all([
      service.create(CALLER, aCreateBody()),
      service.create(CALLER, aCreateBody()),
    ]);
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    expect(both.find(({ ok }) => !ok)).toMatchObject({
      problem: { httpStatus: 409, type: 'call_error', code: 'session_exists' },
    });
    expect(store.changes).toHaveLength(1);
  });

  it.each(['overloaded', 'draining'] as const)('says 503 when the call side is %s', async (code) => {
    const world = new World();
    world.calls.refusal = { code, message: 'not now' };
    expect(await world.service.create(CALLER, aCreateBody())).toMatchObject({
      ok: false,
      problem: { httpStatus: 503, code, retryable: true },
    });
  });

  it.each([
    ['refer_not_enabled', 'start.method'],
    ['dialog_missing', 'call.dialog'],
  ] as const)('refuses to ask for the call where the call side says %s', async (code, param) => {
    const world = new World();
    world.calls.refusal = { code, message: 'not so' };
    const body = aCreateBody({ start: { method: 'refer' } });
    expect(await world.service.create(CALLER, body)).toMatchObject({
      ok: false,
      problem: { httpStatus: 400, type: 'invalid_request_error', code, param },
    });
  });

  it.each([
    [undefined, 'await_invite'],
    [{ timeout_ms: 8_000 }, 'await_invite'],
    [{ method: 'await_invite' }, 'await_invite'],
    [{ method: 'refer' }, 'refer'],
  ] as const)('starts %j by %s', async (start, method) => {
    const world = new World();
    await world.service.create(CALLER, aCreateBody(start === undefined ? {} : { start }));
    expect([...world.calls.expected.values()].map((call) => call.start)).toEqual([method]);
  });

  it('takes the rendezvous back when the session cannot be stored', async () => {
    const world = new World();
    world.store.failures = 1;
    expect(await world.service.create(CALLER, aCreateBody())).toMatchObject({
      ok: false,
      problem: { httpStatus: 503, code: 'storage_unavailable', retryable: true },
    });
    expect(world.calls.restores.map(({ reason }) => reason)).toEqual(['not_created']);
    expect(world.clock.pending).toBe(0);
  });
});

describe('a client secret', () => {
  it('fits its own session and no other', async () => {
    const { world, id, created } = await aPaymentSession().build();
    const secret = created.client_secret ?? '';
    expect(world.service.callerForClientSecret(secret)).toEqual({ caller: CALLER, session: id });
    const wrong = [
      '',
      '_secret_',
      id,
      `${secret}x`,
      secret.slice(0, -1),
      secret.replace(id, 'ses_00000000000000000000000000'),
      `${id}_secret_${'0'.repeat(26)}`,
      `${id}_secret_${'0'.repeat(100_000)}`,
    ];
    for (const guess of wrong) expect(world.service.callerForClientSecret(guess)).toBeUndefined();
  });
});
