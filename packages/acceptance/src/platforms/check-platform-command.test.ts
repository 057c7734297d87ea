import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type PlatformReport, runSordino, type SordinoRun } from '@sordino/sordino';
import { type LocalWorld, type PlatformBehaviour, startLocalWorld } from '@sordino/testkit';
import { HOST } from '../scene/call-scene.ts';

/** A process start, a payment call and its hand-back. */
jest.setTimeout(60_000);

let directory: string;
let world: LocalWorld;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sordino-check-'));
  world = await startLocalWorld();
  await world.customer.call();
  await world.platform.untilEstablished();
});
afterAll(async () => {
  await world.stop();
  await rm(directory, { recursive: true, force: true });
});

async function check(name: string, port = 0, ...flags: string[]): Promise<SordinoRun> {
  const file = join(directory, 'config.yaml');
  await writeFile(
    file,
    `sip: { listen: [{ protocol: udp, host: ${HOST}, port: ${port} }] }
media: { host: ${HOST}, port_min: 0, port_max: 0 }
store: { kind: journal, directory: ${directory}/store }
platforms: [{ id: plt_main, return_uri: "${world.platform.returnUri.udp}", correlation_headers: [X-Sim-Call] }]
`,
  );
  return runSordino(['check-platform', name, '--config', file, ...flags], { cwd: directory });
}

/** What a person does who reads standard error. */
async function follow(run: SordinoRun, correlation: string, behaviour: PlatformBehaviour): Promise<void> {
  const sip_uri = (await run.untilLine('Request-URI')).trim().split(/\s+/).at(-1) ?? '';
  const diverted = await world.platform.divert({
    sordino: { sip_uri },
    offer: 'none',
    correlation,
    behaviour,
  });
  if (!diverted.engaged) return;
  await run.untilLine('press 1 2 3 #');
  await world.customer.press('123#', { how: 'events' });
}

describe('sordino check-platform', () => {
  it('prints the ladder and the verdicts, and ends with 0 when nothing must change', async () => {
    const run = await check('plt_main');
    await follow(run, 'good', {});
    expect((await run.ended).status).toBe(0);
    const output = run.output.join('\n');
    expect(output).toMatch(
      /\(5\) INVITE[\s\S]*As it should be\n[\s\S]*keys: 3 heard before #[\s\S]*plt_main: nothing must change\.$/m,
    );
  });

  it('ends with 1 when something must, and tells it as JSON too', async () => {
    await world.platform.untilOver();
    const run = await check('plt_main', 0, '--json');
    await follow(run, 'bad', { refusesLeg7: 486 });
    expect((await run.ended).status).toBe(1);
    const report = JSON.parse(run.output.slice(run.output.indexOf('{')).join('\n')) as PlatformReport;
    expect(report).toMatchObject({ platform: 'plt_main', ok: false });
    expect(report.findings).toContainEqual({
      item: 'leg 7',
      verdict: 'must_change',
      words: expect.stringMatching(/^INVITE 7 was refused with 486/),
    });
  });

  it('hands the call back when it is interrupted', async () => {
    await world.platform.untilOver();
    const run = await check('plt_main');
    const sip_uri = (await run.untilLine('Request-URI')).trim().split(/\s+/).at(-1) ?? '';
    await world.platform.divert({ sordino: { sip_uri }, offer: 'none', correlation: 'interrupted' });
    await run.untilLine('press 1 2 3 #');
    run.kill('SIGINT');
    expect((await run.ended).status).toBe(2);
    expect(run.output.at(-1)).toBe('sordino check-platform: interrupted: the call was handed back');
    expect(await world.platform.untilOver()).toMatchObject({ how: 'restored' });
  });

  it('ends with 2 and names the platforms when it is asked for another', async () => {
    const run = await check('plt_other');
    expect((await run.ended).status).toBe(2);
    expect(run.output).toEqual(['sordino check-platform: name one platform of the configuration: plt_main']);
  });

  it('ends with 2 where a service listens already, and says what to do', async () => {
    const service = createSocket('udp4').bind(0, HOST);
    await once(service, 'listening');
    const run = await check('plt_main', service.address().port);
    expect((await run.ended).status).toBe(2);
    expect(run.output.join('\n')).toMatch(/EADDRINUSE[\s\S]*must be stopped first/);
    service.close();
  });
});
