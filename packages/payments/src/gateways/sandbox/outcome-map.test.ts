import { describe, expect, it } from '@jest/globals';
import type { HttpOutcome } from '../http.ts';
import { outcomeOfCharge, outcomeOfQuery, outcomeOfStep } from './outcome-map.ts';

const answered = (status: number, body: unknown): HttpOutcome => ({
  kind: 'answered',
  status,
  body:
    typeof body === 'string'
      ? new TextEncoder().encode(body)
      : new TextEncoder().encode(JSON.stringify(body)),
});
const error = (code: string) => ({ error: { code, message: 'x' } });
const unknown = (code: string) => ({ kind: 'unknown', code });

describe('the answer to a charge', () => {
  it.each<[string, HttpOutcome, unknown]>([
    [
      'approved',
      answered(200, { id: 'ch_1', status: 'approved', auth_code: 'A1B2C3', token: 'tok_1' }),
      { kind: 'approved', authCode: 'A1B2C3', token: 'tok_1', gatewayId: 'ch_1' },
    ],
    [
      'approved without a token',
      answered(200, { id: 'ch_1', status: 'approved', auth_code: 'A1B2C3', token: null }),
      { kind: 'approved', authCode: 'A1B2C3', token: null, gatewayId: 'ch_1' },
    ],
    [
      'declined',
      answered(200, { id: 'ch_1', status: 'declined', decline_code: 'insufficient_funds' }),
      { kind: 'declined', declineCode: 'insufficient_funds' },
    ],
    [
      'declined because the card is stolen: the agent is not told',
      answered(200, { id: 'ch_1', status: 'declined', decline_code: 'stolen_card' }),
      { kind: 'declined', declineCode: 'generic_decline' },
    ],
    [
      'declined for no reason',
      answered(200, { id: 'ch_1', status: 'declined' }),
      { kind: 'declined', declineCode: 'generic_decline' },
    ],
    [
      'approved with the card number for a token',
      answered(200, { status: 'approved', auth_code: '4242424242424242', token: 'tok_4242424242424242' }),
      { kind: 'approved', authCode: null, token: null, gatewayId: null },
    ],
    [
      'approved with a page for an authorisation code',
      answered(200, { status: 'approved', auth_code: '<html>', token: 7 }),
      { kind: 'approved', authCode: null, token: null, gatewayId: null },
    ],
    [
      'connection refused',
      { kind: 'not_sent', code: 'ECONNREFUSED' },
      { kind: 'not_sent', code: 'gateway_unreachable' },
    ],
    ['timeout after the body', { kind: 'lost', code: 'ETIMEDOUT' }, unknown('answer_lost')],
    ['reset after the body', { kind: 'lost', code: 'ECONNRESET' }, unknown('answer_lost')],
    ['bad request', answered(400, error('bad_amount')), { kind: 'failed', code: 'bad_amount' }],
    ['bad request without a reason', answered(400, ''), { kind: 'failed', code: 'gateway_refused_request' }],
    [
      'bad request that repeats the card',
      answered(400, error('4242424242424242')),
      { kind: 'failed', code: 'gateway_refused_request' },
    ],
    ['bad credentials', answered(401, error('bad_key')), { kind: 'failed', code: 'bad_key' }],
    ['not allowed', answered(403, '<html>'), { kind: 'failed', code: 'gateway_refused_request' }],
    ['the key was used for another body', answered(409, error('key_reuse')), unknown('gateway_status_409')],
    ['too many requests', answered(429, ''), { kind: 'not_sent', code: 'gateway_busy' }],
    ['request timeout', answered(408, ''), unknown('gateway_status_408')],
    ['server error', answered(500, error('oops')), unknown('gateway_status_500')],
    ['proxy error page', answered(502, '<html>Bad Gateway</html>'), unknown('gateway_status_502')],
    ['unavailable', answered(503, ''), unknown('gateway_status_503')],
    ['a redirect', answered(302, ''), unknown('gateway_status_302')],
    ['an empty 200', answered(200, ''), unknown('answer_unreadable')],
    ['half a body', answered(200, '{"status":"appro'), unknown('answer_unreadable')],
    ['a page', answered(200, '<html>'), unknown('answer_unreadable')],
    ['a list', answered(200, ['approved']), unknown('answer_unreadable')],
    ['null', answered(200, 'null'), unknown('answer_unreadable')],
    ['a new status', answered(200, { status: 'pending' }), unknown('answer_unreadable')],
    ['no status', answered(200, {}), unknown('answer_unreadable')],
    [
      'bytes that are not UTF-8',
      { kind: 'answered', status: 200, body: new Uint8Array([0xff, 0xfe]) },
      unknown('answer_unreadable'),
    ],
    [
      'far too much',
      answered(200, `{"status":"approved","x":"${'x'.repeat(20_000)}"}`),
      unknown('answer_unreadable'),
    ],
  ])('%s', (_, http, outcome) => {
    expect(outcomeOfCharge(http)).toEqual(outcome);
  });
});

describe('the answer to a later step', () => {
  it.each<[string, HttpOutcome, unknown]>([
    ['done', answered(200, { id: 'st_1', status: 'done' }), { kind: 'done', gatewayId: 'st_1' }],
    ['something else', answered(200, { id: 'st_1', status: 'pending' }), unknown('answer_unreadable')],
    ['refused', answered(422, error('already_voided')), { kind: 'refused', code: 'already_voided' }],
    ['refused in no words', answered(400, ''), { kind: 'refused', code: 'gateway_refused_request' }],
    ['busy', answered(429, ''), { kind: 'not_sent', code: 'gateway_busy' }],
    [
      'connection refused',
      { kind: 'not_sent', code: 'ECONNREFUSED' },
      { kind: 'not_sent', code: 'gateway_unreachable' },
    ],
    ['reset after the body', { kind: 'lost', code: 'ECONNRESET' }, unknown('answer_lost')],
    ['the key of another step', answered(409, error('idempotency_conflict')), unknown('gateway_status_409')],
    ['an error', answered(500, ''), unknown('gateway_status_500')],
  ])('%s', (_, http, outcome) => expect(outcomeOfStep(http)).toEqual(outcome));
});

describe('the answer to a query', () => {
  it.each<[string, HttpOutcome, unknown]>([
    [
      'approved',
      answered(200, { status: 'approved', auth_code: 'A1', token: null }),
      { kind: 'approved', authCode: 'A1', token: null, gatewayId: null },
    ],
    [
      'declined',
      answered(200, { status: 'declined', decline_code: 'expired_card' }),
      { kind: 'declined', declineCode: 'expired_card' },
    ],
    ['not found', answered(404, error('not_found')), { kind: 'not_found' }],
    ['not found by a proxy', answered(404, '<html>'), unknown('gateway_status_404')],
    ['not found by another route', answered(404, error('no_such_route')), unknown('gateway_status_404')],
    [
      'bad credentials say nothing about the charge',
      answered(401, error('bad_key')),
      unknown('gateway_status_401'),
    ],
    ['server error', answered(500, ''), unknown('gateway_status_500')],
    ['refused', { kind: 'not_sent', code: 'ECONNREFUSED' }, unknown('query_failed')],
    ['lost', { kind: 'lost', code: 'ECONNRESET' }, unknown('query_failed')],
    ['half a body', answered(200, '{"st'), unknown('answer_unreadable')],
  ])('%s', (_, http, outcome) => {
    expect(outcomeOfQuery(http)).toEqual(outcome);
  });
});
