import { describe, expect, it } from '@jest/globals';
import type { PlatformObject } from '@sordino/core';
import { PROBE_PAUSE_MS, PROBE_TIMEOUT_MS } from '@sordino/interception';
import { eventually } from '../failures/support/eventually.ts';
import { recordingLog } from '../failures/support/recording-log.ts';
import { answerOf, CallScene, HOST } from '../scene/call-scene.ts';

/** Nobody listens there. */
const NOBODY = `sip:{call_id}@${HOST}:9;transport=udp`;

const platformOf = async (scene: CallScene): Promise<PlatformObject> =>
  answerOf(await scene.client.platform('plt_main'));

describe('/v1/platforms over a live system', () => {
  it('tells what the platform answers to OPTIONS, at start and on request', async () => {
    await using scene = await CallScene.open({
      platform: { probe: { interval_s: 3_600 }, number_pool: ['+442039000417'] },
    });
    await eventually(async () => expect((await platformOf(scene)).probe.state).toBe('reachable'));
    const [listed] = answerOf(await scene.client.platforms()).data;
    expect(listed).toEqual(await platformOf(scene));
    expect(listed).toMatchObject({
      id: 'plt_main',
      return_uri: scene.world.platform.returnUri.udp,
      transport: 'udp',
      correlation_headers: ['X-Sim-Call'],
      e164_pool: { size: 1, free: 1, cooling: 0 },
      probe: { status: 200, missing: [], server: 'simulated platform', reason: null },
    });
    expect(listed?.probe.allow).toEqual(expect.arrayContaining(['INVITE', 'ACK', 'CANCEL', 'BYE']));
    await new Promise((resolve) => setTimeout(resolve, PROBE_PAUSE_MS));
    const probed = answerOf(await scene.client.probePlatform('plt_main'));
    expect(probed.probe.checked_at_ms).toBeGreaterThan(listed?.probe.checked_at_ms ?? 0);
    expect(probed.probe.since_ms).toBe(listed?.probe.since_ms);
    expect(await scene.client.probePlatform('plt_main')).toMatchObject({ status: 429 });
  });

  it('tells of a platform that is down, and tries its calls all the same', async () => {
    const { log, lines } = recordingLog();
    await using scene = await CallScene.open({
      log,
      platform: { return_uri: NOBODY, probe: { interval_s: 3_600 } },
    });
    await eventually(
      async () =>
        expect((await platformOf(scene)).probe).toMatchObject({ state: 'unreachable', status: null }),
      3 * PROBE_TIMEOUT_MS,
    );
    const told = lines.filter(({ message }) => message === 'platform unreachable');
    expect(told).toEqual([expect.objectContaining({ level: 'warn' })]);
    expect((await fetch(`${scene.sordino.api}/readyz`)).status).toBe(200);
    const { session } = await scene.createSession();
    expect(session.status).toBe('awaiting_media');
  });
});
