import { describe, expect, it } from '@jest/globals';
import { scrubSip } from './scrub-sip.ts';

const lines = (...text: string[]) => text.join('\r\n');

describe('a SIP message in a trace', () => {
  it('shows no one-time token, wherever it stands', () => {
    const text = scrubSip(
      lines(
        'INVITE sip:tok_0123456789abcdefghjkmnpqrs@host:5060 SIP/2.0',
        'X-Sordino-Token: tok_0123456789abcdefghjkmnpqrs',
        'User-to-User: 00abcdef',
        '  ;encoding=hex',
        'Call-ID: e-91',
        '',
        '',
      ),
    );
    expect(text).toBe(
      lines(
        'INVITE sip:tok_[secret]@host:5060 SIP/2.0',
        'X-Sordino-Token: [secret]',
        'User-to-User: [secret]',
        'Call-ID: e-91',
        '',
        '',
      ),
    );
  });

  it('shows no credentials and no media keys', () => {
    const text = scrubSip(
      lines(
        'authorization : Digest username="a", response="0a1b"',
        '',
        'm=audio 4000 RTP/SAVP 0',
        'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4;inline:c2Vjb25kIGtleQ==',
      ),
    );
    expect(text).not.toMatch(/0a1b|WVNf|c2Vj/);
    expect(text).toContain('a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:[secret]');
  });

  it.each([
    [
      'dtmf-relay',
      lines(
        'INFO sip:a SIP/2.0',
        'Content-Type: application/dtmf-relay',
        '',
        'Signal= 5',
        'Duration=160',
        '',
      ),
    ],
    ['dtmf', lines('INFO sip:a SIP/2.0', 'Content-Type: application/dtmf', 'Content-Length: 1', '', '5')],
  ])('shows no key of an INFO with application/%s', (_type, message) => {
    expect(scrubSip(message)).not.toContain('5');
    expect(scrubSip(message)).toContain('*');
  });

  it('masks a card number in a header and leaves ordinary messages alone', () => {
    expect(scrubSip('X-Note: 4242 4242 4242 4242\r\n')).toBe('X-Note: [PAN]\r\n');
    const ordinary = lines(
      'SIP/2.0 200 OK',
      'CSeq: 1 INVITE',
      'Call-ID: a@10.0.0.1',
      '',
      'o=- 3900000000 1 IN IP4 10.0.0.1',
    );
    expect(scrubSip(ordinary)).toBe(ordinary);
  });
});
