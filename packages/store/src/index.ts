export { type JournalStoreOptions, openJournalStore } from './journal/journal-store.ts';
export { lockDirectory } from './journal/lock.ts';
export * from './limits.ts';
export { createMemoryStore } from './memory/memory-store.ts';
export type { RedisAccess, RedisNode, RedisTarget } from './redis/access.ts';
export { openRedisStore, type RedisPaymentStore, type RedisStoreOptions } from './redis/redis-store.ts';
export { StoreError, type StoreErrorCode } from './store-error.ts';
