import { describe, expect, it } from '@jest/globals';
import type { SessionId } from '@sordino/core';
import type { IncomingInvite } from '../ports/sip-calls.ts';
import { fromUserToUser, makeToken, toUserToUser } from './token.ts';
import { type Waiting, WaitingRoom } from './waiting-room.ts';

const one = 'ses_1' as SessionId;
const two = 'ses_2' as SessionId;
const TOKEN = 'tok_aaaaaaaaaaaaaaaaaaaaaaaaaa';

function anInvite(over: {
  user?: string;
  from?: string;
  headers?: Record<string, string>;
  platforms?: readonly string[];
}): IncomingInvite {
  const headers = new Map(
    Object.entries(over.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    requestUri: `sip:${over.user ?? 'anyone'}@127.0.0.1`,
    requestUser: over.user,
    platforms: over.platforms,
    callId: 'c-1',
    fromUri: `sip:${over.from ?? 'x'}@127.0.0.1`,
    fromUser: over.from,
    toUri: 'sip:x@127.0.0.1',
    header: (name) => {
      const value = headers.get(name.toLowerCase());
      return value === undefined ? [] : [value];
    },
    sdp: undefined,
    source: { transport: 'udp', host: '127.0.0.1', port: 5060 },
  };
}

function aRoom(...guests: Partial<Waiting>[]): WaitingRoom {
  const room = new WaitingRoom(['+442039000417', '+442039000418']);
  for (const guest of guests) {
    room.add({
      session: one,
      platform: 'plt_a',
      token: TOKEN,
      number: null,
      dialog: null,
      ani: null,
      ...guest,
    });
  }
  return room;
}

describe('who an INVITE 5 belongs to', () => {
  const dialog = { call_id: 'a@b', local_tag: 'l', remote_tag: 'r' };

  it.each([
    ['the token in the Request-URI', anInvite({ user: TOKEN }), 'token'],
    ['its one-time number', anInvite({ user: '+442039000417' }), 'number'],
    ['its number without the plus', anInvite({ user: '442039000417' }), 'number'],
    ['the token header', anInvite({ headers: { 'X-Sordino-Token': TOKEN } }), 'header'],
    ['User-to-User', anInvite({ headers: { 'User-to-User': toUserToUser(TOKEN) } }), 'user_to_user'],
    ['the dialog ids', anInvite({ headers: { 'Target-Dialog': 'a@b;local-tag=l;remote-tag=r' } }), 'dialog'],
    [
      'the dialog ids read from the other side',
      anInvite({ headers: { 'Target-Dialog': 'a@b;local-tag=r;remote-tag=l' } }),
      'dialog',
    ],
    ["the caller's number", anInvite({ from: '+44 7700-900123' }), 'ani'],
  ])('is found by %s', (_name, invite, by) => {
    const room = aRoom({ number: '+442039000417', dialog, ani: '+447700900123' });
    expect(room.match(invite)).toEqual({ kind: 'one', session: one, by });
  });

  it.each([
    ['a token that nobody has', anInvite({ user: 'tok_zzz', from: '+447700900123' })],
    ['a pool number that is not given out', anInvite({ user: '+442039000418', from: '+447700900123' })],
    ['a wrong token header', anInvite({ headers: { 'X-Sordino-Token': 'tok_zzz' }, from: '+447700900123' })],
    ['other dialog ids', anInvite({ headers: { 'Target-Dialog': 'a@b;local-tag=l;remote-tag=x' } })],
    ['nothing at all', anInvite({})],
  ])('is nobody with %s, even where the caller would fit', (_name, invite) => {
    expect(aRoom({ ani: '+447700900123' }).match(invite).kind).toBe('none');
  });

  it('is never guessed between two sessions of one caller', () => {
    const room = aRoom({ ani: '+447700900123' }, { session: two, token: 'tok_b', ani: '447700900123' });
    expect(room.match(anInvite({ from: '+447700900123' }))).toEqual({ kind: 'ambiguous', by: 'ani' });
  });

  it.each([
    ['its own platform', ['plt_a'], 'one'],
    ['an address that its platform shares', ['plt_b', 'plt_a'], 'one'],
    ['another platform', ['plt_b'], 'none'],
    ['no platform', [], 'none'],
    ['anywhere, when nobody asks', undefined, 'one'],
  ])('is known by its token from %s: %s', (_name, platforms, kind) => {
    const invite = anInvite({ user: TOKEN, ...(platforms === undefined ? {} : { platforms }) });
    expect(aRoom({}).match(invite).kind).toBe(kind);
  });

  it('is told apart from the same caller on another platform', () => {
    const ani = '+447700900123';
    const room = aRoom({ ani }, { session: two, platform: 'plt_b', token: 'tok_b', ani });
    expect(room.match(anInvite({ from: ani, platforms: ['plt_b'] }))).toMatchObject({ session: two });
  });

  it('is nobody once the session is gone', () => {
    const room = aRoom({});
    room.remove(one);
    expect(room.match(anInvite({ user: TOKEN }))).toEqual({ kind: 'none', by: 'token' });
  });
});

describe('a token as User-to-User', () => {
  it('comes back as it went', () => {
    const token = makeToken((count) => Uint8Array.from({ length: count }, (_, i) => i * 7));
    expect(fromUserToUser(toUserToUser(token))).toBe(token);
  });

  it('holds no run of digits that could be taken for a card number', () => {
    const token = makeToken((count) => Uint8Array.from({ length: count }, (_, i) => i * 7));
    expect(toUserToUser(token)).not.toMatch(/\d{4}/);
  });

  it.each(['', '00', '0g', '04' + '41', '00414;encoding=hex', '0041;encoding=ascii', '00zz;encoding=hex'])(
    '%j holds none',
    (value) => {
      expect(fromUserToUser(value)).toBeUndefined();
    },
  );
});
