import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it } from '@jest/globals';
import type { TimedAudio } from '../audio/timed-audio.ts';
import { endMsOf } from '../audio/timed-audio.ts';
import { audioDelay } from '../measure/audio-delay.ts';
import { simSip } from '../phone/open-sim-sip.ts';
import { MinimalInterceptor } from '../platform/minimal-interceptor.ts';
import { entryPath } from './fork-party.ts';
import { until } from './scene.ts';
import { startWorld } from './start-world.ts';

const HOST = '127.0.0.1';

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Half a second of what was sent, looked for in what was heard. */
function alike(sent: TimedAudio, heard: TimedAudio): number {
  const toMs = endMsOf(sent) - 200;
  return audioDelay(sent, heard, { fromMs: toMs - 500, toMs, delayMaxMs: 300 })?.correlation ?? 0;
}

describe('the world in processes', () => {
  it('plays a call with a diversion, and ends with all its processes', async () => {
    const world = await startWorld();
    await using interceptor = {
      it: await MinimalInterceptor.open({
        host: HOST,
        openSip: simSip({ host: HOST, name: 'interceptor' }),
        tokens: ['tok_1'],
      }),
      [Symbol.asyncDispose]: () => interceptor.it.close(),
    };
    expect(world.gateway?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+/);
    const states: string[] = [];
    world.platform.onLegState(({ role, change }) => states.push(`${role} ${change.state}`));

    expect(await world.customer.call()).toEqual({ answered: true });
    await world.platform.untilEstablished();
    expect(await world.platform.dialog()).toMatchObject({ callId: expect.any(String) });
    const sordino = { sip_uri: interceptor.it.uri('tok_1') };
    expect(await world.platform.divert({ sordino, offer: 'none', correlation: 'c-1' })).toMatchObject({
      engaged: true,
    });
    await world.customer.press('42', { how: 'events', durationMs: 60, betweenKeysMs: 60 });
    await until('the events have come', () => interceptor.it.engagement.eventPackets > 5);
    interceptor.it.engagement.release();
    expect(await world.platform.untilOver()).toMatchObject({ how: 'restored' });
    await until('leg 8 is told of', () => states.includes('leg8_agent terminated'));
    await until('both hear each other, as they heard it themselves', async () => {
      const { customer, agent } = await world.reports();
      return alike(customer.sent, agent.heard) > 0.6 && alike(agent.sent, customer.heard) > 0.6;
    });

    const { customer, platform } = await world.reports();
    expect(customer.keys.map(({ key, how }) => [key, how])).toEqual([
      ['4', 'events'],
      ['2', 'events'],
    ]);
    expect(platform.sip.length).toBeGreaterThan(10);
    const [packet] = await world.platform.leg7Packets();
    expect(packet?.bytes).toBeInstanceOf(Uint8Array);

    await world.stop();
    expect(Object.values(world.pids).some(isAlive)).toBe(false);
  });

  it('says what went wrong in another process', async () => {
    const world = await startWorld({ withGateway: false });
    try {
      await expect(world.platform.hangUp('agent')).rejects.toThrow(
        'platform-main: no customer has called yet',
      );
      await expect(world.customer.press('1', { how: 'events' })).rejects.toThrow('call startTalking() first');
    } finally {
      await world.stop();
    }
    await expect(world.customer.report()).rejects.toThrow('customer-main is not running any more');
  });

  it('fails what is under way when a process dies', async () => {
    const world = await startWorld({ withGateway: false });
    const ended = world.agent.untilEnded();
    const { agent } = world.pids;
    if (agent === undefined) throw new Error('no process id');
    process.kill(agent, 'SIGKILL');
    await expect(ended).rejects.toThrow('the process of agent-main has ended');
    await world.stop();
  });

  it('ends with its parent, however that ends', async () => {
    const entry = entryPath('start-world');
    const script = `
      import { startWorld } from ${JSON.stringify(entry)};
      console.log(JSON.stringify((await startWorld()).pids));
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface({ input: parent.stdout }), 'line');
    const pids = Object.values(JSON.parse(String(line)) as Record<string, number>);
    expect(pids).toHaveLength(4);
    expect(pids.every(isAlive)).toBe(true);
    parent.kill('SIGKILL');
    await until('all four are gone', () => !pids.some(isAlive));
  });

  it('does not start with a host that is not ours', async () => {
    // They start side by side: whichever finds out first says so.
    const world = startWorld({ host: '192.0.2.1', withGateway: false });
    await expect(world).rejects.toThrow(/^(agent|customer|platform)-main: .*192\.0\.2\.1/);
  });
});
