import { describe, expect, it } from '@jest/globals';
import { PLATFORM } from '../test-support/calls.ts';
import { anInvite } from '../test-support/scripted-sip.ts';
import { callerIdentity } from './identity.ts';

const PAI = '<sip:+447700900123@carrier.example.com>';

/** An INVITE 5 full of what a platform, a carrier or an attacker may put there. */
function foreign(privacy?: string) {
  const headers: Readonly<Record<string, readonly string[]>> = {
    'X-Call': ['corr-1'],
    'X-Other': ['secret'],
    Via: ['SIP/2.0/UDP 203.0.113.9'],
    'Record-Route': ['<sip:203.0.113.9;lr>'],
    'P-Asserted-Identity': [PAI],
    'P-Preferred-Identity': [PAI],
    'Remote-Party-ID': [PAI],
    Diversion: ['<tel:+15550100>'],
    'History-Info': ['<sip:a@b>;index=1'],
    Authorization: ['Digest username="x"'],
    ...(privacy === undefined ? {} : { Privacy: [privacy] }),
  };
  const byName = new Map(Object.entries(headers).map(([name, values]) => [name.toLowerCase(), values]));
  return anInvite('tok', { header: (name) => byName.get(name.toLowerCase()) ?? [] });
}

describe('what INVITE 7 says of the caller', () => {
  const named = { ...PLATFORM, correlationHeaders: ['X-Call'] };
  const trusted = { ...named, trustIdentity: true };
  const careless = { ...named, correlationHeaders: ['X-Call', 'diversion', 'P-Asserted-Identity'] };
  const correlation = ['X-Call', 'corr-1'];
  const asserted = ['P-Asserted-Identity', PAI];

  it.each([
    ['no profile that says so: only the allow-list', named, undefined, [correlation]],
    ['a trusted platform', trusted, undefined, [correlation, asserted]],
    ['a trusted platform, and nothing to hide', trusted, 'none', [correlation, asserted]],
    [
      'a trusted platform that allow-lists it too',
      { ...careless, trustIdentity: true },
      undefined,
      [correlation, ['diversion', '<tel:+15550100>'], asserted],
    ],
  ])('%s', (_, platform, privacy, headers) => {
    expect(callerIdentity(platform, foreign(privacy))).toEqual({ from: undefined, headers });
  });

  it.each(['id', 'user', 'header;critical', 'Session', 'none, ID', 'history', 'critical; id'])(
    'Privacy: %s: nobody is named, whatever the profile says',
    (privacy) => {
      for (const platform of [named, trusted, careless]) {
        expect(callerIdentity(platform, foreign(privacy))).toEqual({
          from: 'sip:anonymous@anonymous.invalid',
          headers: [correlation],
        });
      }
    },
  );
});
