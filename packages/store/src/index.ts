export { type JournalStoreOptions, openJournalStore } from './journal/journal-store.ts';
export { lockDirectory } from './journal/lock.ts';
export * from './limits.ts';
export { createMemoryStore } from './memory/memory-store.ts';
export { StoreError, type StoreErrorCode } from './store-error.ts';
