import { expect, it } from '@jest/globals';
import { type Log, silentLog } from '@sordino/core';
import { until } from '@sordino/testkit';
import { runSimulator } from './simulator.ts';

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

it('a gateway simulator that is killed is started again where it was, and said so; one that is closed is not', async () => {
  const errors: string[] = [];
  const log: Log = { ...silentLog, error: (message) => void errors.push(message) };
  const simulator = await runSimulator(log);
  const { pid: first = 0, url } = simulator;
  expect(await answers(url)).toBe(true);
  // Meant for the whole group: it serves on.
  process.kill(first, 'SIGTERM');
  expect(await answers(url)).toBe(true);
  process.kill(first, 'SIGKILL');
  await until('another one answers', async () => simulator.pid !== first && (await answers(url)));
  expect(errors).toEqual(['the gateway simulator died: starting it again']);
  await simulator.close();
  expect(await answers(url)).toBe(false);
  expect(errors).toHaveLength(1);
}, 30_000);
