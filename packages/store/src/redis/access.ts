import type { ConnectionOptions } from 'node:tls';
import { Cluster, Redis } from 'ioredis';
import { REDIS_ANSWER_MAX_MS, REDIS_PROBE_EVERY_MS } from '../limits.ts';

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** One server, one that Sentinels name, or a Cluster; exactly one of the three. */
export type RedisTarget =
  | { readonly node: RedisNode; readonly db?: number }
  | { readonly sentinels: readonly RedisNode[]; readonly name: string }
  | { readonly cluster: readonly RedisNode[] };

export interface RedisAccess {
  readonly target: RedisTarget;
  readonly tls?: ConnectionOptions;
  readonly username?: string;
  readonly password?: string;
}

export type RedisClient = Redis | Cluster;

/**
 * A connection that says at once when it cannot: nothing is queued in it while Redis is away, and nothing is sent twice behind our back
 * (what is not stored is known to the store, which writes the newest state once Redis is back).
 */
export function connectRedis({ target, tls, username, password }: RedisAccess): RedisClient {
  const options = {
    connectionName: 'sordino',
    connectTimeout: REDIS_ANSWER_MAX_MS,
    // A peer that does not close its end is not waited for.
    disconnectTimeout: REDIS_PROBE_EVERY_MS,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: () => REDIS_PROBE_EVERY_MS,
    // A replica that was the primary until just now: look again who is.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    ...(tls === undefined ? {} : { tls }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
  if ('cluster' in target)
    return new Cluster([...target.cluster], {
      enableOfflineQueue: false,
      clusterRetryStrategy: () => REDIS_PROBE_EVERY_MS,
      maxRedirections: REDIRECTIONS_MAX,
      slotsRefreshTimeout: REDIS_ANSWER_MAX_MS,
      redisOptions: options,
      ...(tls === undefined ? {} : { dnsLookup: (address, callback) => callback(null, address) }),
    });
  if ('sentinels' in target)
    return new Redis({
      ...options,
      sentinels: [...target.sentinels],
      name: target.name,
      failoverDetector: true,
      sentinelRetryStrategy: () => REDIS_PROBE_EVERY_MS,
      sentinelCommandTimeout: REDIS_ANSWER_MAX_MS,
      ...(tls === undefined ? {} : { sentinelTLS: tls, enableTLSForSentinelMode: true }),
    });
  return new Redis({ ...options, ...target.node, db: target.db ?? 0 });
}

/** A moved slot is one redirection; more is a cluster that does not know itself. */
const REDIRECTIONS_MAX = 3;
