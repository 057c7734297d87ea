import { describePaymentStore } from '../testing/contract-suite.ts';
import { createMemoryStore } from './memory-store.ts';

describePaymentStore('the memory store', () => ({
  open: async (clock, retention) => createMemoryStore(clock, retention),
  reopen: async (store) => store,
  dispose: async () => {},
}));
