/** For the benchmark only. */
export { forgetTransactionsAfter } from './core/library-fixups.ts';
export { parseWithSipJs } from './ingress/sipjs-parser.ts';
