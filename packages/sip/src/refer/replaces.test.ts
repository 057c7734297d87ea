import { describe, expect, it } from '@jest/globals';
import { referToValue, replacesValue, targetDialogValue } from './replaces.ts';

const dialog = { callId: 'a84b@c', localTag: 'ours', remoteTag: 'theirs' };

describe('a dialog in a header', () => {
  it('is written as its receiver sees it', () => {
    expect(replacesValue(dialog)).toBe('a84b@c;to-tag=ours;from-tag=theirs');
    expect(targetDialogValue(dialog)).toBe('a84b@c;local-tag=ours;remote-tag=theirs');
  });

  it('is escaped where it is a header of a URI', () => {
    const callId = "12%@a+b[::1]/?:'~";
    expect(referToValue('sip:agent@127.0.0.1:5070;transport=udp', { ...dialog, callId })).toBe(
      '<sip:agent@127.0.0.1:5070;transport=udp?Replaces=' +
        "12%25%40a%2Bb%5B%3A%3A1%5D%2F%3F%3A'~%3Bto-tag%3Dours%3Bfrom-tag%3Dtheirs>",
    );
    expect(referToValue('sip:tok_1@127.0.0.1', undefined)).toBe('<sip:tok_1@127.0.0.1>');
  });

  it.each([
    ['an empty Call-ID', { ...dialog, callId: '' }],
    ['a Call-ID with a parameter', { ...dialog, callId: 'a;to-tag=x' }],
    ['a Call-ID with a space', { ...dialog, callId: 'a b' }],
    ['a Call-ID with two @', { ...dialog, callId: 'a@b@c' }],
    ['a Call-ID with a line end', { ...dialog, callId: 'a\r\nX: y' }],
    ['an empty tag', { ...dialog, localTag: '' }],
    ['a tag with a parameter', { ...dialog, remoteTag: 'a;early-only' }],
    ['a tag with a line end', { ...dialog, remoteTag: 'a\nX:y' }],
  ])('%s is refused', (_what, bad) => {
    expect(() => replacesValue(bad)).toThrow(TypeError);
    expect(() => targetDialogValue(bad)).toThrow(TypeError);
    expect(() => referToValue('sip:a@b', bad)).toThrow(TypeError);
  });

  it.each(['tel:+441', 'sip:a@b?Subject=x', 'sip:a@b>', '', 'sip:a b@c', 'sip:a@b\r\nX: y'])(
    'Refer-To %j is refused',
    (uri) => {
      expect(() => referToValue(uri, undefined)).toThrow(TypeError);
    },
  );
});
