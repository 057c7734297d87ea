import { describe, expect, it } from '@jest/globals';
import type { Log, LogFields } from '@sordino/core';
import { FakeScheduler } from '@sordino/core/testing';
import { PROBE_PAUSE_MS } from '../limits.ts';
import type { OptionsOutcome } from '../ports/sip-calls.ts';
import { PLATFORM } from '../test-support/calls.ts';
import { ScriptedSip } from '../test-support/scripted-sip.ts';
import { Platforms } from './platforms.ts';
import type { PlatformProfile } from './profile.ts';

const ALLOW = ['INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS'];

const answered = (
  status = 200,
  headers: Readonly<Record<string, readonly string[]>> = {},
): OptionsOutcome => ({
  answered: true,
  status,
  roundTripMs: 1.26,
  header: (name) => headers[name] ?? [],
});
const SILENCE: OptionsOutcome = { answered: false, why: 'timeout', reason: 'no answer' };

/** One platform that answers `outcome`, and what was logged about it. */
function aPlatform(over: Partial<PlatformProfile> = {}) {
  const scheduler = new FakeScheduler();
  const sip = new ScriptedSip();
  const script = { outcome: answered() };
  sip.onOptions = async () => script.outcome;
  const logged: string[] = [];
  const write = (message: string, fields: LogFields = {}): void =>
    void logged.push(`${scheduler.wallMs()} ${message} ${fields.reason ?? fields.status}`);
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const platforms = new Platforms([{ ...PLATFORM, ...over }], { sip, scheduler, log });
  const probe = () => platforms.read('plt_main')?.probe;
  return { scheduler, sip, script, logged, platforms, probe };
}

describe('the OPTIONS probe', () => {
  it('asks at start and then from time to time, and logs only a change', async () => {
    const { scheduler, sip, script, logged, platforms, probe } = aPlatform({ probeIntervalS: 60 });
    const start = scheduler.wallMs();
    expect(probe()).toMatchObject({ state: 'unknown', interval_s: 60, since_ms: null, status: null });
    platforms.startProbes();
    await scheduler.advanceAsync(120_000);
    expect(sip.asked).toHaveLength(3);
    expect(sip.asked[0]).toEqual({
      target: 'sip:127.0.0.1:5070',
      timeoutMs: expect.any(Number),
      platform: 'plt_main',
    });
    script.outcome = SILENCE;
    await scheduler.advanceAsync(120_000);
    expect(probe()).toMatchObject({
      state: 'unreachable',
      since_ms: start + 180_000,
      checked_at_ms: start + 240_000,
      status: null,
      round_trip_ms: null,
      reason: 'no answer',
    });
    script.outcome = answered();
    await scheduler.advanceAsync(60_000);
    expect(logged).toEqual([
      `${start} platform reachable 200`,
      `${start + 180_000} platform unreachable no answer`,
      `${start + 300_000} platform reachable 200`,
    ]);
    platforms.stopProbes();
    await scheduler.advanceAsync(600_000);
    expect(sip.asked).toHaveLength(6);
    expect(scheduler.pending).toBe(0);
  });

  it.each([
    [405, 'reachable'],
    [501, 'reachable'],
    [404, 'reachable'],
    [503, 'unreachable'],
    [408, 'unreachable'],
  ])('takes %d for %s', async (status, state) => {
    const { script, platforms, probe } = aPlatform();
    script.outcome = answered(status);
    await platforms.probe('plt_main');
    expect(probe()).toMatchObject({ state, status });
  });

  it('tells what the platform says of itself, and in words what is missing', async () => {
    const { script, platforms, probe } = aPlatform({
      refer: { form: 'target_dialog', targetUri: undefined, notifyTimeoutMs: 5_000 },
    });
    script.outcome = answered(200, {
      Allow: ['invite', 'ACK', 'BYE'],
      Supported: ['timer', 'replaces'],
      Accept: ['application/sdp'],
      Server: ['x'.repeat(5_000)],
    });
    await platforms.probe('plt_main');
    expect(probe()).toMatchObject({
      round_trip_ms: 1.3,
      allow: ['invite', 'ACK', 'BYE'],
      supported: ['timer', 'replaces'],
      accept: ['application/sdp'],
      server: 'x'.repeat(100),
      missing: [
        expect.stringContaining('CANCEL is not in Allow: '),
        expect.stringContaining('REFER is not in Allow: '),
      ],
    });
  });

  it('misses no REFER where that goes to another address than was asked', async () => {
    const { script, platforms, probe } = aPlatform({
      refer: { form: 'target_dialog', targetUri: 'sip:refer@10.0.0.2', notifyTimeoutMs: 5_000 },
    });
    script.outcome = answered(200, { Allow: ALLOW });
    await platforms.probe('plt_main');
    expect(probe()?.missing).toEqual([]);
  });

  it('finds nothing missing where the platform says nothing, or has it all', async () => {
    const { script, platforms, probe, scheduler } = aPlatform();
    await platforms.probe('plt_main');
    expect(probe()).toMatchObject({ allow: null, supported: null, missing: [], server: null });
    script.outcome = answered(200, { Allow: ALLOW, 'User-Agent': ['PBX 7'] });
    await scheduler.advanceAsync(PROBE_PAUSE_MS);
    await platforms.probe('plt_main');
    expect(probe()).toMatchObject({ allow: ALLOW, missing: [], server: 'PBX 7' });
  });

  it('runs on request once at a time, and not again within a second', async () => {
    const { scheduler, sip, platforms } = aPlatform();
    const both = [platforms.probe('plt_main'), platforms.probe('plt_main')];
    expect(await Promise.all(both)).toEqual([expect.objectContaining({ id: 'plt_main' }), 'too_soon']);
    await scheduler.advanceAsync(PROBE_PAUSE_MS - 1);
    expect(await platforms.probe('plt_main')).toBe('too_soon');
    await scheduler.advanceAsync(1);
    expect(await platforms.probe('plt_main')).toMatchObject({ probe: { state: 'reachable' } });
    expect(sip.asked).toHaveLength(2);
    expect(await platforms.probe('plt_other')).toBeUndefined();
  });

  it('is off with an interval of 0, until somebody asks', async () => {
    const { scheduler, sip, platforms, probe } = aPlatform({ probeIntervalS: 0 });
    platforms.startProbes();
    await scheduler.advanceAsync(600_000);
    expect([sip.asked.length, probe()?.state]).toEqual([0, 'off']);
    await platforms.probe('plt_main');
    expect(probe()?.state).toBe('reachable');
  });

  it('asks a fixed address as it is', async () => {
    const { sip, platforms } = aPlatform({ returnUri: 'sip:return@10.0.0.1;transport=tcp' });
    await platforms.probe('plt_main');
    expect(sip.asked[0]?.target).toBe('sip:return@10.0.0.1;transport=tcp');
  });
});
