import { afterEach, describe, expect, it } from '@jest/globals';
import { bridgeRequest, Ear, makeVault, recordingLog } from './test-support/scene.ts';
import type { WorkerSettings } from './worker/protocol.ts';
import { WorkerSlot } from './worker-slot.ts';

const settings: WorkerSettings = {
  host: '127.0.0.1',
  advertisedHost: '127.0.0.1',
  ports: { min: 0, max: 0 },
  lookbackMs: 30,
  bridgesMax: 1,
  rtcpIntervalMs: 5_000,
  addon: null,
  prompts: new Map(),
  rehearsals: false,
};

/** A worker that opens bridges and then does `thenDo`: what a bug in a real one could do. */
const brokenWorker = (thenDo: string): URL =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { parentPort } from 'node:worker_threads';
      const ports = { rtp: { host: '127.0.0.1', port: 2 }, rtcp: { host: '127.0.0.1', port: 3 } };
      const opened = { type: 'opened', customer: ports, clean: ports, lookbackMs: 30 };
      parentPort.on('message', ({ id, type }) => {
        if (type !== 'open') return;
        parentPort.postMessage({ type: 'ok', id, value: opened });
        setTimeout(() => { ${thenDo} }, 50);
      });
      parentPort.postMessage({ type: 'ready' });
    `)}`,
  );

describe('a place for a worker', () => {
  const slots: WorkerSlot[] = [];
  const place = (file: URL, lines: string[]): WorkerSlot => {
    const slot = new WorkerSlot(0, file, settings, recordingLog(lines));
    slots.push(slot);
    return slot;
  };
  afterEach(() => Promise.all(slots.splice(0).map((slot) => slot.close())));

  it.each([
    ['hangs', 'for (;;) {}', /error a relay worker hangs and is ended/],
    ['throws', 'throw new Error("out of luck")', /error a relay worker ended .*Error: out of luck/],
    ['exits', 'process.exit(3)', /error a relay worker ended .*exit 3/],
  ])('reports the loss of its bridges when the worker %s, and starts another', async (_, thenDo, logged) => {
    const lines: string[] = [];
    const slot = place(brokenWorker(thenDo), lines);
    await slot.ready();
    const ear = new Ear();
    const request = { ...bridgeRequest(await makeVault()), type: 'open', bridge: 0 } as const;
    const bridge = await slot.open(request, ear);
    expect(slot.load).toBe(1);
    await ear.heard('worker lost');
    expect(slot.load).toBe(0);
    expect((await bridge.figures()).customer.packets_in).toBe(0);
    expect(lines.join()).toMatch(logged);
    await slot.ready();
    await slot.close();
    expect(ear.told).toEqual(['worker lost']);
  });

  it('gives up on a worker that dies again and again', async () => {
    const lines: string[] = [];
    const slot = place(brokenWorker('process.exit(1)'), lines);
    const vault = await makeVault();
    for (let death = 0; death < 6; death += 1) {
      await slot.ready();
      const ear = new Ear();
      await slot.open({ ...bridgeRequest(vault), type: 'open', bridge: death }, ear);
      await ear.heard('worker lost');
    }
    expect(lines.join()).toMatch(/ends again and again and is not started any more/);
    expect(slot.isReady).toBe(false);
    await slot.close();
  });

  it('says why when the worker cannot start at all', async () => {
    const slot = place(new URL('data:text/javascript,throw new Error("no such luck")'), []);
    await expect(slot.ready()).rejects.toThrow(/the relay worker ended: Error: no such luck/);
    await slot.close();
  });
});
