import { until } from '../world/scene.ts';
import { RedisProcess } from './redis-process.ts';

/** The fewest that make a Redis Cluster. */
const PRIMARIES = 3;

/** A Redis Cluster of primaries only: it is down while one of them is. */
export async function startRedisCluster(): Promise<readonly RedisProcess[]> {
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000'];
  const nodes = await Promise.all(Array.from({ length: PRIMARIES }, () => RedisProcess.start({ args })));
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  await nodes[0]?.cli('--cluster', 'create', ...addresses, '--cluster-yes');
  for (const node of nodes)
    await until('the cluster is there', async () =>
      /cluster_state:ok/.test(await node.cli('CLUSTER', 'INFO')),
    );
  return nodes;
}
