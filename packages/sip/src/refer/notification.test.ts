import { describe, expect, it } from '@jest/globals';
import { readNotification } from './notification.ts';

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A NOTIFY as a platform sends it; `undefined` leaves a header out. */
function notify(
  headers: Readonly<Record<string, string | undefined>>,
  body = 'SIP/2.0 100 Trying\r\n',
  contentType: string | undefined = 'message/sipfrag;version=2.0',
) {
  const all: Readonly<Record<string, string | undefined>> = {
    Event: 'refer',
    'Subscription-State': 'active;expires=60',
    ...headers,
  };
  return readNotification({ value: (name) => all[name], contentType, body: octets(body) });
}

describe('what a NOTIFY of a REFER says', () => {
  it.each([
    [
      '100 Trying',
      notify({}),
      { answer: { status: 100, reason: 'Trying' }, terminated: false, expiresS: 60 },
    ],
    [
      'a final answer, and the end of the subscription',
      notify({ 'Subscription-State': 'terminated;reason=noresource' }, 'SIP/2.0 200 OK'),
      { answer: { status: 200, reason: 'OK' }, terminated: true, expiresS: undefined },
    ],
    ['which REFER it is about', notify({ Event: 'refer;id=93809824' }), { referCSeq: 93809824 }],
    [
      'a status without a reason phrase, headers of the answer, bare line feeds',
      notify({}, 'SIP/2.0 486 \nTo: <sip:a@b>\n'),
      { answer: { status: 486, reason: '' } },
    ],
    [
      'nothing at all, at the end of the subscription',
      notify({ 'Subscription-State': 'Terminated ; reason=timeout' }, ''),
      { answer: undefined, terminated: true },
    ],
    ['any other state: it goes on', notify({ 'Subscription-State': 'pending' }), { terminated: false }],
    [
      'a longer type',
      notify({}, 'SIP/2.0 180 R', 'Message/SIPFRAG'),
      { answer: { status: 180, reason: 'R' } },
    ],
  ])('%s', (_what, read, value) => {
    expect(read).toMatchObject({ ok: true, value });
  });

  it.each([
    ['no Event', notify({ Event: undefined }), 489],
    ['another event', notify({ Event: 'presence' }), 489],
    ['a parameter that is none', notify({ Event: 'refer;=' }), 489],
    ['an id that is no number', notify({ Event: 'refer;id=x' }), 400],
    ['an id without a value', notify({ Event: 'refer;id=""' }), 400],
    ['no Subscription-State', notify({ 'Subscription-State': undefined }), 400],
    ['an empty Subscription-State', notify({ 'Subscription-State': '' }), 400],
    ['an endless subscription', notify({ 'Subscription-State': 'active;expires=soon' }), 400],
    ['more seconds than there are', notify({ 'Subscription-State': 'active;expires=4294967296' }), 400],
    ['a body of another type', notify({}, 'SIP/2.0 200 OK', 'text/plain'), 415],
    ['a body without a type', readNotificationWithoutType(), 415],
    ['headers only', notify({}, 'To: <sip:a@b>\r\n'), 400],
    ['a request line', notify({}, 'INVITE sip:a@b SIP/2.0\r\n'), 400],
    ['a status of two digits', notify({}, 'SIP/2.0 20 OK\r\n'), 400],
    ['a status beyond 699', notify({}, 'SIP/2.0 700 OK\r\n'), 400],
    ['another version', notify({}, 'SIP/3.0 200 OK\r\n'), 400],
    ['a control character', notify({}, 'SIP/2.0 200 O\u0007K\r\n'), 400],
    ['octets that are no text', notify({}, '\u0000\u0001'), 400],
  ])('%s is refused', (_what, read, status) => {
    expect(read).toMatchObject({ ok: false, problem: { status } });
  });
});

function readNotificationWithoutType() {
  const headers: Readonly<Record<string, string>> = { Event: 'refer', 'Subscription-State': 'active' };
  const body = octets('SIP/2.0 200 OK');
  return readNotification({ value: (name) => headers[name], contentType: undefined, body });
}
