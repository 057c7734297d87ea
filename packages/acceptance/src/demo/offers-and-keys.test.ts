import { describe, expect, it } from '@jest/globals';
import { FLAVOUR_TIMEOUT_MS, failuresOf, runDemo } from './support/run-demo.ts';

/** All ways of keying in one call, a payment each: the six processes need longer to start than a payment takes. */
const EVERY_WAY = ['--keys', 'events,inband,both', '--repeat', '3'];
const DIGITS = 3 * 23;

describe('the demo takes three approved payments in one call, keyed as events, in the audio, and as both', () => {
  it.each([
    ['none', 'PCMU'],
    ['customer', 'PCMA'],
    ['platform', 'PCMA'],
  ])(
    'offer %s, %s',
    async (offer, codec) => {
      await using run = await runDemo('--offer', offer, '--codec', codec, ...EVERY_WAY);
      expect(failuresOf(run)).toEqual([]);
      expect(run.report).toMatchObject({
        status: 'approved',
        auth_code: expect.stringMatching(/^[A-Z0-9]{6}$/),
        topology: 'restored',
        cycles: 3,
        digits: { sent: DIGITS, captured: DIGITS, readable_on_leg7: 0 },
        telephone_events_on_leg7: 0,
      });
      expect(run.report.legs.map(({ role, cycle }) => `${role} ${cycle}`)).toEqual(
        [1, 2, 3].flatMap((cycle) =>
          ['leg4_customer', 'leg5_in', 'leg6_media', 'leg7_out', 'leg8_agent'].map(
            (role) => `${role} ${cycle}`,
          ),
        ),
      );
      for (const { states } of run.report.legs) {
        expect([states[0]?.state, states.at(-1)?.state]).toEqual(['idle', 'terminated']);
      }
    },
    FLAVOUR_TIMEOUT_MS,
  );
});
