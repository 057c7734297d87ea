import { expect, it } from '@jest/globals';
import { STEPS } from './load.ts';
import { STORE_KINDS } from './protocol.ts';
import { runBenchApi } from './run.ts';

it('takes whole payments over HTTP with every store, and has each figure beside its baseline', async () => {
  const figures = await runBenchApi({
    warmUpSessions: 2,
    aloneSessions: 2,
    together: { payments: 2, sessions: 4 },
  });
  const names = STORE_KINDS.flatMap((kind) => [
    `sessions_per_core_second_${kind}`,
    ...STEPS.flatMap((step) => [`${step}_p50_ms_${kind}`, `${step}_p99_ms_${kind}`]),
  ]);
  expect(Object.keys(figures)).toEqual(names);
  for (const { value, baseline } of Object.values(figures)) {
    expect(value).toBeGreaterThan(0);
    expect(baseline).toBeGreaterThan(0);
  }
}, 60_000);
