import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { header, response } from './test-support/messages.ts';
import { hurrySipJs } from './test-support/quick-time.ts';
import { Scene, untilIdle } from './test-support/scene.ts';

const scene = new Scene();
afterEach(() => scene.close());
beforeAll(() => hurrySipJs());

describe('OPTIONS of ours', () => {
  it('is answered with what the peer says it can do', async () => {
    const us = await scene.party();
    const peer = await scene.party('udp', { userAgent: 'Peer 7' });
    const outcome = await us.sip.options({ target: `sip:127.0.0.1:${peer.port}`, timeoutMs: 4_000 });
    if (!outcome.answered) throw new Error(outcome.reason);
    expect(outcome.status).toBe(200);
    expect(outcome.roundTripMs).toBeGreaterThan(0);
    expect(outcome.header('allow').join()).toContain('INVITE');
    expect(outcome.header('X-None')).toEqual([]);
    await untilIdle(us);
  });

  it.each([405, 404, 503])('is answered by %d too: somebody is there', async (status) => {
    const us = await scene.party();
    const raw = await scene.rawUdp(us.port);
    const asked = us.sip.options({ target: `sip:ping@127.0.0.1:${raw.port}`, timeoutMs: 4_000 });
    const request = await raw.next('OPTIONS ');
    expect(request).toMatch(/^OPTIONS sip:ping@127\.0\.0\.1:\d+ SIP\/2\.0\r\n/);
    expect(header(request, 'Max-Forwards')).toBe('70');
    expect(header(request, 'From')).toMatch(/^<sip:sordino@127\.0\.0\.1:\d+>;tag=\w+$/);
    raw.send(response(request, status, { headers: ['Allow: INVITE,BYE', 'k: timer'] }));
    const outcome = await asked;
    expect(outcome).toMatchObject({ answered: true, status });
    expect(outcome.answered && [outcome.header('Allow'), outcome.header('Supported')]).toEqual([
      ['INVITE', 'BYE'],
      ['timer'],
    ]);
  });

  it('of which nothing is heard is given up', async () => {
    const us = await scene.party();
    const raw = await scene.rawUdp(us.port);
    const target = `sip:127.0.0.1:${raw.port}`;
    expect(await us.sip.options({ target, timeoutMs: 100 })).toMatchObject({
      answered: false,
      why: 'timeout',
    });
  });

  it.each([
    ['is no URI', 'nonsense'],
    ['wants a transport that we do not listen on', 'sip:127.0.0.1:5060;transport=tcp'],
  ])('to a target that %s never leaves', async (_why, target) => {
    const us = await scene.party();
    expect(await us.sip.options({ target, timeoutMs: 100 })).toMatchObject({
      answered: false,
      why: 'transport',
    });
    expect(us.trace).toEqual([]);
  });
});
