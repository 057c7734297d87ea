import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GATEWAY_KINDS, type Gateway, type GatewayWays } from '@sordino/payments';
import { type AuthorizeNetSimulator, startAuthorizeNetSimulator } from '@sordino/testkit';
import { type CapturedRequest, startCaptureServer } from './capture-server.ts';
import { aCard, aRequest, aTrace, keepNothing, WAYS } from './support.ts';

/** The connector against a simulated account, over real sockets: what the ledger says is what was charged. */
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
let simulator: AuthorizeNetSimulator;
let gateway: Gateway;

function open(url: string, key = 'key', ways: Partial<GatewayWays> = {}): Gateway {
  const kind = GATEWAY_KINDS.find(({ type }) => type === 'authorize_net');
  if (kind === undefined) throw new Error('authorize_net is not registered');
  return kind.create({
    ...{ url, livemode: false, settings: { api_login_id: 'login' } },
    secrets: { transaction_key: bytes(key), signature_key: bytes('signature') },
    ways: { ...WAYS, ...ways },
  });
}

beforeAll(async () => {
  simulator = await startAuthorizeNetSimulator();
  gateway = open(simulator.url);
});
afterAll(() => simulator.close());

const booked = (reference: string) =>
  simulator.report().entries.filter((entry) => entry.reference === reference);

async function approvedId(key: string, type: 'charge' | 'authorize' = 'charge'): Promise<string> {
  const outcome = await gateway.charge(aRequest(key, { type }), aCard(), keepNothing);
  if (outcome.kind !== 'approved' || !outcome.gatewayId) throw new Error(`not approved: ${outcome.kind}`);
  return outcome.gatewayId;
}
const step = (kind: 'settle' | 'void' | 'refund', of: string, gatewayId: string, amount = 4_999, key = '') =>
  gateway.followUp?.({ kind, key: key || `${kind}-${of}`, charge: aTrace(of), gatewayId, amount });

const APPROVED = {
  ...{ kind: 'approved', authCode: expect.stringMatching(/^[A-Z0-9]{6}$/), token: null },
  gatewayId: expect.stringMatching(/^60\d{9}$/),
};

describe('Authorize.Net', () => {
  it.each(['charge', 'authorize'] as const)('%s: approved, with the right amount', async (type) => {
    const key = `chg_0123456789abcdefghjk_${type}`;
    expect(await gateway.charge(aRequest(key, { type }), aCard('4111111111111111'), keepNothing)).toEqual(
      APPROVED,
    );
    expect(booked(key)).toMatchObject([{ kind: type, amount: 4_999, currency: 'gbp', status: 'approved' }]);
  });

  it('saves a card, once', async () => {
    const request = aRequest('save', { type: 'tokenize', amount: 0 });
    const first = await gateway.charge(request, aCard(), keepNothing);
    expect(first).toMatchObject({ kind: 'approved', token: expect.stringMatching(/^\d{10}_\d{10}$/) });
    expect(await gateway.charge(request, aCard(), keepNothing)).toEqual(first);
    expect(await gateway.query(aTrace('save', { type: 'tokenize' }))).toEqual(first);
    expect(booked('save')).toHaveLength(1);
    expect(await gateway.query(aTrace('unsaved', { type: 'tokenize' }))).toEqual({ kind: 'not_found' });
  });

  it('does not save a card that the bank refuses', async () => {
    const request = aRequest('save-no', { type: 'tokenize', amount: 0 });
    expect(await gateway.charge(request, aCard('4111111111111111', '901'), keepNothing)).toMatchObject({
      kind: 'declined',
      advice: { category: 'bad_cvv', raw: '65' },
    });
    expect(booked('save-no')).toEqual([]);
  });

  it.each([
    ['zip', aCard('4111111111111111', '123', '46282'), 'generic_decline', 'do_not_honour', '2'],
    ['avs', aCard('4111111111111111', '123', '46205'), 'generic_decline', 'avs', '27'],
    ['cvv', aCard('4111111111111111', '901'), 'incorrect_cvc', 'bad_cvv', '65'],
    ['old', aCard('4111111111111111', '123', '', '0120'), 'expired_card', 'expired', '8'],
    ['not-a-test-card', aCard('4000056655665556'), 'generic_decline', 'bad_number', '6'],
  ])('declines (%s), and says why', async (name, card, declineCode, category, raw) => {
    const outcome = await gateway.charge(aRequest(`no-${name}`), card, keepNothing);
    expect(outcome).toMatchObject({ kind: 'declined', declineCode, advice: { category, raw } });
    if (booked(`no-${name}`).length > 0) expect(await gateway.query(aTrace(`no-${name}`))).toEqual(outcome);
    expect(booked(`no-${name}`).filter(({ status }) => status !== 'declined')).toEqual([]);
  });

  it.each(['drop_after', 'reset', 'half_body', '500_after_commit'] as const)(
    'whose answer is lost (%s) is found among the unsettled, and was made once',
    async (fault) => {
      simulator.plan({ next: [fault] });
      expect(await gateway.charge(aRequest(fault), aCard(), keepNothing)).toMatchObject({ kind: 'unknown' });
      expect(await gateway.query(aTrace(fault))).toEqual(APPROVED);
      expect(booked(fault)).toHaveLength(1);
    },
  );

  it('that is slow is waited for', async () => {
    simulator.plan({ next: ['delay:300'] });
    expect(await gateway.charge(aRequest('slow'), aCard(), keepNothing)).toEqual(APPROVED);
    expect(booked('slow')).toHaveLength(1);
  });

  it('that never arrived is found nowhere', async () => {
    simulator.plan({ next: ['drop_before'] });
    expect(await gateway.charge(aRequest('dropped'), aCard(), keepNothing)).toMatchObject({
      kind: 'unknown',
    });
    expect(await gateway.query(aTrace('dropped'))).toEqual({ kind: 'not_found' });
    expect(booked('dropped')).toEqual([]);
  });

  it('is found after the nightly settlement too, and a list that cannot be read proves nothing', async () => {
    simulator.plan({ next: ['drop_after'] });
    await gateway.charge(aRequest('night'), aCard(), keepNothing);
    simulator.settleBatch();
    simulator.plan({ lookups: ['reset'] });
    expect(await gateway.query(aTrace('night'))).toEqual({ kind: 'unknown', code: 'query_failed' });
    expect(await gateway.query(aTrace('night'))).toEqual(APPROVED);
  });

  it('said twice is one charge: the gateway names the original', async () => {
    const first = await gateway.charge(aRequest('twice'), aCard(), keepNothing);
    expect(await gateway.charge(aRequest('twice'), aCard(), keepNothing)).toEqual(first);
    const refused = await gateway.charge(
      aRequest('twice-no'),
      aCard('4111111111111111', '123', '46282'),
      keepNothing,
    );
    expect(
      await gateway.charge(aRequest('twice-no'), aCard('4111111111111111', '123', '46282'), keepNothing),
    ).toEqual(refused);
    expect(booked('twice')).toHaveLength(1);
    expect(booked('twice-no')).toHaveLength(1);
  });

  it('held for review stays unknown until somebody decides', async () => {
    const big = aRequest('held', { amount: 5_000_000 });
    expect(await gateway.charge(big, aCard(), keepNothing)).toEqual({
      kind: 'unknown',
      code: 'held_for_review',
    });
    expect(await gateway.query(aTrace('held'))).toEqual({ kind: 'unknown', code: 'held_for_review' });
    simulator.review(booked('held')[0]?.id ?? '', true);
    expect(await gateway.query(aTrace('held'))).toEqual(APPROVED);
  });

  it('with other credentials fails, and nothing is charged', async () => {
    const stranger = open(simulator.url, 'other');
    expect(await stranger.charge(aRequest('stranger'), aCard(), keepNothing)).toEqual({
      kind: 'failed',
      code: 'e00007',
    });
    expect(booked('stranger')).toEqual([]);
  });

  it('where nobody listens was not sent', async () => {
    const nobody = open('http://127.0.0.1:1');
    expect(await nobody.charge(aRequest('nobody'), aCard(), keepNothing)).toEqual({
      kind: 'not_sent',
      code: 'gateway_unreachable',
    });
  });

  it('leaves nothing of the card in its buffers', async () => {
    const buffers: Uint8Array[] = [];
    const cardMemory = (byteCount: number): Uint8Array => {
      const buffer = new Uint8Array(byteCount);
      buffers.push(buffer);
      return buffer;
    };
    await open(simulator.url, 'key', { cardMemory }).charge(aRequest('wiped'), aCard(), keepNothing);
    expect(buffers.map((buffer) => buffer.length >= 256 && buffer.every((byte) => byte === 0))).toEqual([
      true,
    ]);
  });
});

describe('a notice of Authorize.Net', () => {
  const read = ({ headers, body }: CapturedRequest, nowMs = Date.now()) =>
    gateway.notices?.({ headers: headers as Record<string, string>, body: bytes(body), nowMs });

  it('tells of a charge by the end of our key, and of later steps by its own id', async () => {
    await using receiver = await startCaptureServer();
    simulator.notices.sendTo(receiver.url);
    const key = 'chg_0123456789abcdefghjkmnpqnt';
    const gatewayId = await approvedId(key, 'authorize');
    await simulator.notices.idle();
    const first = receiver.take();
    expect(read(first)).toMatchObject({
      kind: 'read',
      items: [{ about: { keyEnd: key.slice(-20) }, tells: { of: 'charge', outcome: { gatewayId } } }],
    });
    for (const kind of ['settle', 'void'] as const) {
      await step(kind, key, gatewayId);
      await simulator.notices.idle();
      expect(read(receiver.take())).toMatchObject({
        items: [{ about: { gatewayId }, tells: { of: kind, outcome: { kind: 'done', gatewayId } } }],
      });
    }
    await gateway.charge(aRequest('held-2', { amount: 5_000_000 }), aCard(), keepNothing);
    simulator.review(booked('held-2')[0]?.id ?? '', false);
    await simulator.notices.idle();
    expect(read(receiver.take())).toMatchObject({
      items: [
        { tells: { of: 'charge', outcome: { kind: 'declined', advice: { category: 'fraud_block' } } } },
      ],
    });
    expect(read({ ...first, body: first.body.replace('"responseCode":1', '"responseCode":2') })).toEqual({
      kind: 'refused',
      code: 'bad_signature',
    });
    expect(read(first, Date.now() + 11 * 86_400_000)).toEqual({ kind: 'refused', code: 'too_old' });
    simulator.plan({ notices: ['duplicate'] });
    await approvedId('twice-told');
    await simulator.notices.idle();
    const [once, again] = [read(receiver.take()), read(receiver.take())];
    expect(again).toEqual(once);
  });
});

describe('a step after a charge at Authorize.Net', () => {
  it('settles what was authorised, less if it must be, and only once', async () => {
    const id = await approvedId('settle', 'authorize');
    const done = { kind: 'done', gatewayId: id };
    simulator.plan({ next: ['drop_after'] });
    expect(await step('settle', 'settle', id, 3_000)).toMatchObject({ kind: 'unknown' });
    expect(await step('settle', 'settle', id, 3_000)).toEqual(done);
    expect(await step('settle', 'settle', id, 4_999)).toEqual({ kind: 'refused', code: 'already_settled' });
    expect(booked('settle')).toMatchObject([{ status: 'settled', settled: 3_000 }]);
  });

  it('settles no more than was authorised', async () => {
    const id = await approvedId('too-much', 'authorize');
    expect(await step('settle', 'too-much', id, 5_000)).toEqual({ kind: 'refused', code: 'reason_47' });
  });

  it('voids, also when its answer was lost', async () => {
    const id = await approvedId('void');
    simulator.plan({ next: ['reset'] });
    expect(await step('void', 'void', id)).toMatchObject({ kind: 'unknown' });
    expect(await step('void', 'void', id)).toEqual({ kind: 'done', gatewayId: id });
    expect(booked('void')).toMatchObject([{ status: 'voided' }]);
    expect(await gateway.query(aTrace('void'))).toEqual({ kind: 'failed', code: 'charge_voided' });
  });

  it('refunds what is settled, in parts, and the same part once', async () => {
    const id = await approvedId('refund');
    expect(await step('refund', 'refund', id)).toEqual({ kind: 'refused', code: 'not_settled_yet' });
    simulator.settleBatch();
    expect(await step('void', 'refund', id)).toEqual({ kind: 'refused', code: 'already_settled' });
    simulator.plan({ next: ['500_after_commit'] });
    expect(await step('refund', 'refund', id, 1_000, 'part-1')).toMatchObject({ kind: 'unknown' });
    expect(await step('refund', 'refund', id, 1_000, 'part-1')).toMatchObject({ kind: 'done' });
    simulator.settleBatch();
    expect(await step('refund', 'refund', id, 1_000, 'part-1')).toMatchObject({ kind: 'done' });
    expect(await step('refund', 'refund', id, 3_999, 'part-2')).toMatchObject({ kind: 'done' });
    expect(await step('refund', 'refund', id, 1, 'part-3')).toEqual({ kind: 'refused', code: 'reason_55' });
    expect(booked('refund')).toMatchObject([{ status: 'refunded', refunded: 4_999 }]);
  });

  it('of a charge that is not there is not done', async () => {
    expect(await step('void', 'none', '60999999999')).toEqual({ kind: 'unknown', code: 'look_up_failed' });
  });
});
