import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeApiKey } from '@sordino/app-payments';
import { RedisProcess, startGatewaySimulator } from '@sordino/testkit';
import { type Measured, type MeasurePlan, measure } from './measure.ts';
import { type ServerSetup, STORE_KINDS, type StoreKind } from './protocol.ts';
import { type Figures, figuresOf } from './report.ts';

/** The whole benchmark: the baseline, then each store, with a gateway that answers at once and a Redis of its own. */
export async function runBenchApi(
  plan: MeasurePlan,
  onMeasured: (kind: ServerSetup['kind'], measured: Measured) => void = () => {},
): Promise<Figures> {
  const directory = await mkdtemp(join(tmpdir(), 'sordino-bench-api-'));
  const gateway = await startGatewaySimulator();
  try {
    await using redis = await RedisProcess.start();
    const run = async (kind: ServerSetup['kind']): Promise<Measured> => {
      const apiKey = makeApiKey(false, randomBytes);
      const where = { directory: join(directory, kind), redisPort: redis.port, gatewayUrl: gateway.url };
      const measured = await measure({ kind, apiKey, ...where }, plan);
      onMeasured(kind, measured);
      return measured;
    };
    const bare = await run('bare');
    const ours = new Map<StoreKind, Measured>();
    for (const kind of STORE_KINDS) ours.set(kind, await run(kind));
    return figuresOf(ours, bare);
  } finally {
    await gateway.close();
    await rm(directory, { recursive: true, force: true });
  }
}
