import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { FakeScheduler } from '@sordino/core/testing';
import { plainCardMemory } from '../capture/card-memory.ts';
import { type CardTestingAlarm, Velocity } from './velocity.ts';

const TENANT = { tenant: 'ten_a', livemode: true };
const digits = (text: string) => {
  const account = new TextEncoder().encode(text);
  return { account, issuer: account.subarray(0, 8) };
};

function aVelocity() {
  const clock = new FakeScheduler();
  const alarms: CardTestingAlarm[] = [];
  const velocity = new Velocity({
    limits: { windowMs: 60_000, lockMs: 120_000, declines: { caller: 100, card: 100, bin: 3, tenant: 5 } },
    clock,
    random: (count) => new Uint8Array(count).fill(7),
    sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
    cardMemory: plainCardMemory,
    alarm: (alarm) => alarms.push(alarm),
  });
  const decline = (number: string) => {
    const velocities = velocity.of(TENANT, undefined, digits(number));
    const locked = velocity.begin(velocities);
    if (locked === undefined) velocity.settled(velocities, true);
    return locked;
  };
  return { velocity, clock, alarms, decline };
}

describe('counters', () => {
  it('cards with the same first eight digits are locked together', () => {
    const { decline, alarms } = aVelocity();
    expect(['4000000000000002', '4000000000000010', '4000000000000028'].map(decline)).toEqual(
      Array(3).fill(undefined),
    );
    expect(decline('4000000000000036')).toBe('bin');
    expect(decline('4000000100000001')).toBeUndefined();
    expect(alarms).toMatchObject([{ by: 'bin', declines: 3 }]);
  });

  it('a tenant is locked whatever the cards', () => {
    const { decline, alarms, clock } = aVelocity();
    const cards = [1, 2, 3, 4, 5].map((bin) => `4${bin}00000000000000`);
    expect(cards.map(decline)).toEqual(Array(5).fill(undefined));
    expect(decline('5555555555554444')).toBe('tenant');
    expect(alarms.map(({ by }) => by)).toEqual(['tenant']);
    clock.advance(120_000);
    expect(decline('5555555555554444')).toBeUndefined();
  });

  it('are named by keyed hashes: neither number nor card is in them', () => {
    const { velocity } = aVelocity();
    const { keys } = velocity.of(TENANT, '+447700900123', digits('4242424242424242'));
    expect(Object.keys(keys)).toEqual(['caller', 'card', 'bin', 'tenant']);
    const plain = createHash('sha256').update('4242424242424242').digest('hex');
    for (const key of Object.values(keys)) {
      expect(key).toMatch(/^[0-9a-f]{64}$/);
      expect(key).not.toBe(plain);
    }
    expect(new Set(Object.values(keys)).size).toBe(4);
  });

  it('of a charge that never left go back to where they were', () => {
    const { velocity } = aVelocity();
    const velocities = velocity.of(TENANT, '+1', digits('4242424242424242'));
    for (let turn = 0; turn < 1_000; turn += 1) {
      expect(velocity.begin(velocities)).toBeUndefined();
      velocity.settled(velocities, false);
    }
  });
});
