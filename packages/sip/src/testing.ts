/** For tests only: shortens RFC 3261's timers, for every endpoint of the process. */
export { setBaseTimers } from './core/library-fixups.ts';
