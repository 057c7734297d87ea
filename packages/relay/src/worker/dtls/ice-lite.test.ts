import { describe, expect, it } from '@jest/globals';
import { CONSENT_MS, IceLite } from './ice-lite.ts';
import {
  attributeOf,
  hasFingerprint,
  hasIntegrity,
  readStun,
  STUN_ATTRIBUTE,
  STUN_TYPE,
} from './stun-message.ts';
import { type CheckFields, check, VECTOR_PASSWORD, VECTORS } from './test-support/checks.ts';

const local = { ufrag: 'ours', password: 'a password of ours, long' };
const peer = { host: '192.0.2.1', port: 5_000 };
const elsewhere = { host: '198.51.100.9', port: 6_000 };

function agent(): IceLite {
  const ice = new IceLite(local);
  ice.setRemoteUfrag('peer');
  return ice;
}

function replyTo(
  bytes: Buffer | undefined,
  password = local.password,
): { type: number; code: number | undefined } {
  const message = bytes && readStun(bytes);
  if (message === undefined) throw new Error('there is no reply');
  expect(hasIntegrity(message, password) && hasFingerprint(message)).toBe(true);
  const error = attributeOf(message, STUN_ATTRIBUTE.errorCode)?.value;
  return { type: message.type, code: error && (error[2] ?? 0) * 100 + (error[3] ?? 0) };
}

describe('ICE lite', () => {
  it('answers a check and says where it came from', () => {
    const { reply, selected } = agent().check(check(local), peer, 0);
    expect(replyTo(reply).type).toBe(STUN_TYPE.bindingSuccess);
    expect(selected).toBeUndefined();
    const message = reply && readStun(reply);
    const mapped = message && attributeOf(message, STUN_ATTRIBUTE.xorMappedAddress)?.value;
    expect(mapped && Buffer.from(mapped).toString('hex')).toBe('000132 9ae112a643'.replace(' ', ''));
  });

  it('sends media where the peer nominates, and follows it', () => {
    const ice = agent();
    expect(ice.check(check(local, { nominates: true }), peer, 0).selected).toEqual(peer);
    expect(ice.check(check(local, { nominates: true }), peer, 1).selected).toBeUndefined();
    expect(ice.check(check(local), elsewhere, 2).selected).toBeUndefined();
    expect(ice.selected).toEqual(peer);
    expect(ice.check(check(local, { nominates: true }), elsewhere, 3).selected).toEqual(elsewhere);
  });

  it('keeps a nomination that came before the signalling, if it was of that peer', () => {
    const [ours, anothers] = [new IceLite(local), new IceLite(local)];
    for (const ice of [ours, anothers]) {
      expect(replyTo(ice.check(check(local, { nominates: true }), peer, 0).reply).type).toBe(
        STUN_TYPE.bindingSuccess,
      );
      expect(ice.selected).toBeUndefined();
    }
    ours.setRemoteUfrag('peer');
    anothers.setRemoteUfrag('other');
    expect(ours.selected).toEqual(peer);
    expect(anothers.selected).toBeUndefined();
  });

  it('answers 487 to an agent that thinks it is controlled, as RFC 5769 §2.1 does', () => {
    const conflict = agent().check(check(local, { controlled: true, nominates: true }), peer, 0);
    expect(replyTo(conflict.reply)).toEqual({ type: STUN_TYPE.bindingError, code: 487 });
    expect(conflict.selected).toBeUndefined();
    const vector = new IceLite({ ufrag: 'evtj', password: VECTOR_PASSWORD });
    vector.setRemoteUfrag('h6vY');
    expect(replyTo(vector.check(VECTORS.request, peer, 0).reply, VECTOR_PASSWORD).code).toBe(487);
  });

  it('answers 420 to what it would have to understand', () => {
    const more = [{ type: 0x0077, value: Buffer.alloc(4) }];
    const { reply } = agent().check(check(local, { more, nominates: true }), peer, 0);
    expect(replyTo(reply)).toEqual({ type: STUN_TYPE.bindingError, code: 420 });
    const message = reply && readStun(reply);
    const unknown = message && attributeOf(message, STUN_ATTRIBUTE.unknownAttributes)?.value;
    expect(unknown).toEqual(Buffer.from([0, 0x77]));
  });

  it.each<[string, CheckFields]>([
    ['another password', { password: 'guessed' }],
    ['another ufrag of ours', { username: 'other:peer' }],
    ['another ufrag of the peer', { username: 'ours:other' }],
    ['no ufrag of the peer', { username: 'ours' }],
    ['no username', { username: '' }],
  ])('gives silence to a check with %s', (_, fields) => {
    const ice = agent();
    const outcome = ice.check(check(local, { ...fields, nominates: true }), elsewhere, 0);
    expect(outcome).toEqual({ reply: undefined, selected: undefined });
    expect(ice.refused).toBe(1);
    expect(ice.hasConsent(0)).toBe(false);
  });

  it('gives silence to responses, indications and what is damaged anywhere', () => {
    const ice = agent();
    const good = check(local, { nominates: true });
    for (const type of [0x0011, 0x0101, 0x0111, 0x0003]) {
      const other = Buffer.from(good);
      other.writeUInt16BE(type, 0);
      expect(ice.check(other, elsewhere, 0).reply).toBeUndefined();
    }
    for (let at = 0; at < good.length; at += 1) {
      const damaged = Buffer.from(good);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      expect(ice.check(damaged, elsewhere, 0).reply).toBeUndefined();
    }
    expect(ice.selected).toBeUndefined();
  });

  it('does not follow a check that somebody else heard and sends again', () => {
    const ice = agent();
    const heard = check(local, { nominates: true });
    expect(ice.check(heard, peer, 0).selected).toEqual(peer);
    expect(ice.check(heard, elsewhere, CONSENT_MS + 1).selected).toBeUndefined();
    expect(ice.selected).toEqual(peer);
    expect(ice.hasConsent(CONSENT_MS + 1)).toBe(false);
    // The peer itself may repeat it: its first answer was lost.
    ice.check(heard, peer, CONSENT_MS + 2);
    expect(ice.hasConsent(CONSENT_MS + 2)).toBe(true);
  });

  it('has consent for 30 s after each check', () => {
    const ice = agent();
    expect(ice.hasConsent(0)).toBe(false);
    ice.check(check(local), peer, 1_000);
    expect(ice.hasConsent(1_000 + CONSENT_MS)).toBe(true);
    expect(ice.hasConsent(1_001 + CONSENT_MS)).toBe(false);
    ice.check(check(local), peer, 40_000);
    expect(ice.hasConsent(40_000)).toBe(true);
  });
});
