/** For tests only: shortens RFC 3261's timers, for every endpoint of the process. */
export { setBaseTimers } from './core/library-fixups.ts';
/** For tests and the demo only: certificates that end with them. */
export { type CertificateFiles, type CertificateWish, TestAuthority } from './test-support/certificates.ts';
