import { describe, expect, it } from '@jest/globals';
import { type Log, silentLog } from '@sordino/core';
import { FakeScheduler } from '@sordino/core/testing';
import { Guardian, type ServiceHandlers } from './guardian.ts';
import type { ToService } from './protocol.ts';

interface Child {
  readonly handlers: ServiceHandlers;
  readonly told: ToService[];
  readonly signals: string[];
}

/** A guardian whose services exist on paper. */
function scene() {
  const scheduler = new FakeScheduler();
  const children: Child[] = [];
  const farewells: string[] = [];
  const lines: string[] = [];
  const log: Log = { ...silentLog, warn: (line) => lines.push(line), error: (line) => lines.push(line) };
  const farewell = { take: Promise.resolve() };
  const guardian = new Guardian({
    scheduler,
    log,
    scratch: '/scratch',
    spawn: (handlers) => {
      const child: Child = { handlers, told: [], signals: [] };
      children.push(child);
      return {
        pid: children.length,
        tell: (message) => child.told.push(message),
        kill: (signal) => child.signals.push(signal),
      };
    },
    sayFarewell: (file) => {
      farewells.push(file);
      return farewell.take;
    },
  });
  const ended = guardian.run();
  const child = (): Child => {
    const last = children.at(-1);
    if (last === undefined) throw new Error('no service was started');
    return last;
  };
  return {
    guardian,
    scheduler,
    children,
    farewells,
    farewell,
    lines,
    ended,
    child,
    ready() {
      child().handlers.said({ kind: 'dialogs', file: `dialogs of ${children.length}` });
      child().handlers.said({ kind: 'ready', bound: { sip: [5060], api: 8080 }, apiKey: 'key' });
    },
    async die(status: number | null, signal: NodeJS.Signals | null = null) {
      child().handlers.ended({ status, signal });
      await settled();
    },
    async passes(ms: number) {
      await scheduler.advanceAsync(ms);
    },
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the guardian of a service', () => {
  it('passes the status of an ordered end on', async () => {
    const at = scene();
    at.ready();
    at.guardian.stop();
    expect(at.child().told.at(-1)).toEqual({ kind: 'stop', atOnce: false });
    at.guardian.stop();
    expect(at.child().told.at(-1)).toEqual({ kind: 'stop', atOnce: true });
    await at.die(0);
    expect(await at.ended).toBe(0);
    expect([at.children.length, at.lines, at.scheduler.pending]).toEqual([1, [], 0]);
  });

  it.each([1, 2])(
    'passes status %i of a service on that never became ready: nothing is mended by trying',
    async (status) => {
      const at = scene();
      await at.die(status);
      expect(await at.ended).toBe(status);
      expect([at.children.length, at.lines]).toEqual([1, []]);
    },
  );

  it.each([
    ['killed', null, 'SIGKILL'],
    ['out of memory', 134, null],
    ['gone without a word', 0, null],
  ] as const)(
    'says farewell for a service that was %s, then starts another one where that was',
    async (_how, status, signal) => {
      const at = scene();
      at.ready();
      await at.die(status, signal);
      expect(at.farewells).toEqual(['dialogs of 1']);
      await at.passes(0);
      expect(at.children).toHaveLength(2);
      const carried = { scratch: '/scratch', bound: { sip: [5060], api: 8080 }, apiKey: 'key' };
      expect(at.child().told).toEqual([{ kind: 'begin', carried }]);
    },
  );

  it('does not start another one before the farewell is said', async () => {
    const at = scene();
    at.ready();
    let said: () => void = () => {};
    at.farewell.take = new Promise((resolve) => {
      said = resolve;
    });
    await at.die(null, 'SIGKILL');
    await at.passes(60_000);
    expect([at.guardian.state, at.children.length]).toEqual(['parting', 1]);
    said();
    await at.passes(0);
    expect(at.children).toHaveLength(2);
  });

  it('kills a service whose heart has stopped, and not one that beats late', async () => {
    const at = scene();
    at.ready();
    for (let beat = 0; beat < 20; beat += 1) {
      await at.passes(1_500);
      at.child().handlers.said({ kind: 'beat' });
    }
    expect(at.child().signals).toEqual([]);
    await at.passes(2_250);
    expect(at.child().signals).toEqual(['SIGKILL']);
    expect(at.lines).toContain('the service hangs: killing it');
  });

  it('waits longer for one that is still loading', async () => {
    const at = scene();
    await at.passes(29_000);
    expect(at.child().signals).toEqual([]);
    await at.passes(2_000);
    expect(at.child().signals).toEqual(['SIGKILL']);
  });

  it('rests longer after each short run, and gives up', async () => {
    const at = scene();
    const rests: number[] = [];
    for (let run = 1; at.guardian.state !== 'ended'; run += 1) {
      at.ready();
      await at.die(null, 'SIGSEGV');
      const before = at.scheduler.monotonicMs();
      while (at.children.length === run && at.scheduler.pending > 0)
        await at.passes(at.scheduler.nextInMs ?? 0);
      if (at.children.length > run) rests.push(at.scheduler.monotonicMs() - before);
    }
    expect(rests).toEqual([0, 500, 2_000, 5_000, 10_000]);
    expect(await at.ended).toBe(1);
    expect(at.lines.at(-1)).toBe('the service dies again and again: giving up');
  });

  it('forgives after a run that was long enough', async () => {
    const at = scene();
    for (let run = 1; run <= 12; run += 1) {
      at.ready();
      for (let beats = 0; beats < 61; beats += 1) {
        await at.passes(1_000);
        at.child().handlers.said({ kind: 'beat' });
      }
      await at.die(1);
      await at.passes(0);
      expect(at.children).toHaveLength(run + 1);
    }
  });

  it('says farewell for a service that is killed while it stops, and ends as failed', async () => {
    const at = scene();
    at.ready();
    at.guardian.stop();
    await at.die(null, 'SIGKILL');
    expect(at.farewells).toEqual(['dialogs of 1']);
    expect(await at.ended).toBe(1);
    expect(at.children).toHaveLength(1);
  });

  it('ends between two starts when it is told to', async () => {
    const at = scene();
    for (const _run of [1, 2]) {
      at.ready();
      await at.die(1);
      await at.passes(0);
    }
    expect(at.guardian.state).toBe('resting');
    at.guardian.stop();
    expect(await at.ended).toBe(1);
    await at.passes(60_000);
    expect(at.children).toHaveLength(2);
  });

  it('hands SIGHUP to a service that is ready, and not to one that would die of it', () => {
    const at = scene();
    at.guardian.signal('SIGHUP');
    expect(at.child().signals).toEqual([]);
    at.ready();
    at.guardian.signal('SIGHUP');
    expect(at.child().signals).toEqual(['SIGHUP']);
  });
});
