import { describe, expect, it } from '@jest/globals';
import { infoKeyCode } from './info-key.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a key press in SIP INFO', () => {
  it.each([
    ['application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n', 5],
    ['application/dtmf-relay', 'Signal= #\r\nDuration=100', 11],
    ['application/dtmf-relay; charset=utf-8', 'Duration=100\r\nsignal = *', 10],
    ['APPLICATION/DTMF-RELAY', 'SIGNAL=d', 15],
    ['application/dtmf', '0', 0],
    ['application/dtmf', ' 9 \r\n', 9],
  ])('%s %j is event code %d', (type, body, code) => {
    expect(infoKeyCode(type, bytes(body))).toBe(code);
  });

  it.each([
    ['application/dtmf-relay', ''],
    ['application/dtmf-relay', 'Signal'],
    ['application/dtmf-relay', 'Signal='],
    ['application/dtmf-relay', 'Signal=x'],
    ['application/dtmf-relay', 'Duration=160'],
    ['application/dtmf', ''],
    ['application/dtmf', '\u0000'],
    ['application/sdp', 'Signal=5'],
    ['', '5'],
    ['application/dtmf', '5'.padStart(300, ' ')],
  ])('%s %j is none', (type, body) => {
    expect(infoKeyCode(type, bytes(body))).toBeUndefined();
  });
});
