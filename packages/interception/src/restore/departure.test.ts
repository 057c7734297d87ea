import { describe, expect, it } from '@jest/globals';
import { FakeScheduler } from '@sordino/core/testing';
import {
  CUSTOMER_QUIET_MS,
  KEY_GUARD_MS,
  LEG7_CLOSE_TIMEOUT_MS,
  LINGER_MAX_MS,
  QUIET_POLL_MS,
  TAKE_BACK_TIMEOUT_MS,
} from '../limits.ts';
import { ScriptedBridge } from '../test-support/scripted-bridge.ts';
import { Departure } from './departure.ts';

/** A departure with what it does, and when: `0 bye5 approved`. A customer talks until told otherwise. */
function aDeparture() {
  const scheduler = new FakeScheduler();
  const bridge = new ScriptedBridge(scheduler);
  bridge.talk();
  const did: string[] = [];
  const at = (what: string): void => {
    did.push(`${scheduler.monotonicMs()} ${what}`);
  };
  const departure = new Departure(
    scheduler,
    { hold: 'per_key', takeBackMs: TAKE_BACK_TIMEOUT_MS },
    {
      releaseLeg5: (reason) => at(`bye5 ${reason}`),
      // Asked again at each look until leg 7 has ended; the stack sends one BYE.
      releaseLeg7: (reason) => {
        if (!did.some((line) => line.includes('bye7'))) at(`bye7 ${reason}`);
      },
      overdue: () => at('overdue'),
      done: ({ gapMs }) => at(`done ${gapMs}`),
    },
  );
  return { scheduler, bridge, departure, did };
}

describe('the way out to the platform', () => {
  it('is over 500 ms after the last packet of the customer, once leg 7 has ended', async () => {
    const { scheduler, bridge, departure, did } = aDeparture();
    departure.afterKeyGuard(bridge, 'approved');
    await scheduler.advanceAsync(200);
    bridge.fallSilent();
    await scheduler.advanceAsync(40);
    departure.leg7Ended();
    await scheduler.advanceAsync(5_000);
    // The gap is from the customer's last packet to the end of leg 7.
    expect(did).toEqual(['0 bye5 approved', `${200 + CUSTOMER_QUIET_MS} done 40`]);
    expect(scheduler.pending).toBe(0);
  });

  it('keeps relaying for 3 s at most once leg 7 is gone, however the customer talks', async () => {
    const { scheduler, bridge, departure, did } = aDeparture();
    departure.afterKeyGuard(bridge, 'requested');
    await scheduler.advanceAsync(250);
    departure.leg7Ended();
    await scheduler.advanceAsync(LINGER_MAX_MS - QUIET_POLL_MS);
    expect(did).toEqual(['0 bye5 requested']);
    await scheduler.advanceAsync(2 * QUIET_POLL_MS);
    expect(did).toEqual(['0 bye5 requested', `${300 + LINGER_MAX_MS} done 0`]);
  });

  it('closes leg 7 itself after 5 s when the customer is silent', async () => {
    const { scheduler, bridge, departure, did } = aDeparture();
    departure.afterKeyGuard(bridge, 'requested');
    bridge.fallSilent();
    await scheduler.advanceAsync(LEG7_CLOSE_TIMEOUT_MS + QUIET_POLL_MS);
    expect(did).toEqual(['0 bye5 requested', `${LEG7_CLOSE_TIMEOUT_MS} bye7 the customer is back`]);
  });

  it('leaves leg 7 alone while the customer talks on it, and says after 10 s that this is overdue, once', async () => {
    const { scheduler, bridge, departure, did } = aDeparture();
    departure.afterKeyGuard(bridge, 'requested');
    await scheduler.advanceAsync(6 * TAKE_BACK_TIMEOUT_MS);
    expect(did).toEqual(['0 bye5 requested', `${TAKE_BACK_TIMEOUT_MS} overdue`]);
    bridge.fallSilent();
    departure.leg7Ended();
    await scheduler.advanceAsync(1_000);
    expect(did.at(-1)).toBe(`${6 * TAKE_BACK_TIMEOUT_MS + CUSTOMER_QUIET_MS} done 0`);
  });

  it('waits for the key guard, and anew for a later key', async () => {
    const { scheduler, bridge, departure, did } = aDeparture();
    bridge.press();
    departure.afterKeyGuard(bridge, 'approved');
    await scheduler.advanceAsync(1_000);
    bridge.press();
    await scheduler.advanceAsync(KEY_GUARD_MS - 1);
    expect(did).toEqual([]);
    await scheduler.advanceAsync(QUIET_POLL_MS);
    expect(did).toEqual([`${1_000 + KEY_GUARD_MS} bye5 approved`]);
  });

  it('collects nothing any more, so that a mask of the whole field does not look like keys', () => {
    const { bridge, departure } = aDeparture();
    departure.afterKeyGuard(bridge, 'requested');
    expect(bridge.collecting).toEqual([false]);
  });

  it('knows no gap when no packet of the customer ever came', async () => {
    const { scheduler, departure, did } = aDeparture();
    const silent = new ScriptedBridge(scheduler);
    departure.leg7Ended();
    departure.afterKeyGuard(silent, 'no_media');
    await scheduler.advanceAsync(200);
    expect(did).toEqual(['0 bye5 no_media', '0 done undefined']);
  });

  it('happens once, whatever else asks for it', async () => {
    const { scheduler, bridge, departure, did } = aDeparture();
    departure.afterKeyGuard(bridge, 'approved');
    await scheduler.advanceAsync(0);
    departure.afterKeyGuard(bridge, 'requested');
    departure.customerGone(bridge);
    await scheduler.advanceAsync(100);
    expect(did).toEqual(['0 bye5 approved']);
  });

  it('stops when it is told to, even while it asks the relay', async () => {
    const { scheduler, bridge, departure, did } = aDeparture();
    bridge.press();
    departure.afterKeyGuard(bridge, 'approved');
    departure.stop();
    await scheduler.advanceAsync(60_000);
    expect(did).toEqual([]);
    expect(scheduler.pending).toBe(0);
  });
});

describe('the way out when the customer is gone', () => {
  it('closes leg 7 when the packets have stopped for 500 ms', async () => {
    const { scheduler, bridge, departure, did } = aDeparture();
    departure.customerGone(bridge);
    await scheduler.advanceAsync(100);
    bridge.fallSilent();
    await scheduler.advanceAsync(CUSTOMER_QUIET_MS);
    expect(did).toEqual([`${100 + CUSTOMER_QUIET_MS} bye7 the customer is gone`]);
    departure.leg7Ended();
    await scheduler.advanceAsync(QUIET_POLL_MS);
    expect(did.at(-1)).toMatch(/ done /);
  });

  it('closes leg 7 after 3 s even when packets still trickle in', async () => {
    const { scheduler, bridge, departure, did } = aDeparture();
    departure.customerGone(bridge);
    await scheduler.advanceAsync(LINGER_MAX_MS);
    expect(did).toEqual([`${LINGER_MAX_MS} bye7 the customer is gone`]);
  });

  it('ends a key guard: there is no call left that a key could leak into', async () => {
    const { scheduler, bridge, departure, did } = aDeparture();
    bridge.press();
    departure.afterKeyGuard(bridge, 'approved');
    await scheduler.advanceAsync(500);
    departure.customerGone(bridge);
    bridge.fallSilent();
    await scheduler.advanceAsync(CUSTOMER_QUIET_MS);
    // And no BYE on leg 5: the platform has ended it.
    expect(did).toEqual([`${500 + CUSTOMER_QUIET_MS} bye7 the customer is gone`]);
  });
});

describe('the way out when the relay is gone', () => {
  it('is taken at once, key or no key', async () => {
    const { scheduler, bridge, departure, did } = aDeparture();
    bridge.press();
    departure.afterKeyGuard(bridge, 'approved');
    await scheduler.advanceAsync(200);
    departure.atOnce(bridge, 'relay_lost');
    expect(did).toEqual(['200 bye5 relay_lost']);
  });

  it('does not take the last figures of a dead relay for a customer who talks', async () => {
    const { scheduler, bridge, departure, did } = aDeparture();
    departure.atOnce(bridge, 'relay_lost');
    await scheduler.advanceAsync(100);
    departure.leg7Ended();
    await scheduler.advanceAsync(QUIET_POLL_MS);
    expect(did).toEqual(['0 bye5 relay_lost', '200 done undefined']);
  });

  it('counts as silence while the call is on its way back already', async () => {
    const { scheduler, bridge, departure, did } = aDeparture();
    departure.afterKeyGuard(bridge, 'approved');
    await scheduler.advanceAsync(100);
    departure.atOnce(bridge, 'relay_lost');
    departure.leg7Ended();
    await scheduler.advanceAsync(2 * QUIET_POLL_MS);
    expect(did[0]).toBe('0 bye5 approved');
    expect(did[1]).toMatch(/ done undefined$/);
    expect(did).toHaveLength(2);
  });
});
