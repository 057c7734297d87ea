import { describe, expect, it } from '@jest/globals';
import { Readiness } from './readiness.ts';

type Step = 'answered' | 'acknowledged' | 'customer' | 'clean';

const steps: Readonly<Record<Step, (readiness: Readiness) => void>> = {
  answered: (readiness) => {
    readiness.committed = true;
  },
  acknowledged: (readiness) => {
    readiness.leg5Acknowledged = true;
  },
  customer: (readiness) => readiness.mediaStarted(1_000),
  clean: (readiness) => {
    readiness.cleanFlowing = true;
  },
};

function ordersOf(rest: readonly Step[]): Step[][] {
  if (rest.length === 0) return [[]];
  return rest.flatMap((step) =>
    ordersOf(rest.filter((other) => other !== step)).map((order) => [step, ...order]),
  );
}

describe('readiness', () => {
  it.each(ordersOf(['answered', 'acknowledged', 'customer', 'clean']))(
    'comes last in %s, %s, %s, %s',
    (...order) => {
      const readiness = new Readiness(false);
      const seen = order.map((step) => {
        steps[step](readiness);
        return readiness.ready ? 'ready' : readiness.engaged ? 'engaged' : 'no';
      });
      const isAcknowledgedLast = order.at(-1) === 'acknowledged';
      expect(seen).toEqual(['no', 'no', isAcknowledgedLast ? 'engaged' : 'no', 'ready']);
    },
  );

  it('does not take media from the address before the swap for the customer', () => {
    const readiness = new Readiness(true);
    readiness.described('127.0.0.1:1');
    for (const step of Object.values(steps)) step(readiness);
    expect([readiness.engaged, readiness.customerStartedAtMs]).toEqual([false, undefined]);
    readiness.described('127.0.0.1:1');
    expect(readiness.engaged).toBe(false);
    readiness.described('127.0.0.1:2');
    expect(readiness.engaged).toBe(false);
    readiness.mediaStarted(2_000);
    expect([readiness.ready, readiness.customerStartedAtMs]).toEqual([true, 2_000]);
  });

  it('keeps the customer when the customer moves later', () => {
    const readiness = new Readiness(false);
    readiness.described('127.0.0.1:1');
    for (const step of Object.values(steps)) step(readiness);
    readiness.described('127.0.0.1:2');
    expect([readiness.ready, readiness.customerStartedAtMs]).toEqual([true, 1_000]);
  });
});
