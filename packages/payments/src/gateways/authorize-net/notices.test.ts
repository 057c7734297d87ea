import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { GatewayWays } from '../kind.ts';
import { noticeReader } from './notices.ts';

const NOW = Date.UTC(2026, 10, 22, 18);
const KEY = new TextEncoder().encode('0123456789ABCDEF');
const hmac: GatewayWays['hmac'] = (hash, key, ...parts) => {
  const mac = createHmac(hash, key);
  for (const part of parts) mac.update(part);
  return mac.digest();
};
const read = noticeReader(KEY, hmac);

const sign = (body: string): string => `sha512=${createHmac('sha512', KEY).update(body).digest('hex')}`;
function notice(body: string, signature: string | undefined = sign(body)) {
  const headers = { 'x-anet-signature': signature };
  return { headers, body: new TextEncoder().encode(body), nowMs: NOW };
}
const about = (event: string, payload: object, eventDate = '2026-11-22T17:59:00.123Z') =>
  JSON.stringify({
    ...{
      notificationId: 'd0e8e7fe-c3e7-4add-a480-27bc5ce28a18',
      eventType: `net.authorize.${event}`,
      eventDate,
    },
    ...{ webhookId: '63d6fea2', payload: { entityName: 'transaction', id: '60123456789', ...payload } },
  });
const told = (event: string, payload: object = {}) => read(notice(about(event, payload)));

describe('a notice of Authorize.Net', () => {
  it.each([
    ['payment.authcapture.created', { responseCode: 1, authCode: 'A1' }, 'charge', { kind: 'approved' }],
    ['payment.authorization.created', { responseCode: 2 }, 'charge', { kind: 'declined' }],
    ['payment.authcapture.created', { responseCode: 3 }, 'charge', { kind: 'unknown' }],
    ['payment.authcapture.created', { responseCode: 4 }, 'charge', { kind: 'unknown' }],
    ['payment.fraud.approved', {}, 'charge', { kind: 'approved', gatewayId: '60123456789' }],
    ['payment.fraud.declined', {}, 'charge', { kind: 'declined' }],
    ['payment.void.created', { responseCode: 1 }, 'void', { kind: 'done' }],
    ['payment.priorAuthCapture.created', { responseCode: 1 }, 'settle', { kind: 'done' }],
    ['payment.priorAuthCapture.created', { responseCode: 3 }, 'settle', { kind: 'unknown' }],
  ])('%s %j', (event, payload, of, outcome) => {
    expect(told(event, payload)).toMatchObject({
      kind: 'read',
      items: [{ about: { gatewayId: '60123456789' }, tells: { of, outcome } }],
    });
  });

  it('names the charge by the end of our key, where it has it', () => {
    expect(
      told('payment.authcapture.created', { responseCode: 1, merchantReferenceId: 'abc123' }),
    ).toMatchObject({ items: [{ about: { keyEnd: 'abc123' } }] });
  });

  it.each(['payment.refund.created', 'customer.created', 'payment.capture.created'])(
    '%s tells nothing of a charge of ours',
    (event) => expect(told(event, { responseCode: 1 })).toEqual({ kind: 'read', items: [] }),
  );

  const good = about('payment.void.created', { responseCode: 1 });
  it.each<[string, string, string | undefined, string]>([
    ['no signature', good, '', 'bad_signature'],
    ['another scheme', good, sign(good).replace('sha512', 'sha256'), 'bad_signature'],
    ['half a signature', good, sign(good).slice(0, 40), 'bad_signature'],
    ['the signature of another', good, sign(`${good} `), 'bad_signature'],
    ['one byte changed', good.replace('"responseCode":1', '"responseCode":2'), sign(good), 'bad_signature'],
    ['no JSON', '{', undefined, 'unreadable'],
    ['an array', '[]', undefined, 'unreadable'],
    [
      'no payload',
      '{"notificationId":"1","eventType":"x","eventDate":"2026-11-22T18:00:00Z"}',
      undefined,
      'unreadable',
    ],
    ['no time', good.replace('2026-11-22T17', 'soon'), undefined, 'unreadable'],
    ['eleven days old', good.replace('2026-11-22', '2026-11-11'), undefined, 'too_old'],
  ])('%s is refused', (_name, body, signature, code) =>
    expect(read(notice(body, signature))).toEqual({ kind: 'refused', code }),
  );

  it('takes the signature in capitals, and a notice that comes again after a week', () => {
    const capitals = sign(good)
      .replace(/[a-f]/g, (letter) => letter.toUpperCase())
      .replace('shA', 'sha');
    expect(read(notice(good, capitals))).toMatchObject({ kind: 'read' });
    expect(read(notice(good.replace('2026-11-22', '2026-11-15')))).toMatchObject({ kind: 'read' });
  });
});
