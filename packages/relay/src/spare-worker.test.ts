import { describe, expect, it } from '@jest/globals';
import { openBridgeIn, testRelay, testSession } from './test-support/scene.ts';

describe('a spare worker', () => {
  it('takes the place of a lost one before its calls are told, again and again', async () => {
    await using relay = await testRelay({
      spareWorker: true,
      ports: { min: 42_000, max: 42_099 },
    });
    for (let loss = 1; loss <= 2; loss += 1) {
      const { bridge, ear } = await openBridgeIn(relay);
      expect(bridge.customer.rtp.port).toBeGreaterThanOrEqual(42_000);
      expect(bridge.customer.rtp.port).toBeLessThan(42_100);
      let aliveWhenTold: Promise<boolean> | undefined;
      ear.workerLost = () => {
        aliveWhenTold = relay.stats().then(({ workers }) => workers.every((worker) => worker.isAlive));
      };
      for (let isReady = false; !isReady; ) isReady = (await relay.stats()).hasSpare;
      await relay.loseWorkerOf(testSession);
      expect(await aliveWhenTold).toBe(true);
      expect((await relay.stats()).workers[0]).toMatchObject({ restarts: loss, bridges: 0 });
    }
  });
});
