import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SessionClient } from '@sordino/core';
import { startSordino } from '@sordino/sordino';
import { RtpPhone, SessionFollower, speechLike } from '@sordino/testkit';
import { alarming, pause } from '../process/support/process-scene.ts';
import { answerOf, aSessionBody } from '../scene/call-scene.ts';
import { freePort, HOST, runSipp } from './support/run-sipp.ts';
import { talk, tell, tokenOf } from './support/sipp-call.ts';

let directory: string;
const closers: (() => unknown)[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sordino-digest-'));
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
  await rm(directory, { recursive: true, force: true });
});

describe('SIPp plays a platform that signs in and asks us to', () => {
  it('a call from its INVITE to its BYE: nothing gets through without credentials', async () => {
    const [leg5Port, leg7Port] = [await freePort(), await freePort()];
    const platform = {
      id: 'plt_main',
      return_uri: `sip:platform@${HOST}:${leg7Port};transport=udp`,
      auth: {
        // SIPp 3.6 takes the first challenge and knows MD5 only.
        inbound: { username: 'pbx', password: 'between-us', algorithms: ['MD5'] },
        outbound: { username: 'sordino', password: 'the-other-way' },
      },
      probe: { interval_s: 0 },
    };
    const sordino = await startSordino({
      returnUri: platform.return_uri,
      gatewayUrl: `http://${HOST}:9`,
      ...{ commit: 'after_leg7', leg5Media: 'customer', transport: 'udp' },
      environment: { SORDINO_PLATFORMS: JSON.stringify([platform]) },
    });
    closers.push(() => sordino.stop());
    const client = new SessionClient({ baseUrl: sordino.apiUrl, token: sordino.apiKey, pause });
    const phone = { host: HOST, codec: 'PCMU', eventPayloadType: 101 } as const;
    const customer = await RtpPhone.open({ ...phone, talker: speechLike(4) });
    const agent = await RtpPhone.open({ ...phone, talker: speechLike(7) });
    closers.push(
      () => customer.close(),
      () => agent.close(),
    );
    const session = answerOf(
      await client.create(
        aSessionBody({ call: { platform: 'plt_main', call_id: randomUUID() } }),
        randomUUID(),
      ),
    );
    const common = { transport: 'udp', directory } as const;
    const seven = await runSipp({
      ...{ ...common, scenario: 'leg7-asks', port: leg7Port },
      keys: { agent_port: agent.rtp.port },
    });
    const five = await runSipp({
      ...{ ...common, scenario: 'leg5-signs-in', port: leg5Port, service: tokenOf(session) },
      remotePort: Number(/udp:[^ ]*:(\d+)/.exec(sordino.sip)?.[1]),
      keys: { customer_port: customer.rtp.port },
    });
    await using follower = new SessionFollower(client, session.id, () => {});
    await talk([customer, five], [agent, seven]);
    await follower.until('session.ready');
    answerOf(await client.restore(session.id));
    expect(await five.verdict).toBe(0);
    customer.stopTalking();
    await tell(leg7Port, await seven.messages());
    await follower.until('session.restored');
    expect(await seven.verdict).toBe(0);
    expect(alarming(sordino.output)).toEqual([]);
    expect(sordino.output.join('\n')).not.toMatch(/between-us|the-other-way/);
  }, 60_000);
});
