import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { GatewayWays } from '../kind.ts';
import { noticeReader } from './notices.ts';

const NOW = Date.UTC(2026, 10, 22, 18);
const ways: Pick<GatewayWays, 'hmac' | 'digest'> = {
  hmac: (hash, key, ...parts) => {
    const mac = createHmac(hash, key);
    for (const part of parts) mac.update(part);
    return mac.digest();
  },
  digest: (hash, ...parts) => {
    const sum = createHash(hash);
    for (const part of parts) sum.update(part);
    return sum.digest();
  },
};
const read = noticeReader({ merchantId: 'm', publicKey: 'public', privateKey: 'private' }, 'gbp', ways);

const sign = (payload: string, key = 'private'): string =>
  createHmac('sha1', createHash('sha1').update(key).digest()).update(payload).digest('hex');
function notice(xml: string, { payload = `${btoa(xml)}\n`, signature = `public|${sign(payload)}` } = {}) {
  const form = new URLSearchParams({ bt_signature: signature, bt_payload: payload });
  return { headers: {}, body: new TextEncoder().encode(form.toString()), nowMs: NOW };
}
const about = (kind: string, transaction: string, timestamp = '2026-11-22T17:59:00Z') =>
  `<notification><timestamp type="datetime">${timestamp}</timestamp><kind>${kind}</kind>` +
  `<subject><transaction>${transaction}</transaction></subject></notification>`;
const SALE =
  '<id>abc123</id><status>settled</status><type>sale</type><order-id>chg_1</order-id><currency-iso-code>GBP</currency-iso-code>';
const good = about('transaction_disbursed', SALE);

describe('a notice of Braintree', () => {
  it.each([
    ['transaction_disbursed', SALE, { key: 'chg_1' }, { kind: 'approved', gatewayId: 'abc123' }],
    [
      'transaction_settled',
      SALE.replace('<order-id>chg_1</order-id>', ''),
      { gatewayId: 'abc123' },
      { kind: 'approved' },
    ],
    [
      'transaction_settlement_declined',
      SALE.replace('settled', 'settlement_declined'),
      { key: 'chg_1' },
      { kind: 'failed', code: 'settlement_declined' },
    ],
    ['transaction_disbursed', SALE.replace('GBP', 'USD'), { key: 'chg_1' }, { kind: 'unknown' }],
  ])('%s', (kind, transaction, which, outcome) => {
    expect(read(notice(about(kind, transaction)))).toMatchObject({
      kind: 'read',
      items: [{ id: `${kind}_abc123_2026-11-22T17.59.00Z`, about: which, tells: { of: 'charge', outcome } }],
    });
  });

  it.each([
    [
      'check',
      '<notification><timestamp>2026-11-22T17:59:00Z</timestamp><kind>check</kind><subject><check type="boolean">true</check></subject></notification>',
    ],
    ['a refund that failed', about('refund_failed', SALE.replace('sale', 'credit'))],
    ['a dispute', about('dispute_opened', SALE)],
  ])('%s tells nothing of a charge', (_name, xml) =>
    expect(read(notice(xml))).toEqual({ kind: 'read', items: [] }),
  );

  it('is taken by any of several keys, and with the signature over its line break or not', () => {
    const payload = btoa(good);
    const other = `other|${sign(payload)}`;
    expect(read(notice('', { payload, signature: `${other}&public|${sign(payload)}` }))).toMatchObject({
      kind: 'read',
    });
    expect(read(notice('', { payload, signature: `public|${sign(`${payload}\n`)}` }))).toMatchObject({
      kind: 'read',
    });
  });

  const payload = `${btoa(good)}\n`;
  it.each<[string, ReturnType<typeof notice>, string]>([
    ['no signature', notice(good, { signature: '' }), 'bad_signature'],
    ["somebody else's key", notice(good, { signature: `other|${sign(payload)}` }), 'bad_signature'],
    ['another private key', notice(good, { signature: `public|${sign(payload, 'guess')}` }), 'bad_signature'],
    ['another payload', notice(`${good} `, { signature: `public|${sign(payload)}` }), 'bad_signature'],
    ['letters that are none', notice(good, { payload: `${payload}<` }), 'bad_signature'],
    ['no form', { headers: {}, body: new Uint8Array([0xff]), nowMs: NOW }, 'bad_signature'],
    ['base64 that is none', notice('', { payload: 'a' }), 'unreadable'],
    ['no XML', notice('hello'), 'unreadable'],
    ['another document', notice('<other/>'), 'unreadable'],
    ['no subject', notice('<notification><kind>check</kind></notification>'), 'unreadable'],
    ['no time', notice(about('transaction_disbursed', SALE, 'soon')), 'unreadable'],
    ['two days old', notice(about('transaction_disbursed', SALE, '2026-11-20T17:59:00Z')), 'too_old'],
  ])('%s is refused', (_name, given, code) => expect(read(given)).toEqual({ kind: 'refused', code }));
});
