/** For tests and the demo only: certificates that end with them. */

/** For tests and benchmarks only: timers hold for every endpoint of the process. */
export { forgetTransactionsAfter, setBaseTimers } from './core/library-fixups.ts';
export { parseWithSipJs } from './ingress/sipjs-parser.ts';
export { type CertificateFiles, type CertificateWish, TestAuthority } from './test-support/certificates.ts';
